# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Mail under way together: a dispatch or consignment, its receptacles, and the items in them."""

from datetime import date, datetime

from gateway.model.measures import Mass
from gateway.model.record import Record


class ReceptacleItem(Record, frozen=True, kw_only=True, gc=False):
    """An item in a receptacle."""

    tracking_number: str | None = None
    posting_date: date | None = None
    gross_mass: Mass | None = None


class Receptacle(Record, frozen=True, kw_only=True, gc=False):
    """A bag or tray; `number` is its S9 identifier, `status` what a scan or a carrier says of it."""

    number: str | None = None
    kind: str | None = None
    handling_class: str | None = None
    gross_mass: Mass | None = None
    item_count: int | None = None
    status: str | None = None
    at: datetime | None = None
    items: tuple[ReceptacleItem, ...] = ()


class Dispatch(Record, frozen=True, kw_only=True, gc=False):
    """A dispatch (S8) or a consignment of receptacles, at one stage of its way.

    `stage` says which message family speaks: closed (PREDES), scanned (RESDES), consigned (PRECON, CARDIT) or
    carried (RESDIT). Offices are IMPC codes; `departure_place` and `arrival_place` UN/LOCODE or IATA.
    """

    number: str | None = None
    stage: str | None = None
    consignment: str | None = None
    origin_office: str | None = None
    destination_office: str | None = None
    mail_category: str | None = None
    mail_class: str | None = None
    mail_subclass: str | None = None
    closed_at: datetime | None = None
    carrier: str | None = None
    conveyance: str | None = None
    departure_place: str | None = None
    arrival_place: str | None = None
    departs_at: datetime | None = None
    arrives_at: datetime | None = None
    receptacles: tuple[Receptacle, ...] = ()
