# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Decide which agreements a changed item goes out under, inside the transaction that changed it.

The rules, for each item and agreement:

1. An open item has one share under every agreement in force that matches. A share that lacks what the
   agreement requires waits until its deadline; then it is sent as it is or dropped, as the agreement says.
2. At most one share of the pair is not yet batched; a newer word about the item replaces what it stands for.
3. What was batched is amended, with the next version, when the item has changed since.
4. An item cancelled or deleted, or one the agreement no longer matches, is cancelled towards a partner that
   may hold it; what had not left is superseded.
5. An agreement that is not in force sends nothing, not even cancellations.
6. What came from a partner never goes back to it, and goes to another only if the agreement under which it
   came names that one for onward sharing.
7. Records about items go, where the agreement asks so, only to a partner with whom the item was exchanged;
   for an answer, "received" means that the partner sent an assessment.

Every share keeps a state that the ledger counts; none is ever removed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from gateway.agreement import Agreement, AgreementSet, missing
from gateway.clock import moment
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import ShareRow
from gateway.exchange.touched import OPEN, Touched
from gateway.model import ReleaseFunction, ShareState

PENDING = frozenset({ShareState.WAITING, ShareState.READY})


def route(
    tx: Transaction,
    touched: Sequence[Touched],
    agreements: AgreementSet,
    *,
    sender: str,
    ids: Ids,
    now: int,
) -> frozenset[str]:
    """Bring the shares of changed items up to date under the agreements of which `sender` is the sender.

    Returns the channels with something ready.
    """
    if not touched:
        return frozenset()
    at = moment(now)
    shares: dict[int, dict[str, list[ShareRow]]] = {}
    for share in tx.shares_of([one.row.id for one in touched]):
        shares.setdefault(share.item, {}).setdefault(share.agreement, []).append(share)
    written: list[ShareRow] = []
    for one in touched:
        held = shares.get(one.row.id, {})
        matching = _matching(tx, one, agreements, sender, at)
        for agreement in matching:
            if agreement.trigger == "query":  # leaves when it is asked for (`inquiry`), not by itself
                continue
            fresh = _share(one, agreement, held.get(agreement.id, []), ids, now)
            if fresh is not None:
                written.append(fresh)
        stays = {agreement.id for agreement in matching}
        for name, rows in held.items():
            if name not in stays:
                written += _withdraw(one, agreements.current(name, at), rows, ids, now)
    if written:
        tx.put_shares(written)
    return frozenset(one.channel for one in written if one.state is ShareState.READY)


def _matching(
    tx: Transaction, one: Touched, agreements: AgreementSet, sender: str, at: datetime
) -> list[Agreement]:
    """Return the agreements under which a record may leave now."""
    if one.row.state != OPEN:
        return []
    return [
        each
        for each in agreements.matching(one.item, at, one.row.record)
        if each.sender == sender and _may_go(tx, one, each, agreements)
    ]


def release_asked(
    tx: Transaction, one: Touched, agreement: Agreement, agreements: AgreementSet, *, ids: Ids, now: int
) -> ShareRow | None:
    """Return the share that stands for an item a partner asks for, none if it may not have it.

    The share is made if the partner does not hold the newest version; required fields do not make it wait.
    """
    if agreement not in _matching(tx, one, agreements, agreement.sender, moment(now)):
        return None
    held = [share for share in tx.shares_of([one.row.id]) if share.agreement == agreement.id]
    fresh = _share(one, agreement, held, ids, now)
    if fresh is None:
        return held[-1]
    ready = msgspec.structs.replace(fresh, state=ShareState.READY, deadline=0)
    tx.put_shares([ready])
    return ready


def send_again(
    tx: Transaction, one: Touched, share: ShareRow, agreements: AgreementSet, *, ids: Ids, now: int
) -> ShareRow | None:
    """Return the share that stands for a rejected one once more; none if it may not leave now.

    What left and was rejected by the partner leaves as a new version; its own share stays as it is. What came
    under an agreement with trigger query leaves only when it is asked for.
    """
    agreement = agreements.current(share.agreement, moment(now))
    ends = share.function is ReleaseFunction.CANCELLATION
    if agreement is None or agreement.trigger == "query":
        return None
    if not ends and agreement not in _matching(tx, one, agreements, agreement.sender, moment(now)):
        return None
    version, function = _next([each for each in tx.shares_of([one.row.id]) if each.agreement == agreement.id])
    again = ShareRow(
        id=ids.take(1)[0] if share.batch else share.id,
        item=one.row.id,
        agreement=agreement.id,
        channel=agreement.channel,
        state=ShareState.READY,
        version=version,
        function=ReleaseFunction.CANCELLATION if ends else function,
        deadline=0,
        updated_at=now,
        item_version=one.row.version,
    )
    tx.put_shares([again])
    return again


def _may_go(tx: Transaction, one: Touched, agreement: Agreement, agreements: AgreementSet) -> bool:
    """Say whether a record may go to the recipient, given where it comes from and what was exchanged."""
    for partner, under in one.said_by:
        source = agreements.get(under)
        if partner == agreement.recipient or source is None:
            return False
        if not source.permits_onward(agreement.recipient):
            return False
    about = agreement.match.about
    if not about:
        return True
    number = one.item.tracking_number
    if not number:
        return False
    asked = "assessment" if one.row.record == "answer" else "item"
    received = about != "sent" and agreement.recipient in tx.inbound_partners(number, asked)
    return received or (about != "received" and _sent_to(tx, number, agreement.recipient, agreements))


def _sent_to(tx: Transaction, number: str, partner: str, agreements: AgreementSet) -> bool:
    """Say whether an item left for a partner and was not rejected."""
    rows = [row.id for row in tx.items_by_tracking([number]) if row.record == "item"]
    for share in tx.shares_of(rows) if rows else []:
        if share.state in (ShareState.BATCHED, ShareState.ACCEPTED):
            agreement = agreements.get(share.agreement)
            if agreement is not None and agreement.recipient == partner:
                return True
    return False


def expire(tx: Transaction, agreements: AgreementSet, *, now: int, limit: int) -> frozenset[str]:
    """End the waiting of shares whose deadline has passed; return the channels with something ready."""
    due = tx.due_shares(now, limit)
    at = moment(now)
    ended = []
    for share in due:
        agreement = agreements.current(share.agreement, at)
        send = agreement is not None and agreement.wait_then == "send"
        state = ShareState.READY if send else ShareState.DROPPED
        ended.append(msgspec.structs.replace(share, state=state, updated_at=now))
    if ended:
        tx.put_shares(ended)
    return frozenset(one.channel for one in ended if one.state is ShareState.READY)


def _share(
    one: Touched, agreement: Agreement, held: Sequence[ShareRow], ids: Ids, now: int
) -> ShareRow | None:
    """Return the share to write for an item that an agreement matches; none if nothing is new."""
    lacking = tuple(missing(agreement, one.item))
    latest = held[-1] if held else None
    if latest is not None and latest.state not in PENDING and latest.item_version == one.row.version:
        return None
    if latest is not None and latest.state in PENDING:
        # A cancellation that has not left amends instead when the item lives again.
        number, (version, function) = latest.id, _next(held)
    else:
        number = ids.take(1)[0]
        version, function = _next(held)
    deadline = one.row.created_at + agreement.wait_limit * 1000
    late = bool(lacking) and deadline <= now
    if late and agreement.wait_then == "send":
        lacking_state = ShareState.READY
    else:
        lacking_state = ShareState.DROPPED if late else ShareState.WAITING
    return ShareRow(
        id=number,
        item=one.row.id,
        agreement=agreement.id,
        channel=agreement.channel,
        state=lacking_state if lacking else ShareState.READY,
        version=version,
        function=function,
        deadline=deadline if lacking else 0,
        missing=lacking,
        updated_at=now,
        item_version=one.row.version,
    )


def _withdraw(
    one: Touched, agreement: Agreement | None, held: Sequence[ShareRow], ids: Ids, now: int
) -> Iterable[ShareRow]:
    """Return the shares to write for an item that must not go out under an agreement any more."""
    for share in held:
        if share.state in PENDING and share.function is not ReleaseFunction.CANCELLATION:
            yield msgspec.structs.replace(share, state=ShareState.SUPERSEDED, updated_at=now)
    pending_end = any(
        share.state in PENDING and share.function is ReleaseFunction.CANCELLATION for share in held
    )
    if agreement is None or pending_end or not _may_hold(held):
        return
    yield ShareRow(
        id=ids.take(1)[0],
        item=one.row.id,
        agreement=agreement.id,
        channel=agreement.channel,
        state=ShareState.READY,
        version=_next(held)[0],
        function=ReleaseFunction.CANCELLATION,
        deadline=0,
        updated_at=now,
        item_version=one.row.version,
    )


def _left(held: Sequence[ShareRow]) -> list[ShareRow]:
    """Return the shares that were put into a batch and not rejected by the partner."""
    return [one for one in held if one.state in (ShareState.BATCHED, ShareState.ACCEPTED)]


def _may_hold(held: Sequence[ShareRow]) -> bool:
    """Say whether the partner may hold the item: something left, and no cancellation after it."""
    left = _left(held)
    return bool(left) and max(left, key=lambda one: one.version).function is not ReleaseFunction.CANCELLATION


def _next(held: Sequence[ShareRow]) -> tuple[int, ReleaseFunction]:
    """Return version and function of the next share of a pair."""
    version = max((one.version for one in held if one.batch), default=0) + 1
    function = ReleaseFunction.AMENDMENT if _may_hold(held) else ReleaseFunction.ORIGINAL
    return version, function
