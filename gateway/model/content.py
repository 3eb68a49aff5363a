# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Goods lines."""

from gateway.model.document import Document, Procedure, Statement, TariffCode
from gateway.model.measures import Mass, Money, Quantity
from gateway.model.record import Record


class LineFiling(Record, frozen=True, kw_only=True, gc=False):
    """What a customs filing says of a goods line beyond the goods themselves (WCO DEC, ICS2)."""

    procedure: str | None = None
    previous_procedure: str | None = None
    additional_procedures: tuple[Procedure, ...] = ()
    customs_value: Money | None = None
    statistical_value: Money | None = None
    valuation_method: str | None = None
    preference: str | None = None
    tariff_codes: tuple[TariffCode, ...] = ()
    cus_code: str | None = None
    package_type: str | None = None
    package_count: int | None = None
    marks: str | None = None
    documents: tuple[Document, ...] = ()
    previous_documents: tuple[Document, ...] = ()
    statements: tuple[Statement, ...] = ()


class Ruling(Record, frozen=True, kw_only=True, gc=False):
    """What customs revised or forbade of a goods line (UPU CDS content piece)."""

    description: str | None = None
    hs: str | None = None
    restriction: str | None = None
    note: str | None = None


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
    gross_mass: Mass | None = None
    filing: LineFiling | None = None
    ruling: Ruling | None = None
