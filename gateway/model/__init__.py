# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The canonical records: frozen, passive, without verbs."""

from gateway.model.content import ContentPiece, LineFiling, Ruling
from gateway.model.contribution import (
    Contribution,
    ContributionKind,
    Function,
    pack_contribution,
    pack_item,
    unpack_contribution,
    unpack_item,
)
from gateway.model.control import Control, Picture, Seal
from gateway.model.dispatch import Dispatch, Receptacle, ReceptacleItem
from gateway.model.document import Document, Procedure, Statement, TariffCode
from gateway.model.event import Event
from gateway.model.fields import is_present, leaf_types, leaf_values, values
from gateway.model.item import IDENTIFICATION, RECORDS, Item, Transport
from gateway.model.measures import Charge, Mass, Money, Quantity
from gateway.model.message import (
    Acknowledgement,
    DecodedDocument,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Loss,
)
from gateway.model.partial import partial_reader
from gateway.model.party import Address, Party
from gateway.model.personal import MASK, is_personal, masked
from gateway.model.record import Record
from gateway.model.release import FieldCommitment, Release, ReleaseFunction, ShareState
from gateway.model.response import Answer, Assessment, Opening, Request, Screening, Tax
from gateway.model.service import Facilitation, Filing, FiscalReference, PostalService

__all__ = [
    "IDENTIFICATION",
    "MASK",
    "RECORDS",
    "Acknowledgement",
    "Address",
    "Answer",
    "Assessment",
    "Charge",
    "ContentPiece",
    "Contribution",
    "ContributionKind",
    "Control",
    "DecodedDocument",
    "DecodedMessage",
    "Dispatch",
    "Document",
    "DocumentOutcome",
    "Encoded",
    "Event",
    "Facilitation",
    "FieldCommitment",
    "Filing",
    "FiscalReference",
    "Function",
    "Item",
    "LineFiling",
    "Loss",
    "Mass",
    "Money",
    "Opening",
    "Party",
    "Picture",
    "PostalService",
    "Procedure",
    "Quantity",
    "Receptacle",
    "ReceptacleItem",
    "Record",
    "Release",
    "ReleaseFunction",
    "Request",
    "Ruling",
    "Screening",
    "Seal",
    "ShareState",
    "Statement",
    "TariffCode",
    "Tax",
    "Transport",
    "is_personal",
    "is_present",
    "leaf_types",
    "leaf_values",
    "masked",
    "pack_contribution",
    "pack_item",
    "partial_reader",
    "unpack_contribution",
    "unpack_item",
    "values",
]
