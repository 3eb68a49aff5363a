# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the contributions of one message to items, inside the transaction of its intake.

The rules, per document:

1. A document with an error has no effect; the others of the message go on.
2. A reference belongs to its kind and its sender. NEW with a reference in force: the same words again repeat
   it without effect, other words are ASSEMBLE-DUPLICATE and refused. Words repeated with a later time of
   issue take the place of those in force, so that what was issued between the two comes too late.
3. CHANGE and DELETE retire what was in force under the reference. If nothing was, they are taken as the first
   word, with a warning. One issued before what is in force is kept but does not count.
4. A contribution waits under its tracking number if it has one, else under its first key. Tracking numbers
   make items; what waits under the order, list or movement reference number of an item belongs to it,
   whenever it comes.
5. A cancellation makes its items cancelled; an item whose list was deleted, or of which nothing is left, is
   deleted.
6. A postal number may be used again after a year. Words with different posting dates are never merged: they
   make an item each (`reuse`), and what names no date belongs to the posting that was the latest then.
7. Events, dispatches, assessments, answers and controls are records of their own (`unmerged`).

The order of arrival never changes the item. Knows nothing of agreements.

`judge` only reads; `assemble` writes what it found, after the message itself was stored: a database that sees
contributions before their message must search all of them when it comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.exchange import merge, reuse, unmerged
from gateway.exchange.enterprise_ports import Judge
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ContributionRow, ItemRow, PackedContribution, PackedDocument
from gateway.exchange.touched import CANCELLED, DELETED, OPEN, Arrival, Touched, said_by
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

_findings_encoder = msgspec.msgpack.Encoder()
NO_FINDINGS = _findings_encoder.encode([])

# Members of an enumeration are looked up by name each time they are spelt out.
_DELETE, _LIST, _CANCELLATION = Function.DELETE, ContributionKind.LIST, ContributionKind.CANCELLATION

References = dict[tuple[ContributionKind, str], ContributionRow]


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
    """Store the contributions and make the records they touch anew; return the records that changed."""
    effects = judged.effects
    if not effects.rows:
        return []
    merged = [row for row in effects.rows if row.kind.record == "item"]
    touched = _items(tx, merged, effects, arrival) if merged else []
    if len(merged) < len(effects.rows):
        touched += unmerged.make(tx, list(effects.in_force.values()), effects.rows, arrival)
    tx.add_contributions(list(effects.added.values()))
    if effects.retired:
        tx.retire_contributions(sorted(effects.retired))
    tx.put_items([one.row for one in touched])
    tx.add_cells(arrival.census.cells())
    return touched


def _items(
    tx: Transaction, rows: Sequence[ContributionRow], effects: _Effects, arrival: Arrival
) -> list[Touched]:
    """Make the items anew about which rows speak."""
    numbers, existing = _touched_numbers(tx, rows)
    keys = {f"trk:{number}" for number in numbers}
    keys.update(key for row in rows for key in row.keys)
    keys.update(key for items in existing.values() for one in items for key in _keys(one))
    by_key: dict[str, list[ContributionRow]] = {}
    for row in (*tx.contributions(sorted(keys)), *effects.added.values()):
        if not row.retired and row.id not in effects.retired:
            by_key.setdefault(row.join_key, []).append(row)
    judge = arrival.facilitates.begin(tx, arrival.now)
    touched: list[Touched] = []
    for number in numbers:
        old, own = existing.get(number, []), by_key.get(f"trk:{number}", [])
        postings = reuse.split(own, old)
        if postings is None:
            made = _make(number, old[0] if old else None, by_key, arrival, judge=judge)
            touched += [] if made is None else [made]
        else:
            for one in postings:
                apart = by_key | {f"trk:{number}": one.rows}
                made = _make(number, one.old, apart, arrival, judge=judge, more=one.findings)
                touched += [] if made is None else [made]
    return touched


def _keys(row: ItemRow) -> list[str]:
    """Return the keys under which more of an item may wait."""
    return [key for key in (row.order_key, row.list_key, f"mrn:{row.mrn}" if row.mrn else "") if key]


def scoped(scope: str, reference: str) -> str:
    """Return a reference as it is stored: a document's reference is unique only for its sender."""
    return f"{scope}|{reference}"


def join_key(keys: Sequence[str]) -> str:
    """Return the key that a contribution to an item waits under."""
    return next((key for key in keys if key.startswith("trk:")), keys[0])


def members(
    rows_by_key: dict[str, list[ContributionRow]], tracking: str
) -> tuple[list[ContributionRow], str, str]:
    """Return the rows in force of one item, its order key and its list key."""
    own = [row for row in rows_by_key.get(f"trk:{tracking}", ()) if not row.retired]
    if len(own) > 1:
        own.sort(key=_row_rank)
    order = listing = filing = ""
    for row in own:
        for key in row.keys:
            scheme = key[:4]
            if scheme == "ord:":
                order = order or key
            elif scheme == "inv:":
                listing = listing or key
            elif scheme == "mrn:":
                filing = filing or key
    for key in (order, listing, filing):
        if key and key in rows_by_key:
            own += [row for row in rows_by_key[key] if not row.retired]
    return own, order, listing


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
    reference = scoped(arrival.scope, one.reference)
    merged = one.kind.record == "item"
    row = ContributionRow(
        id=arrival.ids.take(1)[0],
        message_row=arrival.message,
        position=position,
        kind=one.kind,
        function=one.function,
        reference=reference,
        join_key=join_key(one.keys) if merged else unmerged.join_key(one.kind, reference),
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
        repeated = [finding("ASSEMBLE-REPEATED", position=where, actual=reference)]
        later = new.issued_at is not None and (old.issued_at is None or old.issued_at < new.issued_at)
        return (row, previous, repeated) if later else (None, None, repeated)
    if row.function is Function.NEW:
        return None, None, [finding("ASSEMBLE-DUPLICATE", position=where, actual=reference)]
    if old.issued_at and new.issued_at and new.issued_at < old.issued_at:
        stale = msgspec.structs.replace(row, retired=True)
        return stale, None, [finding("ASSEMBLE-STALE", position=where, actual=reference)]
    return row, previous, []


def _touched_numbers(
    tx: Transaction, rows: Sequence[ContributionRow]
) -> tuple[list[str], dict[str, list[ItemRow]]]:
    """Return the tracking numbers that rows speak about, and the items that exist already."""
    numbers = {key[4:]: None for row in rows for key in row.keys if key.startswith("trk:")}
    waiting = {row.join_key for row in rows if not row.join_key.startswith("trk:")}
    existing = tx.items_by_tracking(list(numbers)) if numbers else []
    orders = sorted(key for key in waiting if key.startswith("ord:"))
    lists = sorted(key for key in waiting if key.startswith("inv:"))
    existing += tx.items_by_order(orders) if orders else []
    existing += tx.items_by_list(lists) if lists else []
    mrns = sorted(key.removeprefix("mrn:") for key in waiting if key.startswith("mrn:"))
    existing += tx.items_by_mrn(mrns) if mrns else []
    items: dict[str, list[ItemRow]] = {}
    for row in {row.id: row for row in existing if row.record == "item"}.values():
        items.setdefault(row.tracking_number, []).append(row)
    numbers.update(dict.fromkeys(items))
    return list(numbers), items


def _make(
    number: str,
    old: ItemRow | None,
    by_key: dict[str, list[ContributionRow]],
    arrival: Arrival,
    *,
    judge: Judge,
    more: Sequence[Finding] = (),
) -> Touched | None:
    """Make one item from everything in force about it; none if nothing changed."""
    rows, order, listing = members(by_key, number)
    said = [unpack_contribution(row.body) for row in rows]
    state = _state(said)
    words = merge.in_order([one for one in said if one.function is not _DELETE])
    if words:
        item, conflicts = merge.merge(words)
        claimed, item = item.facilitation, judge(item, rows)
        if claimed is not None and item.facilitation != claimed:
            conflicts.append(finding("FACILITATION-CLAIMED", path="facilitation"))
        body = pack_item(item)
        findings = _findings_encoder.encode([*conflicts, *more]) if conflicts or more else NO_FINDINGS
    elif old is not None:
        item, body, findings = unpack_item(old.body) if old.body else Item(), old.body, old.findings
    else:
        item = Item(tracking_number=number)
        body, findings = pack_item(item), NO_FINDINGS
    same = old is not None and (old.body, old.state, old.order_key, old.list_key) == (
        body,
        state,
        order,
        listing,
    )
    if same and old is not None:
        # What is to be said of an item may change alone, when an earlier posting of its number turns up.
        noted = msgspec.structs.replace(old, findings=findings)
        return None if old.findings == findings else Touched(noted, item, said_by(rows))
    created = arrival.now if old is None else old.created_at
    row = ItemRow(
        id=arrival.ids.take(1)[0] if old is None else old.id,
        tracking_number=number,
        order_key=order,
        list_key=listing,
        state=state,
        version=1 if old is None else old.version + 1,
        created_at=created,
        updated_at=arrival.now,
        secret=arrival.secret(old),
        body=body,
        findings=findings,
        ucr=item.ucr or "",
        mrn=item.mrn or "",
        counted=arrival.census.item(item, state, rows, created, "" if old is None else old.counted),
    )
    return Touched(row, item, said_by(rows))


def _state(said: Sequence[Contribution]) -> str:
    """Return the state that the words in force give an item."""
    live = listed = unlisted = False
    for one in said:
        gone, kind = one.function is _DELETE, one.kind
        if not gone and kind is _CANCELLATION:
            return CANCELLED
        live = live or not gone
        if kind is _LIST:
            listed, unlisted = listed or not gone, unlisted or gone
    return OPEN if live and (listed or not unlisted) else DELETED
