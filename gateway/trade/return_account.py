# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The return account: how much of each line of a list may come back, and how much has.

It is opened from the stored original when the first return of a list comes, never on the way of the exports.
Its limits follow the original if that is changed later, but never below what is drawn.
"""

import msgspec

from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.return_rows import ReturnAccountRow
from gateway.exchange.rows import ItemRow
from gateway.model import ContentPiece, Item, Quantity
from gateway.trade.return_case import FIELDS, LARGEST, ClaimLine, Draw, scaled, unscaled

BAR = "|"
Amounts = tuple[int, int, int]


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity of a line: original, drawn and left, as decimal texts; without a unit it is not stated."""

    unit: str
    original: str
    drawn: str
    left: str


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one line, for people and for what follows exported goods."""

    list_number: str
    line: int
    quantity: Balance
    legal: Balance
    second: Balance


def account(tx: Transaction, list_number: str) -> list[AccountLine]:
    """Return the account of a list, line by line; empty if nothing of it ever came back."""
    return [_shown(row) for row in tx.return_accounts(list_number)]


def view(tx: Transaction, row: ItemRow, item: Item) -> dict[int, ReturnAccountRow]:
    """Return the accounts of an original by line, as they are or, unopened, would be; writes nothing.

    A line whose account was opened for another item of the same number has none here.
    """
    lines = planned(row, item, now=row.updated_at)
    for held in tx.return_accounts(item.list_number or item.mrn or ""):
        line = lines.pop(held.line, None)
        if line is not None and (held.item, held.units) == (row.id, line.units):
            lines[held.line] = msgspec.structs.replace(
                held, quantity=line.quantity, legal=line.legal, second=line.second
            )
    return lines


def opened(tx: Transaction, row: ItemRow, item: Item, *, ids: Ids, now: int) -> dict[int, ReturnAccountRow]:
    """Open the accounts of an original, or bring their limits up to date; return them by line."""
    number = item.list_number or item.mrn or ""
    held = {one.line: one for one in tx.return_accounts(number)}
    lines = planned(row, item, now=now)
    fresh = [one for one in lines.values() if one.line not in held]
    if fresh:
        keys = ids.take(len(fresh))
        tx.open_return_accounts(
            [msgspec.structs.replace(one, id=key) for one, key in zip(fresh, keys, strict=True)]
        )
    for line, one in lines.items():
        was = held.get(line)
        if was is not None and was.item == row.id and was.item_version != row.version:
            tx.limit_return_account(was.id, row.version, (one.quantity, one.legal, one.second))
    return {one.line: one for one in tx.return_accounts(number) if one.item == row.id}


def planned(row: ItemRow, item: Item, *, now: int) -> dict[int, ReturnAccountRow]:
    """Return the accounts of an original as they are opened; lines without a quantity have none."""
    made: dict[int, ReturnAccountRow] = {}
    for place, piece in enumerate(item.content, 1):
        line = piece.number or place
        amounts, units = _limits(piece)
        if amounts[0] > 0:
            made[line] = ReturnAccountRow(
                id=0,
                list_number=item.list_number or item.mrn or "",
                line=line,
                item=row.id,
                item_version=row.version,
                quantity=amounts[0],
                legal=amounts[1],
                second=amounts[2],
                drawn_quantity=0,
                drawn_legal=0,
                drawn_second=0,
                units=BAR.join(units),
                opened_at=now,
            )
    return made


def left(row: ReturnAccountRow) -> Amounts:
    """Return what may still come back of a line."""
    return (
        row.quantity - row.drawn_quantity,
        row.legal - row.drawn_legal,
        row.second - row.drawn_second,
    )


def units(row: ReturnAccountRow) -> list[str]:
    """Return the three units of an account."""
    return row.units.split(BAR)


def wanted(row: ReturnAccountRow, line: ClaimLine) -> Draw:
    """Return what a line of a return draws: what it states, as far as the original states it too."""
    amounts = tuple(
        scaled(amount.value) if (amount := getattr(line, name)) is not None and unit else 0
        for name, unit in zip(FIELDS, units(row), strict=True)
    )
    return Draw(account=row.id, line=row.line, amounts=(amounts[0], amounts[1], amounts[2]))


def _limits(piece: ContentPiece) -> tuple[Amounts, tuple[str, str, str]]:
    """Return limits and units of a line; what it does not state exactly has limit 0 and no unit."""
    said = [_limit(one) for one in (piece.quantity, piece.legal_quantity, piece.second_quantity)]
    (first, one), (second, two), (third, three) = said
    return (first, second, third), (one, two, three)


def _limit(said: Quantity | None) -> tuple[int, str]:
    """Return one limit with its unit."""
    if said is None or said.value is None or not said.unit or not 0 < said.value <= LARGEST:
        return 0, ""
    return scaled(said.value), said.unit


def _shown(row: ReturnAccountRow) -> AccountLine:
    """Return an account as it is shown."""
    drawn = (row.drawn_quantity, row.drawn_legal, row.drawn_second)
    balances = [
        Balance(unit=unit, original=str(unscaled(limit)), drawn=str(unscaled(used)), left=str(unscaled(rest)))
        for unit, limit, used, rest in zip(
            units(row), (row.quantity, row.legal, row.second), drawn, left(row), strict=True
        )
    ]
    return AccountLine(
        list_number=row.list_number,
        line=row.line,
        quantity=balances[0],
        legal=balances[1],
        second=balances[2],
    )
