# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How far the erasure of one record reaches: its contributions, its referrals and movements, what it became.

Of two items that bear one number after another, each keeps what is its own.
"""

from collections.abc import Callable, Sequence

import msgspec

from gateway.exchange import reuse
from gateway.exchange.control_rows import ControlRow, RecognitionRow
from gateway.exchange.ports import Transaction
from gateway.exchange.postal_rows import ReferralRow
from gateway.exchange.rows import ContributionRow, InboundRow, ItemRow
from gateway.exchange.touched import partner_scope
from gateway.model import unpack_item

ERASED = "erased"
# How the key of a control begins that an office of our own recorded (`trade.own_records`).
_OWN_CONTROL = "rec:control:control|"


def own_contributions(tx: Transaction, row: ItemRow) -> list[ContributionRow]:
    """Return the contributions, retired ones too, that speak of this record and no other."""
    shared = {
        key
        for key, others in (
            (row.order_key, tx.items_by_order([row.order_key]) if row.order_key else []),
            (row.list_key, tx.items_by_list([row.list_key]) if row.list_key else []),
        )
        if key and any(one.id != row.id for one in others)
    }
    direct = [one for one in tx.contributions_of_item(row) if one.join_key not in shared]
    foreign = _of_other_postings(tx, row, direct)
    direct = [one for one in direct if (one.kind, one.reference) not in foreign]
    kinds = {(one.kind, one.reference) for one in direct}
    # What a document said before it was changed may have stood under other keys.
    before = tx.contributions_by_reference(sorted({one.reference for one in direct}))
    found = {one.id: one for one in direct}
    found.update({one.id: one for one in before if one.retired and (one.kind, one.reference) in kinds})
    return [found[key] for key in sorted(found)]


def forget_course(tx: Transaction, row: ItemRow) -> None:
    """Erase what is kept beside a record: of an item its referrals and movements, else those that it made."""
    if row.record == "item":
        day = day_apart(tx, row)
        forget_number(tx, row.tracking_number, day)
        return
    if row.record == "control":
        _forget_control(tx, row)
        return
    tx.put_movements(row.id, [])
    said = unpack_item(row.body).assessment if row.body else None
    if said is not None:
        numbers = (said.referral, said.reference)
        _empty(tx, row.tracking_number, lambda one: one.kind == said.outcome and one.referral in numbers)


def day_apart(tx: Transaction, row: ItemRow) -> str:
    """Return the posting date that tells an item from others of its number, empty if there are none."""
    others = any(_posted(one) != _posted(row) for one in _postings(tx, row) if one.id != row.id)
    return _posted(row) if others else ""


def forget_number(tx: Transaction, number: str, day: str = "") -> None:
    """Erase the referrals, movements and controls of a number, of one posting of it if a day is given."""
    tx.forget_movements(number, day)
    results = [one for one in tx.controls_of([number]) if not day or one.posting_date in ("", day)]
    decided = [one for one in tx.recognitions_of([number]) if not day or one.posting_date in ("", day)]
    _empty_controls(tx, results, decided)
    kept = [one for one in tx.consolidations_of([number]) if day and one.posting_date not in ("", day)]
    tx.put_consolidations(number, kept)
    _empty(tx, number, lambda one: not day or one.posting_date in ("", day))


def restated(tx: Transaction, row: InboundRow, reference: str, tracking_number: str) -> list[ItemRow]:
    """Return what a received record became here, if no other version of it is held any more."""
    if not row.restated or not reference:
        return []
    for record, batch in tx.inbound_records(tracking_number) if tracking_number else ():
        if record.reference == reference and batch.partner == row.partner and record.state != "rejected":
            return []
    scoped = f"{partner_scope(row.partner, row.agreement)}|{reference}"
    found: dict[int, ItemRow] = {}
    for one in tx.contributions_by_reference([scoped]):
        if one.kind.record != "item":
            found.update({each.id: each for each in tx.items_by_order([one.join_key])})
        elif one.join_key.startswith("trk:"):
            rows = [each for each in tx.items_by_tracking([one.join_key[4:]]) if each.record == "item"]
            found.update({each.id: each for each in rows if one in own_contributions(tx, each)})
    return [found[key] for key in sorted(found)]


def _forget_control(tx: Transaction, row: ItemRow) -> None:
    """Erase what is kept beside the record of a control: versions of our own, and decisions about it."""
    said = unpack_item(row.body).control if row.body else None
    mine = tx.controls_by_reference(said.reference) if said is not None and said.reference else []
    own = row.order_key.startswith(_OWN_CONTROL)
    decided = [
        one
        for one in tx.recognitions_of([row.tracking_number])
        if one.record == row.id or (own and said is not None and one.reference == said.reference)
    ]
    _empty_controls(tx, mine if own else [], decided)


def _empty_controls(
    tx: Transaction, results: Sequence[ControlRow], decided: Sequence[RecognitionRow]
) -> None:
    """Empty results and decisions; they count on, and nothing in them leads to the item."""
    tx.put_controls(
        [
            msgspec.structs.replace(
                one,
                tracking_number=_gone(one.id),
                posting_date="",
                reference=_gone(one.id),
                body=b"",
                salt=b"",
            )
            for one in results
        ]
    )
    tx.put_recognitions(
        [
            msgspec.structs.replace(one, tracking_number=_gone(one.id), posting_date="", reference="", own="")
            for one in decided
        ]
    )


def _gone(key: int) -> str:
    """Return what stands in the place of a number that was erased."""
    return f"{ERASED}-{key:016x}"


def _of_other_postings(tx: Transaction, row: ItemRow, own: list[ContributionRow]) -> set[tuple[str, str]]:
    """Return kind and reference of the contributions that speak of another posting of the number."""
    held = _postings(tx, row) if row.record == "item" else []
    if len(held) < 2:  # noqa: PLR2004 - one posting alone
        return set()
    key = f"trk:{row.tracking_number}"
    split = reuse.split([one for one in own if not one.retired and one.join_key == key], held) or []
    return {
        (one.kind, one.reference)
        for posting in split
        if posting.old is None or posting.old.id != row.id
        for one in posting.rows
    }


def _postings(tx: Transaction, row: ItemRow) -> list[ItemRow]:
    """Return the items of the number that are not erased."""
    rows = tx.items_by_tracking([row.tracking_number])
    return [one for one in rows if one.record == "item" and one.body]


def _posted(row: ItemRow) -> str:
    """Return the posting date of an item as rows have it."""
    day = unpack_item(row.body).posting_date if row.body else None
    return day.isoformat() if day else ""


def _empty(tx: Transaction, number: str, chosen: Callable[[ReferralRow], bool]) -> None:
    """Empty referrals; they count on, and nothing in them leads to the item."""
    rows = [
        msgspec.structs.replace(
            one, tracking_number=_gone(one.id), posting_date="", referral="", state=ERASED
        )
        for one in tx.referrals_of([number])
        if chosen(one)
    ]
    if rows:
        tx.put_referrals(rows)
