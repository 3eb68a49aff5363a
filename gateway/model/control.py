# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A control that customs carried out, for others to rely on."""

from datetime import datetime

from gateway.model.record import Record


class Seal(Record, frozen=True, kw_only=True, gc=False):
    """A seal by its number; `state` is affixed, intact, broken, replaced or removed."""

    number: str | None = None
    state: str | None = None


class Picture(Record, frozen=True, kw_only=True, gc=False):
    """An image that stays where it was taken, known by the SHA-256 of its bytes in hexadecimal."""

    digest: str | None = None
    media_type: str | None = None


class Control(Record, frozen=True, kw_only=True, gc=False):
    """One control result (cf. ICS2 IE4S01 to S03); `result` is satisfactory, discrepancy or not_completed."""

    reference: str | None = None
    office: str | None = None
    at: datetime | None = None
    method: str | None = None
    stage: str | None = None
    result: str | None = None
    result_code: str | None = None
    text: str | None = None
    seals: tuple[Seal, ...] = ()
    pictures: tuple[Picture, ...] = ()
