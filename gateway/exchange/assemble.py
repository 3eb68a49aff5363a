# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the contributions of one message to items, inside the transaction of its intake.

The rules, per document:

1. A document with an error has no effect; the others of the message go on.
2. A reference belongs to its kind and its sender. NEW with a reference in force: the same words again repeat
   it without effect, other words are ASSEMBLE-DUPLICATE and refused.
3. CHANGE and DELETE retire what was in force under the reference. If nothing was, they are taken as the first
   word, with a warning. One issued before what is in force is kept but does not count.
4. A contribution waits under its tracking number if it has one, else under its first key. Tracking numbers
   make items; what waits under the order or list number of an item belongs to it, whenever it comes.
5. A cancellation makes its items cancelled; an item whose list was deleted, or of which nothing is left, is
   deleted.

The order of arrival never changes the item. Knows nothing of agreements.

`judge` only reads; `assemble` writes what it found, after the message itself was stored: a database that sees
contributions before their message must search all of them when it comes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.exchange import merge
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import ContributionRow, ItemRow, PackedContribution, PackedDocument
from gateway.finding import Finding, finding, has_errors
from gateway.model import (
    Contribution,
    ContributionKind,
    DocumentOutcome,
    Function,
    Item,
    pack_item,
    unpack_contribution,
    unpack_item,
)

SECRET_BYTES = 32
OPEN, CANCELLED, DELETED = "open", "cancelled", "deleted"
_findings_encoder = msgspec.msgpack.Encoder()

References = dict[tuple[ContributionKind, str], ContributionRow]


@dataclass(frozen=True, slots=True)
class Touched:
    """An item that changed: its new row, and its record unpacked."""

    row: ItemRow
    item: Item


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on its way in: the id of its row, who speaks (`scope`), the time, and where ids come from."""

    message: int
    scope: str
    now: int
    ids: Ids
    random: Callable[[int], bytes]


@dataclass(slots=True)
class _Effects:
    """What documents do, before it is written: new rows by id, ids retired, every row touched."""

    in_force: References
    added: dict[int, ContributionRow] = field(default_factory=dict)
    retired: set[int] = field(default_factory=set)
    rows: list[ContributionRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a message: an outcome for every document, and effects not yet written."""

    outcomes: tuple[DocumentOutcome, ...]
    effects: _Effects


def judge(tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival) -> Judged:
    """Say what becomes of the documents of a message, and write nothing."""
    good = [one for one in documents if not has_errors(one.findings)]
    effects = _Effects(_in_force(tx, good, arrival.scope))
    outcomes = []
    for document in documents:
        findings = list(document.findings)
        accepted = not has_errors(findings)
        if accepted:
            findings += _take(document, effects, arrival)
            accepted = not has_errors(findings)
        outcomes.append(
            DocumentOutcome(
                position=document.position, accepted=accepted, echo=document.echo, findings=tuple(findings)
            )
        )
    return Judged(tuple(outcomes), effects)


def assemble(tx: Transaction, judged: Judged, arrival: Arrival) -> list[Touched]:
    """Store the contributions and make the items they touch anew; return the items that changed."""
    effects = judged.effects
    if not effects.rows:
        return []
    numbers, existing = _touched_numbers(tx, effects.rows)
    keys = {f"trk:{number}" for number in numbers}
    keys.update(key for row in effects.rows for key in row.keys)
    keys.update(key for row in existing.values() for key in (row.order_key, row.list_key) if key)
    by_key: dict[str, list[ContributionRow]] = {}
    for row in (*tx.contributions(sorted(keys)), *effects.added.values()):
        if not row.retired and row.id not in effects.retired:
            by_key.setdefault(row.join_key, []).append(row)
    tx.add_contributions(list(effects.added.values()))
    if effects.retired:
        tx.retire_contributions(sorted(effects.retired))
    touched = []
    for number in numbers:
        made = _make(number, existing.get(number), by_key, arrival)
        if made is not None:
            touched.append(made)
    tx.put_items([one.row for one in touched])
    return touched


def scoped(scope: str, reference: str) -> str:
    """Return a reference as it is stored: a document's reference is unique only for its sender."""
    return f"{scope}|{reference}"


def join_key(keys: Sequence[str]) -> str:
    """Return the key that a contribution waits under."""
    return next((key for key in keys if key.startswith("trk:")), keys[0])


def members(
    rows_by_key: dict[str, list[ContributionRow]], tracking: str
) -> tuple[list[ContributionRow], str, str]:
    """Return the rows in force of one item, its order key and its list key."""
    own = [row for row in rows_by_key.get(f"trk:{tracking}", ()) if not row.retired]
    own.sort(key=_row_rank)
    order = next((key for row in own for key in row.keys if key.startswith("ord:")), "")
    listing = next((key for row in own for key in row.keys if key.startswith("inv:")), "")
    joined = [row for key in (order, listing) if key for row in rows_by_key.get(key, ()) if not row.retired]
    return own + joined, order, listing


def _row_rank(row: ContributionRow) -> tuple[int, str, bytes]:
    """Return what orders rows whatever the order of their arrival."""
    return merge.PRECEDENCE[row.kind], row.reference, row.body


def _in_force(tx: Transaction, documents: Iterable[PackedDocument], scope: str) -> References:
    """Return what counts now under the references that the documents use."""
    wanted = {scoped(scope, one.reference) for document in documents for one in document.contributions}
    rows = tx.contributions_by_reference(sorted(wanted)) if wanted else []
    return {(row.kind, row.reference): row for row in rows if not row.retired}


def _take(document: PackedDocument, effects: _Effects, arrival: Arrival) -> list[Finding]:
    """Work out what one document does; with an error it does nothing at all."""
    findings: list[Finding] = []
    planned: list[tuple[ContributionRow, ContributionRow | None]] = []
    for one in document.contributions:
        row, previous, found = _place(one, effects.in_force, document.position, arrival)
        findings += found
        if row is not None:
            planned.append((row, previous))
    if has_errors(findings):
        return findings
    for row, previous in planned:
        effects.added[row.id] = row
        effects.rows.append(row)
        if row.retired:
            continue
        effects.in_force[row.kind, row.reference] = row
        if previous is not None:
            effects.rows.append(previous)
            if previous.id in effects.added:
                effects.added[previous.id] = msgspec.structs.replace(previous, retired=True)
            else:
                effects.retired.add(previous.id)
    return findings


def _place(
    one: PackedContribution, in_force: References, position: int, arrival: Arrival
) -> tuple[ContributionRow | None, ContributionRow | None, list[Finding]]:
    """Return the row of a contribution, the row that it replaces, and what is to be said about it."""
    where = f"document {position}"
    if not one.keys:
        return None, None, [finding("ASSEMBLE-NO-KEY", position=where)]
    row = ContributionRow(
        id=arrival.ids.take(1)[0],
        message_row=arrival.message,
        position=position,
        kind=one.kind,
        function=one.function,
        reference=scoped(arrival.scope, one.reference),
        join_key=join_key(one.keys),
        keys=one.keys,
        body=one.body,
    )
    previous = in_force.get((row.kind, row.reference))
    if previous is None and one.function is Function.NEW:
        return row, None, []
    if previous is None:
        return row, None, [finding("ASSEMBLE-UNKNOWN-PREVIOUS", position=where, actual=one.reference)]
    return _replace(row, previous, where, one.reference)


def _replace(
    row: ContributionRow, previous: ContributionRow, where: str, reference: str
) -> tuple[ContributionRow | None, ContributionRow | None, list[Finding]]:
    """Compare a contribution with the one in force under its reference."""
    old, new = unpack_contribution(previous.body), unpack_contribution(row.body)
    if (old.item, old.keys, old.function) == (new.item, new.keys, new.function):
        return None, None, [finding("ASSEMBLE-REPEATED", position=where, actual=reference)]
    if row.function is Function.NEW:
        return None, None, [finding("ASSEMBLE-DUPLICATE", position=where, actual=reference)]
    if old.issued_at and new.issued_at and new.issued_at < old.issued_at:
        stale = msgspec.structs.replace(row, retired=True)
        return stale, None, [finding("ASSEMBLE-STALE", position=where, actual=reference)]
    return row, previous, []


def _touched_numbers(
    tx: Transaction, rows: Sequence[ContributionRow]
) -> tuple[list[str], dict[str, ItemRow]]:
    """Return the tracking numbers that rows speak about, and the items that exist already."""
    numbers = {key[4:]: None for row in rows for key in row.keys if key.startswith("trk:")}
    waiting = {row.join_key for row in rows if not row.join_key.startswith("trk:")}
    existing = tx.items_by_tracking(list(numbers)) if numbers else []
    orders = sorted(key for key in waiting if key.startswith("ord:"))
    lists = sorted(key for key in waiting if key.startswith("inv:"))
    existing += tx.items_by_order(orders) if orders else []
    existing += tx.items_by_list(lists) if lists else []
    numbers.update((row.tracking_number, None) for row in existing)
    return list(numbers), {row.tracking_number: row for row in existing}


def _make(
    number: str, old: ItemRow | None, by_key: dict[str, list[ContributionRow]], arrival: Arrival
) -> Touched | None:
    """Make one item from everything in force about it; none if nothing changed."""
    rows, order, listing = members(by_key, number)
    said = [unpack_contribution(row.body) for row in rows]
    state = _state(said)
    words = merge.in_order([one for one in said if one.function is not Function.DELETE])
    if words:
        item, conflicts = merge.merge(words)
        body = pack_item(item)
        findings = _findings_encoder.encode(conflicts)
    elif old is not None:
        item, body, findings = unpack_item(old.body) if old.body else Item(), old.body, old.findings
    else:
        item = Item(tracking_number=number)
        body, findings = pack_item(item), b"\x90"
    if old is not None and (old.body, old.state, old.order_key, old.list_key) == (
        body,
        state,
        order,
        listing,
    ):
        return None
    row = ItemRow(
        id=arrival.ids.take(1)[0] if old is None else old.id,
        tracking_number=number,
        order_key=order,
        list_key=listing,
        state=state,
        version=1 if old is None else old.version + 1,
        created_at=arrival.now if old is None else old.created_at,
        updated_at=arrival.now,
        secret=arrival.random(SECRET_BYTES) if old is None or not old.secret else old.secret,
        body=body,
        findings=findings,
    )
    return Touched(row, item)


def _state(said: Sequence[Contribution]) -> str:
    """Return the state that the words in force give an item."""
    live = [one for one in said if one.function is not Function.DELETE]
    if any(one.kind is ContributionKind.CANCELLATION for one in live):
        return CANCELLED
    lists = [one for one in said if one.kind is ContributionKind.LIST]
    if not live or (lists and all(one.function is Function.DELETE for one in lists)):
        return DELETED
    return OPEN
