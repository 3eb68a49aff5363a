# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The stock of 9810 per stocking order: shipped, sold, returned, remaining.

The rules:

1. Shipped is what the export lists of the order in force say: a corrected or cancelled list changes it.
2. Sold and returned are reports of the seller or warehouse, only ever added. A reference is used once; the
   same report again changes nothing. Returns that this gateway settles count as returned by themselves, from
   the account of their list; a report is for those that it does not settle.
3. Taken back is what was sold and came back: into the stock, or with a return. It lowers what is sold.
4. A report of more than remains is refused, and so is one that takes back more than is sold. Two reports at
   one time come one after the other.
5. Each report is a statement whose salted digest goes into the log `<us>/stock` in the same transaction.
6. A line is the item number of its lists, in one unit. Where a list is cancelled after its goods were sold,
   what remains is below zero, and shown so.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.errors import InputError
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.rows import ItemRow
from gateway.exchange.stock_rows import StockRow
from gateway.exchange.touched import OPEN
from gateway.finding import finding
from gateway.model import unpack_item
from gateway.trade.return_case import unscaled

LOG = "stock"
PAGE = 500
MODE, EXPORT = "9810", "export"
_ZERO = Decimal(0)

Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody reports of a line of a stocking order; `source` is what it rests on."""

    reference: Text
    line: Text
    kind: Literal["sold", "returned", "taken-back"]
    quantity: Decimal
    unit: Text
    on: date
    source: Text


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept."""

    order: str
    report: Report
    actor: str
    recorded_at_ms: int
    log_index: int = -1


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of a stocking order comes to; `sold` is without what was taken back."""

    line: str
    unit: str
    shipped: Decimal
    sold: Decimal
    returned: Decimal
    taken_back: Decimal
    remaining: Decimal


class _Trade(msgspec.Struct, frozen=True, gc=False):
    """The few fields of an item that say whether it is shipped into a stock."""

    direction: str | None = None
    trade_mode: str | None = None


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """A stocking order: its lines, and its reports, oldest first."""

    order: str
    lines: tuple[Line, ...]
    history: tuple[Recorded, ...]


_decode = msgspec.json.Decoder(Recorded).decode
_trade = msgspec.msgpack.Decoder(_Trade).decode


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the keys of stocking orders: the next one begins after `next`, none follows if it is empty.

    A page can be empty although another follows.
    """

    orders: tuple[str, ...]
    next: str = ""


class Stocks:
    """The stock that one gateway follows."""

    def __init__(self, *, store: Store, ids: Ids, clock: Clock, journal: Journal) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal

    async def record(self, platform: str, order: str, report: Report, *, actor: str) -> Recorded:
        """Keep a report, once.

        Raises:
            InputError: the order has no such line in that unit, less remains, or the reference is taken.
        """
        key = order_key(platform, order)
        return await self._store.transact(lambda tx: self._record(tx, key, report, actor))

    async def show(self, platform: str, order: str) -> Stock | None:
        """Return the stock of an order, none if nothing was shipped or reported."""
        return await self._store.read(lambda tx: stock(tx, order_key(platform, order)))

    async def orders(self, after: str = "") -> Orders:
        """Return the orders above a key under which something is shipped or reported."""
        return await self._store.read(lambda tx: stocked(tx, after))

    def _record(self, tx: Transaction, key: str, report: Report, actor: str) -> Recorded:
        """Check a report against what remains, log it and keep it."""
        tx.log_state(self._journal.name(LOG))  # of two reports at one time the second waits here
        before = tx.stock_report(report.reference)
        if before is not None:
            return _again(before, key, report)
        _check(stock(tx, key), report)
        now = milliseconds(self._clock())
        said = Recorded(order=key, report=report, actor=actor, recorded_at_ms=now)
        statement = msgspec.json.encode(said)
        number, row = self._ids.take(2)
        entry = self._journal.record_event(
            tx, LOG, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=LOG, made_at=now, statement=statement, log_index=entry.index)
        )
        tx.add_stock(
            StockRow(
                id=row,
                order_key=key,
                reference=report.reference,
                recorded_at=now,
                log_index=entry.index,
                body=statement,
            )
        )
        return msgspec.structs.replace(said, log_index=entry.index)


def as_report(fields: Any) -> Report:
    """Return a report from what came as JSON or on the command line.

    Raises:
        InputError: a field is missing, unknown or of the wrong form.
    """
    try:
        return msgspec.convert(fields, Report)
    except msgspec.ValidationError as error:
        found = finding("STOCK-FORM", expected=str(error).split(" - at ", maxsplit=1)[0])
        raise InputError("not a report of stock", (found,)) from None


def order_key(platform: str, order: str) -> str:
    """Return the business key of an order."""
    return f"ord:{platform}|{order}"


def stock(tx: Transaction, key: str) -> Stock | None:
    """Return the stock of an order, none if nothing was shipped or reported."""
    shipped, drawn = _shipped(tx, key)
    history = tuple(_recorded(row) for row in tx.stock_of(key))
    moved = dict.fromkeys(("sold", "returned", "taken_back"), _ZERO)
    sums = {place: moved | {"returned": drawn.get(place, _ZERO)} for place in shipped}
    for one in history:
        counted = sums.setdefault((one.report.line, one.report.unit), dict(moved))
        if one.report.kind == "taken-back":
            counted["taken_back"] += one.report.quantity
            counted["sold"] -= one.report.quantity
        else:
            counted[one.report.kind] += one.report.quantity
    if not sums:
        return None
    lines = tuple(
        Line(
            line=line,
            unit=unit,
            shipped=shipped.get((line, unit), _ZERO),
            **counted,
            remaining=shipped.get((line, unit), _ZERO) - counted["sold"] - counted["returned"],
        )
        for (line, unit), counted in sorted(sums.items())
    )
    return Stock(order=key, lines=lines, history=history)


def stocked(tx: Transaction, after: str, most: int = PAGE) -> Orders:
    """Return which of the next `most` orders above a key have stock or reports; every face shows this list.

    Orders of every mode are looked at: items are not indexed by mode.
    """
    keys = tx.any_orders(after, most)
    found = {row.order_key for row in tx.items_by_order(keys) if _ships(row)}
    found.update(key for key in keys if key not in found and tx.stock_of(key))
    chosen = tuple(key for key in keys if key in found)
    return Orders(orders=chosen, next=keys[-1] if len(keys) == most else "")


def _ships(row: ItemRow) -> bool:
    """Say whether an item is shipped into a stock, and not taken back."""
    if row.record != "item" or row.state != OPEN or not row.body:
        return False
    trade = _trade(row.body)
    return (trade.trade_mode, trade.direction) == (MODE, EXPORT)


def _shipped(
    tx: Transaction, key: str
) -> tuple[dict[tuple[str, str], Decimal], dict[tuple[str, str], Decimal]]:
    """Return what the lists of an order ship, and what settled returns drew of it, by line and unit."""
    found: dict[tuple[str, str], Decimal] = {}
    drawn: dict[tuple[str, str], Decimal] = {}
    for row in tx.items_by_order([key]):
        if not _ships(row):
            continue
        item = unpack_item(row.body)
        number = item.list_number or item.mrn or ""
        accounts = {one.line: one for one in tx.return_accounts(number) if one.item == row.id}
        for place, piece in enumerate(item.content, 1):
            if piece.quantity is not None and piece.quantity.value is not None:
                line = piece.item_number or str(piece.number or place)
                where = (line, piece.quantity.unit or "")
                found[where] = found.get(where, _ZERO) + piece.quantity.value
                account = accounts.get(piece.number or place)
                if account is not None:
                    drawn[where] = drawn.get(where, _ZERO) + unscaled(account.drawn_quantity)
    return found, drawn


def _check(there: Stock | None, report: Report) -> None:
    """Refuse a report of more than there is.

    Raises:
        InputError: the line is unknown, or less of it remains.
    """
    if not report.quantity.is_finite() or report.quantity <= 0:
        found = finding("STOCK-QUANTITY", path="quantity", expected="above 0", actual=str(report.quantity))
        raise InputError("no quantity", (found,))
    lines = there.lines if there is not None else ()
    line = next((one for one in lines if (one.line, one.unit) == (report.line, report.unit)), None)
    if line is None:
        known = ", ".join(f"{one.line} in {one.unit}" for one in lines) or "no lines"
        found = finding("STOCK-LINE", path="line", expected=known, actual=f"{report.line} in {report.unit}")
        raise InputError("no such line", (found,))
    most = line.sold if report.kind == "taken-back" else line.remaining
    if report.quantity > most:
        expected = f"at most {most:f}"
        found = finding("STOCK-SHORT", path="quantity", expected=expected, actual=f"{report.quantity:f}")
        raise InputError("less remains", (found,))


def _again(before: StockRow, key: str, report: Report) -> Recorded:
    """Return what was recorded under a reference, if it was the same.

    Raises:
        InputError: it was something else.
    """
    said = _recorded(before)
    if (said.order, said.report) != (key, report):
        found = finding("STOCK-REFERENCE", path="reference", actual=report.reference)
        raise InputError("the reference is taken", (found,))
    return said


def _recorded(row: StockRow) -> Recorded:
    """Return the report that a row holds."""
    return msgspec.structs.replace(_decode(row.body), log_index=row.log_index)
