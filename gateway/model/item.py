# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The canonical item: one postal item, parcel or house-level shipment, and what belongs to it.

Passive data. Every leaf is optional because an item is the merge of contributions and says itself what is
missing; obligation comes from agreements and from the tables of messages. Numbers are exact decimals, codes
are ISO or WCO codes unless the field says otherwise. Names follow UPU CDS and the WCO Data Model.
Fields are only ever appended: stored contributions are read by name.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What all canonical records share: immutable, keyword-only, absent fields not written.

    No record holds itself, so the garbage collector need not watch them.
    """


class Mass(Record, frozen=True, kw_only=True, gc=False):
    """A mass; `unit` is a UN/ECE Recommendation 20 code, KGM for kilograms."""

    value: Decimal | None = None
    unit: str | None = None


class Money(Record, frozen=True, kw_only=True, gc=False):
    """An exact amount with its ISO 4217 alpha-3 currency."""

    amount: Decimal | None = None
    currency: str | None = None


class Charge(Record, frozen=True, kw_only=True, gc=False):
    """A freight or insurance charge; `basis` is rate, unit or total (an amount unless it is a rate)."""

    amount: Decimal | None = None
    currency: str | None = None
    basis: str | None = None


class Quantity(Record, frozen=True, kw_only=True, gc=False):
    """A count or measure; `unit` is a UN/ECE Recommendation 20 code, or `CEB:nnn` where none is known."""

    value: Decimal | None = None
    unit: str | None = None


class Address(Record, frozen=True, kw_only=True, gc=False):
    """A postal address; `country` is ISO 3166-1 alpha-2, `lines` the street part as written."""

    lines: str | None = None
    city: str | None = None
    subdivision: str | None = None
    postcode: str | None = None
    country: str | None = None


class Party(Record, frozen=True, kw_only=True, gc=False):
    """A person or organisation in one role; `identifier_scheme` names who issued the identifier."""

    name: str | None = None
    identifier: str | None = None
    identifier_scheme: str | None = None
    address: Address | None = None
    telephone: str | None = None
    email: str | None = None


class Transport(Record, frozen=True, kw_only=True, gc=False):
    """How the item moves; `mode` is UN/ECE Recommendation 19 (1 sea, 3 road, 4 air, 5 post)."""

    mode: str | None = None
    means: str | None = None
    voyage: str | None = None
    bill_number: str | None = None
    package_number: str | None = None
    domestic_means: str | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None


class ContentPiece(Record, frozen=True, kw_only=True, gc=False):
    """One goods line (CN 22/23 content piece, WCO goods item); `number` counts from 1 within the item.

    `commodity_code` is the full code as declared and `hs` its meaningful heading or subheading, never padded.
    `legal_quantity` and `second_quantity` are the statutory quantities of a Chinese declaration.
    """

    number: int | None = None
    item_number: str | None = None
    record_number: str | None = None
    item_name: str | None = None
    description: str | None = None
    specification: str | None = None
    commodity_code: str | None = None
    hs: str | None = None
    barcode: str | None = None
    origin_country: str | None = None
    trade_country: str | None = None
    destination_country: str | None = None
    quantity: Quantity | None = None
    legal_quantity: Quantity | None = None
    second_quantity: Quantity | None = None
    net_mass: Mass | None = None
    unit_price: Money | None = None
    value: Money | None = None
    note: str | None = None


class Item(Record, frozen=True, kw_only=True, gc=False):
    """The unit of advance data; identified by tracking number and, where known, posting date."""

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
