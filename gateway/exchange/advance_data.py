# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Checks of item data as advance data: does it say anything, and did it come in time.

The rules, for what posts say of items:

1. A description that consists of a vague term (list `vague_terms`, as of the day) is refused; one that merely
   holds such a term gets a warning. Letters count without case, and what is no letter or digit divides words.
2. A party's name that consists of a term for names is refused.
3. Data that comes after the item was dispatched or reported as loaded is taken, with a warning: it is late.

`checked` only reads; what it finds stands in the answer to the submitter.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import msgspec

from gateway.codelists import load
from gateway.exchange.movement import means_left
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import PackedDocument
from gateway.finding import Finding, finding
from gateway.model import ContributionKind, Function, Item, unpack_contribution

_LIST = "vague_terms"
_PARTY = "party:"
_DIVIDES = re.compile(r"[^0-9a-z]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """The vague terms of one day."""

    descriptions: frozenset[str]
    names: frozenset[str]
    within: re.Pattern[str]


def checked(tx: Transaction, documents: Sequence[PackedDocument], on: date) -> Sequence[PackedDocument]:
    """Return the documents with what is to be said about their data added to their findings."""
    if not any(_is_new(one) for document in documents for one in document.contributions):
        return documents
    return [
        msgspec.structs.replace(document, findings=(*document.findings, *found)) if found else document
        for document, found in ((one, tuple(_check(tx, one, vague_terms(on)))) for one in documents)
    ]


@lru_cache(8)
def vague_terms(on: date) -> Terms:
    """Return the terms that are vague on a day."""
    codes = load(_LIST, on=on).rows
    descriptions = frozenset(_plain(one) for one in codes if not one.startswith(_PARTY))
    longest_first = sorted(descriptions, key=lambda one: (-len(one), one))
    within = re.compile(rf"(?<![0-9a-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9a-z])")
    names = frozenset(_plain(one.removeprefix(_PARTY)) for one in codes if one.startswith(_PARTY))
    return Terms(descriptions, names, within)


def _is_new(one: object) -> bool:
    """Say whether a contribution is a post's new word about an item."""
    return getattr(one, "kind", None) is ContributionKind.POSTAL and (
        getattr(one, "function", None) is not Function.DELETE
    )


def _check(tx: Transaction, document: PackedDocument, terms: Terms) -> Iterator[Finding]:
    """Yield what is to be said about the item data of a document."""
    for one in document.contributions:
        if _is_new(one):
            item = unpack_contribution(one.body).item
            yield from _vague(item, terms)
            if one.function is Function.NEW and item.tracking_number and _has_left(tx, item):
                yield finding("POSTAL-LATE", path="tracking_number")


def _vague(item: Item, terms: Terms) -> Iterator[Finding]:
    """Yield the texts that say nothing, without repeating them."""
    for index, piece in enumerate(item.content):
        text, path = _plain(piece.description or ""), f"content[{index}].description"
        if text in terms.descriptions:
            yield finding("POSTAL-VAGUE", path=path)
        elif text and terms.within.search(text):
            yield finding("POSTAL-VAGUE-PART", path=path)
    for role in ("sender", "addressee"):
        party = getattr(item, role)
        if party is not None and _plain(party.name or "") in terms.names:
            yield finding("POSTAL-VAGUE-NAME", path=f"{role}.name")


def _has_left(tx: Transaction, item: Item) -> bool:
    """Say whether the item was dispatched before its data came."""
    day = item.posting_date.isoformat() if item.posting_date else ""
    rows = tx.movements_of([item.tracking_number or ""])
    return any(means_left(row) and (day in ("", row.posting_date) or not row.posting_date) for row in rows)


def _plain(text: str) -> str:
    """Return a text in small letters with single spaces."""
    return _DIVIDES.sub(" ", text.lower()).strip()
