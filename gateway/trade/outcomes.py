# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare a control with the later one that the other side made of the same item: agreed or disagreed.

A control that was not completed says nothing, on either side. The last word of the later control counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gateway.clock import milliseconds
from gateway.exchange.control_rows import RecognitionRow
from gateway.exchange.ports import Transaction
from gateway.model import Item
from gateway.trade.control import NOT_COMPLETED
from gateway.trade.received import received

AGREED, DISAGREED = "agreed", "disagreed"
OURS, THEIRS = "ours", "theirs"


class Later(NamedTuple):
    """A control that may be later than another; times in milliseconds, the posting date empty if not told."""

    reference: str
    at: int
    result: str
    posting_date: str


def compare_ours(tx: Transaction, number: str) -> None:
    """Compare the partners' controls of an item with the later ones of our own."""
    held = [one for one in tx.recognitions_of([number]) if one.side == THEIRS]
    if held:
        last = {row.reference: row for row in tx.controls_of([number]) if row.body}
        mine = [Later(one.reference, one.at, one.result, one.posting_date) for one in last.values()]
        _compare(tx, held, mine)


def compare_theirs(tx: Transaction, number: str, partner: str) -> None:
    """Compare our own controls of an item with the later ones that a partner told of."""
    held = [one for one in tx.recognitions_of([number]) if (one.side, one.partner) == (OURS, partner)]
    if held:
        last = {
            one.release.reference: one.release.item
            for one in received(tx, number, "control")
            if one.batch.partner == partner
        }
        theirs = [
            Later(said.reference or "", milliseconds(said.at), said.result or "", day_of(item))
            for item in last.values()
            if (said := item.control) is not None and said.at is not None
        ]
        _compare(tx, held, theirs)


def _compare(tx: Transaction, held: Sequence[RecognitionRow], others: Sequence[Later]) -> None:
    """Write what the comparison gives, where it gives something else than before."""
    changed = []
    for row in held:
        later = [one for one in others if _is_later(one, row)]
        said = min(later, key=lambda one: one.at, default=None)
        if said is None or row.result in ("", NOT_COMPLETED):
            outcome, own = "", ""
        else:
            outcome, own = AGREED if said.result == row.result else DISAGREED, said.reference
        if (outcome, own) != (row.outcome, row.own):
            changed.append(msgspec.structs.replace(row, outcome=outcome, own=own))
    if changed:
        tx.put_recognitions(changed)


def _is_later(one: Later, row: RecognitionRow) -> bool:
    """Say whether a control was completed after the one of a decision, on the same posting of the number."""
    same = "" in (one.posting_date, row.posting_date) or one.posting_date == row.posting_date
    return same and row.at < one.at and one.result != NOT_COMPLETED


def day_of(item: Item) -> str:
    """Return the posting date of an item as rows have it."""
    return item.posting_date.isoformat() if item.posting_date else ""
