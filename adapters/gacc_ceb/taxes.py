# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The amounts of an electronic tax bill (CEB816): three in its head, three in each of its lines.

They become taxes of an assessment, kinds as in UN/EDIFACT 5153 (CUD, VAT, EXC), in yuan. With lines the taxes
are those of the lines, in their order, each with code and base of its line, and the head must be their sum.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import Assessment, ContentPiece, Finding, Item, Money, Tax, finding

BILL = "CEB816"
CURRENCY = "CNY"
AMOUNTS: Mapping[str, str] = {"customsTax": "CUD", "valueAddedTax": "VAT", "consumptionTax": "EXC"}
_ZERO = Decimal(0)
Fields = dict[str, str]


def read(item: Item, head: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> Item:
    """Return the item with the taxes and the total of its bill, whose amounts the table has found good."""
    totals = _amounts(head)
    if len(lines) == len(item.content) and lines:
        taxes = tuple(
            _tax(kind, amount, piece)
            for piece, line in zip(item.content, lines, strict=True)
            for kind, amount in _amounts(line).items()
        )
    else:
        taxes = tuple(_tax(kind, amount, None) for kind, amount in totals.items())
    said = item.assessment or Assessment()
    total = Money(amount=sum(totals.values(), _ZERO), currency=CURRENCY) if totals else None
    return msgspec.structs.replace(item, assessment=msgspec.structs.replace(said, taxes=taxes, total=total))


def check(message: MessageType, item: Item, head: Mapping[str, str], position: str) -> Iterator[Finding]:
    """Say where the head of a bill is not the sum of its lines."""
    if not item.content or item.assessment is None:
        return
    for name, kind in AMOUNTS.items():
        said = _amounts(head).get(kind)
        summed = sum((_amount(one) for one in item.assessment.taxes if one.kind == kind), _ZERO)
        if said is not None and said != summed:
            yield finding(
                "CEB-TAX-SUM",
                path=f"{message.prefix}{name}",
                position=position,
                expected=f"{summed:f}",
                actual=f"{said:f}",
            )


def write(item: Item) -> tuple[Item, Fields, list[Fields]]:
    """Return the item without taxes, the amounts of the head, and those of each line.

    Taxes that a bill cannot say stay in the item, so that their loss is told.
    """
    said = item.assessment
    if said is None:
        return item, {}, []
    amounts: dict[str, Decimal] = {}
    for one in said.taxes:
        amounts[one.kind or ""] = amounts.get(one.kind or "", _ZERO) + _amount(one)
    head = {name: f"{amounts[kind]:f}" for name, kind in AMOUNTS.items() if kind in amounts}
    lines: list[Fields] = []
    names = {kind: name for name, kind in AMOUNTS.items()}
    step = len(AMOUNTS)
    if item.content and len(said.taxes) == step * len(item.content):
        for start in range(0, len(said.taxes), step):
            some = said.taxes[start : start + step]
            lines.append({names[one.kind or ""]: f"{_amount(one):f}" for one in some if one.kind in names})
    sayable = set(amounts) <= set(names) and (bool(lines) or not item.content)
    left = () if sayable else said.taxes
    bare = msgspec.structs.replace(said, taxes=left, total=None)
    return msgspec.structs.replace(item, assessment=bare), head, lines


def _amounts(fields: Mapping[str, str]) -> dict[str, Decimal]:
    """Return the amounts of a group by kind; what is no number is the table's to say."""
    found = {}
    for name, kind in AMOUNTS.items():
        try:
            found[kind] = Decimal(fields.get(name, "").strip())
        except InvalidOperation:
            continue
    return {kind: amount for kind, amount in found.items() if amount.is_finite()}


def _amount(tax: Tax) -> Decimal:
    """Return the amount of a tax, nothing if it has none."""
    return tax.amount.amount if tax.amount and tax.amount.amount is not None else _ZERO


def _tax(kind: str, amount: Decimal, piece: ContentPiece | None) -> Tax:
    """Return one tax."""
    return Tax(
        kind=kind,
        amount=Money(amount=amount, currency=CURRENCY),
        base=piece.filing.customs_value if piece and piece.filing else None,
        hs=piece.hs if piece else None,
    )
