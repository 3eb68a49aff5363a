# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Papers, statements and codes that a filing attaches to an item or to one of its goods lines."""

from datetime import date

from gateway.model.record import Record


class Document(Record, frozen=True, kw_only=True, gc=False):
    """A document that accompanies or precedes; `kind` is the code of the list that `scheme` names.

    `category` tells previous documents apart where a format does (WCO D031); `line` is a goods line of it.
    """

    kind: str | None = None
    scheme: str | None = None
    number: str | None = None
    name: str | None = None
    category: str | None = None
    line: int | None = None
    issuer: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None


class Statement(Record, frozen=True, kw_only=True, gc=False):
    """An additional statement, coded or in words (WCO 225, 226)."""

    code: str | None = None
    text: str | None = None


class Procedure(Record, frozen=True, kw_only=True, gc=False):
    """An additional procedure code (WCO GovernmentProcedure)."""

    code: str | None = None


class TariffCode(Record, frozen=True, kw_only=True, gc=False):
    """A further classification beside the commodity code; `scheme` names its list (WCO 337)."""

    scheme: str | None = None
    code: str | None = None
