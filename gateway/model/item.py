# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The canonical item: one postal item, parcel or house-level shipment, and what belongs to it.

Passive data. Every leaf is optional because an item is the merge of contributions and says itself what is
missing; obligation comes from agreements and from the tables of messages. Numbers are exact decimals, codes
are ISO or WCO codes unless the field says otherwise. Names follow UPU CDS and the WCO Data Model.
Fields are only ever appended: stored contributions are read by name.
"""

from datetime import date, datetime

from gateway.model.content import ContentPiece
from gateway.model.control import Control
from gateway.model.dispatch import Dispatch
from gateway.model.document import Document
from gateway.model.event import Event
from gateway.model.measures import Charge, Mass, Money
from gateway.model.party import Party
from gateway.model.record import Record
from gateway.model.response import Answer, Assessment
from gateway.model.service import Facilitation, Filing, PostalService


class Transport(Record, frozen=True, kw_only=True, gc=False):
    """How the item moves; `mode` is UN/ECE Recommendation 19 (1 sea, 3 road, 4 air, 5 post).

    `means_kind` says what kind of identifier `means` is (WCO T005), `nationality` is ISO 3166-1 alpha-2.
    """

    mode: str | None = None
    means: str | None = None
    voyage: str | None = None
    bill_number: str | None = None
    package_number: str | None = None
    domestic_means: str | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    means_kind: str | None = None
    nationality: str | None = None


class Item(Record, frozen=True, kw_only=True, gc=False):
    """The unit of advance data; identified by tracking number and, where known, posting date.

    The other canonical records are about items, so each of them has the shape of an item that carries its
    identification and one of the groups `event`, `dispatch`, `assessment`, `answer` or `control`; `RECORDS`
    names them.
    """

    tracking_number: str | None = None
    posting_date: date | None = None
    direction: str | None = None
    trade_mode: str | None = None
    nature_of_transaction: str | None = None
    order_number: str | None = None
    order_type: str | None = None
    list_reference: str | None = None
    list_prenumber: str | None = None
    list_number: str | None = None
    ucr: str | None = None
    mrn: str | None = None
    declaration_office: str | None = None
    border_office: str | None = None
    supervised_site: str | None = None
    border_date: date | None = None
    declared_on: date | None = None
    statistics_class: str | None = None
    licence_number: str | None = None
    account_book: str | None = None
    assurance_number: str | None = None
    area_code: str | None = None
    area_name: str | None = None
    destination_country: str | None = None
    departure_country: str | None = None
    discharge_port: str | None = None
    transport: Transport | None = None
    freight: Charge | None = None
    insurance: Charge | None = None
    postage: Money | None = None
    insured_value: Money | None = None
    goods_value: Money | None = None
    package_type: str | None = None
    package_count: int | None = None
    gross_mass: Mass | None = None
    net_mass: Mass | None = None
    goods_summary: str | None = None
    sender: Party | None = None
    addressee: Party | None = None
    declarant: Party | None = None
    seller: Party | None = None
    platform: Party | None = None
    carrier: Party | None = None
    importer: Party | None = None
    producer: Party | None = None
    zone_enterprise: Party | None = None
    site_operator: Party | None = None
    payer: Party | None = None
    payment_firm: Party | None = None
    payment_number: str | None = None
    payment: Money | None = None
    payment_date: date | None = None
    cancellation_reason: str | None = None
    note: str | None = None
    content: tuple[ContentPiece, ...] = ()
    postal: PostalService | None = None
    filing: Filing | None = None
    documents: tuple[Document, ...] = ()
    event: Event | None = None
    dispatch: Dispatch | None = None
    assessment: Assessment | None = None
    answer: Answer | None = None
    control: Control | None = None
    facilitation: Facilitation | None = None


IDENTIFICATION = (
    "tracking_number",
    "posting_date",
    "order_number",
    "list_number",
    "ucr",
    "mrn",
)
"""What every record may bear to say which item it is about."""

RECORDS = ("item", "event", "dispatch", "assessment", "answer", "control")
"""The kinds of record, named after the group that each of them carries."""
