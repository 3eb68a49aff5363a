# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Something that happened to an item."""

from datetime import datetime

from gateway.model.record import Record


class Event(Record, frozen=True, kw_only=True, gc=False):
    """One event; `code` is of the list that `scheme` names: EMSEVT (EMA to EXX) or RESDIT.

    `office` and `next_office` are IMPC codes, `dispatch` and `receptacle` S8 and S9 identifiers.
    """

    code: str | None = None
    scheme: str | None = None
    at: datetime | None = None
    office: str | None = None
    next_office: str | None = None
    condition: str | None = None
    retention_reason: str | None = None
    dispatch: str | None = None
    receptacle: str | None = None
    note: str | None = None
