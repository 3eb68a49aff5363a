# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What only postal or only customs filings say of an item as a whole."""

from datetime import datetime

from gateway.model.document import Document, Statement
from gateway.model.party import Party
from gateway.model.record import Record


class PostalService(Record, frozen=True, kw_only=True, gc=False):
    """How a post carries an item; codes of the UPU lists, operators by their IMPC or operator code."""

    mail_class: str | None = None
    mail_category: str | None = None
    mail_subclass: str | None = None
    handling_class: str | None = None
    origin_operator: str | None = None
    destination_operator: str | None = None
    local_number: str | None = None
    receptacle: str | None = None
    dispatch: str | None = None
    customs_treatment: str | None = None


class FiscalReference(Record, frozen=True, kw_only=True, gc=False):
    """A tax identifier such as an IOSS number; `role` is of the EU or WCO role list."""

    role: str | None = None
    identifier: str | None = None


class Filing(Record, frozen=True, kw_only=True, gc=False):
    """What a customs filing says of the declaration itself (WCO DEC, ICS2, ENS)."""

    kind: str | None = None
    reference: str | None = None
    amendment: int | None = None
    procedure_category: str | None = None
    presentation_office: str | None = None
    first_entry_office: str | None = None
    goods_location: str | None = None
    loading_place: str | None = None
    unloading_place: str | None = None
    export_country: str | None = None
    delivery_terms: str | None = None
    specific_circumstance: str | None = None
    charges_payment: str | None = None
    declared_at: datetime | None = None
    expected_at: datetime | None = None
    container: str | None = None
    buyer: Party | None = None
    representative: Party | None = None
    representative_status: str | None = None
    notify: Party | None = None
    fiscal_references: tuple[FiscalReference, ...] = ()
    previous_documents: tuple[Document, ...] = ()
    statements: tuple[Statement, ...] = ()


class Facilitation(Record, frozen=True, kw_only=True, gc=False):
    """Which facilitations dated rules give an item, each "yes" or "no"; `reason` names the rules."""

    simplified: str | None = None
    priority_inspection: str | None = None
    transfer: str | None = None
    reason: str | None = None
