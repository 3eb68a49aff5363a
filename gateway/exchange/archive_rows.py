# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of the archive: its days, their manifests, their files."""

from typing import Any

from gateway.exchange.rows import Row

Values = tuple[Any, ...]

WRITTEN = "written"
"""The files are there, not every row of theirs is dropped."""
CLOSED = "closed"
"""Nothing of the day is in the database any more but the heads of messages and batches."""
REPLACED = "replaced"
"""A later revision stands for the day, or a later file for the rows."""
DROPPED = "dropped"
"""The rows of a file are in the archive only."""


class DayRow(Row, frozen=True, kw_only=True, gc=False):
    """One day in UTC: `first` is the smallest id that can be of it, `end` the smallest above it."""

    day: str
    first: int
    end: int


class ManifestRow(Row, frozen=True, kw_only=True, gc=False):
    """One revision of a day; `partner` names the log of its entry, which is the anchor log."""

    id: int
    day: str
    revision: int
    state: str
    created_at: int
    rows: int
    partner: str
    envelope: bytes
    log_index: int


class PartRow(Row, frozen=True, kw_only=True, gc=False):
    """One file of a day, and whether its rows are dropped from the database."""

    id: int
    day: str
    table: str
    file: str
    first: int
    last: int
    rows: int
    rows_digest: str
    sha256: str
    bytes: int
    state: str


class Page(Row, frozen=True, kw_only=True, gc=False):
    """Rows of a table of a day in order, with the bounds of the key by which they were chosen."""

    first: int
    last: int
    rows: tuple[Values, ...]
