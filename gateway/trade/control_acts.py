# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Work out the next version of a control result; refuse what the rules do not allow; write nothing.

The rules:

1. The item is one that our side declared and that is open, or one that a partner sent.
2. A control is after all other controls of the item and not in the future.
3. What our side declared must not have left: neither when the control was made, nor when it is first told.
4. The seals of all controls of the item are one chain (`seal_chain`).
5. Nothing is edited: an amendment is a later version under the same reference, about the same item and
   office.
6. The same words again are no second result.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from gateway.clock import milliseconds, moment
from gateway.errors import InputError
from gateway.exchange import movement
from gateway.exchange.control_rows import ConsolidationRow, ControlRow
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ItemRow
from gateway.exchange.touched import OPEN
from gateway.finding import Finding, Severity, finding
from gateway.model import Item, unpack_item
from gateway.trade.consolidations import manifests_of
from gateway.trade.control import AFTER, BEFORE, Recorded, Result, check
from gateway.trade.inspection_data import Pilot
from gateway.trade.received import received_item
from gateway.trade.seal_chain import check_chain

IMPORT = "import"
T = TypeVar("T", bound=Result)
_decode = msgspec.json.Decoder(Recorded).decode
_SAID = tuple(one.name for one in msgspec.structs.fields(Result) if one.name != "amend")


@dataclass(frozen=True, slots=True)
class Offices:
    """Which offices may write here: their codes begin with one of `codes`; they take part in the pilot."""

    codes: Collection[str]
    pilot: Pilot


@dataclass(frozen=True, slots=True)
class Draft:
    """A version before anybody answers for it; `repeats` is the stored one that says the same already."""

    result: Result
    version: int
    stage: str
    about: Item
    findings: tuple[Finding, ...]
    repeats: Recorded | None = None


def draft(tx: Transaction, one: Result, offices: Offices, now: int) -> Draft:
    """Return the next version of a control.

    Raises:
        InputError: the rules do not allow it; the findings name everything that was found.
    """
    _refuse([*check(one, offices.pilot), *_check_office(one, offices)])
    before = [recorded(row) for row in tx.controls_by_reference(one.reference)]
    repeated = next((each for each in before if _words(each) == _words(one)), None)
    if repeated is not None and repeated is before[-1]:
        about, _ = _about(tx, one)
        return Draft(one, repeated.version, repeated.stage, about, repeated.findings, repeats=repeated)
    found = list(_check_version(one, before))
    about, row = _about(tx, one)
    manifests = manifests_of(tx, row) if row is not None else []
    found += _check_times(tx, one, row, first=not before, now=now)
    found += _check_place(tx, one)
    results: list[Result] = [*standing(tx, one), one]
    found += check_chain(_in_order(results), one.reference)
    stage = IMPORT if row is None else _stage(one.at, manifests)
    if stage == AFTER:
        found.append(finding("CONTROL-CONSOLIDATED", path="at", actual=one.at.isoformat()))
    _refuse(found)
    return Draft(one, len(before) + 1, stage, about, tuple(found))


def recorded(row: ControlRow) -> Recorded:
    """Return the version that a row holds."""
    return msgspec.structs.replace(_decode(row.body), log_index=row.log_index)


def newest(rows: Sequence[ControlRow]) -> list[Recorded]:
    """Return the last version of each control, in order of time; erased ones are left out."""
    return _in_order({row.reference: recorded(row) for row in rows if row.body}.values())


def standing(tx: Transaction, one: Result) -> list[Recorded]:
    """Return the other controls of the same item as they stand, in order of time."""
    day = one.posting_date.isoformat() if one.posting_date else ""
    rows = [row for row in tx.controls_of([one.tracking_number]) if not day or row.posting_date in ("", day)]
    return [each for each in newest(rows) if each.reference != one.reference]


def _in_order(results: Collection[T]) -> list[T]:
    """Return results in order of time."""
    return sorted(results, key=lambda each: each.at)


def _check_office(one: Result, offices: Offices) -> Iterator[Finding]:
    """Yield why an office may not write here."""
    if not any(one.office.startswith(each) for each in offices.codes if each):
        yield finding("CONTROL-OFFICE", path="office", expected=", ".join(offices.codes), actual=one.office)
    if offices.pilot.asks and offices.pilot.customs_of(one.office, one.at.date()) is None:
        expected = ", ".join(f"{each.code} {each.name}" for each in offices.pilot.table.customs)
        yield finding("CONTROL-PILOT", path="office", expected=expected, actual=one.office)


def _check_version(one: Result, before: Sequence[Recorded]) -> Iterator[Finding]:
    """Yield why a result cannot stand under its reference."""
    if not before:
        if one.amend:
            yield finding("CONTROL-UNKNOWN", path="reference", actual=one.reference)
        return
    if not one.amend:
        yield finding("CONTROL-EXISTS", path="reference", actual=one.reference)
        return
    last = before[-1]
    for path in ("tracking_number", "posting_date", "office"):
        if getattr(one, path) != getattr(last, path):
            yield finding("CONTROL-AMENDMENT", path=path, expected=str(getattr(last, path)))


def _about(tx: Transaction, one: Result) -> tuple[Item, ItemRow | None]:
    """Return the item that was controlled, with its row if our own side declared it.

    Raises:
        InputError: there is none, or more than one.
    """
    rows = [
        row
        for row in tx.items_by_tracking([one.tracking_number])
        if row.record == "item" and row.state == OPEN
    ]
    items = [(unpack_item(row.body), row) for row in rows if row.body]
    if one.posting_date is not None:
        items = [each for each in items if each[0].posting_date in (None, one.posting_date)]
    if len(items) == 1:
        return items[0]
    came = None if items else received_item(tx, one.tracking_number)
    if came is None or (one.posting_date and came.posting_date not in (None, one.posting_date)):
        expected = "a posting date" if items else "an item that is declared or received"
        found = finding("CONTROL-ITEM", path="tracking_number", expected=expected, actual=one.tracking_number)
        raise InputError("no such item", (found,))
    return came, None


def _check_times(
    tx: Transaction, one: Result, row: ItemRow | None, *, first: bool, now: int
) -> Iterator[Finding]:
    """Yield what is wrong with the time of a control against today and the departure of its item."""
    if milliseconds(one.at) > now:
        yield finding("CONTROL-TIME", path="at", expected=f"not after {moment(now).isoformat()}")
    left = _left(tx, row) if row is not None else None
    if left is None:
        return
    if one.at >= left or (first and milliseconds(left) <= now):
        expected = f"recorded before {left.isoformat()}"
        yield finding("CONTROL-AFTER-DEPARTURE", path="at", expected=expected, actual=one.at.isoformat())
    elif milliseconds(left) <= now:
        yield finding("CONTROL-AMENDED-LATE", path="at", actual=left.isoformat())


def _left(tx: Transaction, row: ItemRow) -> datetime | None:
    """Return when an item left, by departure documents, dispatches and events; none if nothing says so."""
    item = unpack_item(row.body)
    transport, posted = item.transport, item.posting_date
    said = [transport.departed_at] if transport is not None and transport.departed_at is not None else []
    said += [
        at
        for one in tx.movements_of([row.tracking_number])
        if movement.means_left(one) and _of_posting(one.posting_date, at := moment(one.at), posted)
    ]
    return min(said, default=None)


def _of_posting(day: str, at: datetime, posted: date | None) -> bool:
    """Say whether a movement is of a posting of the number; nothing leaves before it is posted."""
    if posted is None:
        return True
    return day in ("", posted.isoformat()) and at.date() >= posted - timedelta(days=1)  # days differ by zone


def _check_place(tx: Transaction, one: Result) -> Iterator[Finding]:
    """Yield why a control is not in its place among the others of the item."""
    others = standing(tx, one)
    held = tx.controls_by_reference(one.reference)
    last = recorded(held[-1]).at if held else None
    for each in others:
        late = each.at >= one.at if last is None or each.at < last else each.at <= one.at
        if late:
            side = "after" if last is None or each.at < last else "before"
            expected = f"{side} control {each.reference} at {each.at.isoformat()}"
            yield finding("CONTROL-ORDER", path="at", expected=expected, actual=one.at.isoformat())


def _stage(at: datetime, manifests: Sequence[ConsolidationRow]) -> str:
    """Return whether a control was before the item was put under a master bill, by the manifests known."""
    return AFTER if any(one.at and one.at <= milliseconds(at) for one in manifests) else BEFORE


def _words(one: Result) -> list[object]:
    """Return what a result says."""
    return [getattr(one, name) for name in _SAID]


def _refuse(found: Sequence[Finding]) -> None:
    """Stop if something is wrong; warnings do not."""
    if any(one.severity is Severity.ERROR for one in found):
        raise InputError("the control cannot be recorded so", tuple(found))
