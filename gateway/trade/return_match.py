# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the original of a return: by list number, tracking number or order, with a confidence and its reasons.

The rules:

1. An original is an item with the number of a list or filing, in the direction that the return says.
2. The strongest number that finds it gives the confidence; exporter, goods and country raise or lower it.
3. A list number that is stated and known decides alone. One that is stated and not known finds nothing: that
   other numbers find something else is no reason to guess.
4. One original is matched without a person if it is sure enough, and surer than the next by a margin.
"""

from collections.abc import Iterable, Sequence

from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ItemRow
from gateway.model import ContentPiece, Item, unpack_item
from gateway.trade.return_case import Candidate, Claim
from gateway.trade.return_claim import NATURE
from gateway.trade.return_rules import Matching

CERTAIN = 100
_HEADING = 6


def candidates(tx: Transaction, claim: Claim, worth: Matching) -> list[Candidate]:
    """Return the originals that a return may be of, the surest first."""
    found = [
        _weigh(row, claim, worth, (base, why))
        for base, why, rows in _searches(tx, claim, worth)
        for row in rows
        if row.record == "item" and row.body and _is_original(unpack_item(row.body), claim)
    ]
    best: dict[int, Candidate] = {}
    for one in found:
        held = best.get(one.item)
        if held is None or one.confidence > held.confidence:
            best[one.item] = one
    return sorted(best.values(), key=lambda one: (-one.confidence, one.item))


def chosen(found: Sequence[Candidate], worth: Matching) -> Candidate | None:
    """Return the original that needs no person to choose it."""
    if not found or found[0].confidence < worth.automatic:
        return None
    if len(found) > 1 and found[0].confidence - found[1].confidence < worth.apart:
        return None
    return found[0]


def _searches(tx: Transaction, claim: Claim, worth: Matching) -> Iterable[tuple[int, str, Sequence[ItemRow]]]:
    """Yield what each number finds, with its worth."""
    if claim.list_number:
        yield worth.list_number, "list number", tx.items_by_list([f"inv:{claim.list_number}"])
        return
    for number in dict.fromkeys((claim.original_tracking_number, claim.tracking_number)):
        if number:
            yield worth.tracking_number, "tracking number", tx.items_by_tracking([number])
    if claim.order_number and claim.platform:
        key = f"ord:{claim.platform}|{claim.order_number}"
        yield worth.order_number, "platform order", tx.items_by_order([key])


def _is_original(item: Item, claim: Claim) -> bool:
    """Say whether an item can be what comes back."""
    return (
        item.direction == claim.direction
        and item.nature_of_transaction != NATURE
        and bool(item.list_number or item.mrn)
    )


def _weigh(row: ItemRow, claim: Claim, worth: Matching, base: tuple[int, str]) -> Candidate:
    """Return a candidate with its confidence."""
    item = unpack_item(row.body)
    confidence, reasons = base[0], [f"{base[1]} {base[0]}"]

    def add(points: int, text: str) -> None:
        nonlocal confidence
        confidence += points
        reasons.append(f"{text} {points:+d}")

    if claim.exporter and claim.exporter in exporters(item):
        add(worth.exporter, "same exporter")
    if claim.country and item.destination_country and claim.direction == "export":
        same = claim.country == item.destination_country
        add(worth.country if same else worth.other_country, f"{'same' if same else 'other'} country")
    coded = [one for one in claim.lines if one.commodity_code]
    if coded:
        same = all(any(same_goods(one.commodity_code, line) for line in item.content) for one in coded)
        add(worth.goods if same else worth.other_goods, f"{'same' if same else 'other'} goods")
    return Candidate(
        list_number=item.list_number or item.mrn or "",
        tracking_number=row.tracking_number,
        item=row.id,
        confidence=max(0, min(CERTAIN, confidence)),
        reasons=tuple(reasons),
    )


def exporters(item: Item) -> frozenset[str]:
    """Return the codes by which an original names who sold or sent it."""
    parties = (item.sender, item.seller)
    return frozenset(one.identifier for one in parties if one is not None and one.identifier)


def same_goods(code: str, line: ContentPiece) -> bool:
    """Say whether a code fits a line, as far as both are given, six digits at most."""
    ours = line.commodity_code or line.hs or ""
    length = min(len(code), len(ours), _HEADING)
    return bool(ours) and code[:length] == ours[:length]
