# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that happened to one item, in one order of time, with what it rests on.

Nothing is worked out anew: the parts are what `query`, the explanation of fields, the controls, the
referrals and the returns say each for themselves.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from gateway.clock import milliseconds
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.postal_rows import ReferralRow
from gateway.exchange.query import ReceivedRecord, Trace
from gateway.model import Item
from gateway.trade.control_view import Sheet, sheet
from gateway.trade.return_account import AccountLine, account
from gateway.trade.return_case import Case
from gateway.trade.returns import cases_of_list


class Moment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened, at a time in milliseconds; `log_index` is its entry in our log.

    `kind` is message, released, receipt, received, referral, answer, settled, overdue, control, decision or
    return.
    """

    at: int
    kind: str
    what: str
    partner: str = ""
    state: str = ""
    reference: str = ""
    channel: str = ""
    sequence: int = 0
    log_index: int = -1
    contributions: tuple[int, ...] = ()


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a number. `trace` is the newest posting of it, none if only partners spoke of it.

    `fields` tell, for each partner, who said each field, what the agreement does with it, what left, where it
    stands in the partner's form, and what that form lost. `bundle` is the path of the proof, empty if nothing
    was sent or received. `masked` says that texts which may name a person do not stand here.
    """

    tracking_number: str
    moments: tuple[Moment, ...]
    trace: Trace | None
    fields: tuple[Any, ...]
    received: tuple[ReceivedRecord, ...]
    referrals: tuple[ReferralRow, ...]
    controls: Sheet | None
    returns: tuple[Case, ...]
    account: tuple[AccountLine, ...]
    bundle: str
    masked: bool = False


class Traces(Protocol):
    """The views of one item (`exchange.query`)."""

    async def trace(self, tracking_number: str) -> Trace | None:
        """Follow one item."""

    async def received(self, tracking_number: str) -> list[ReceivedRecord]:
        """Return what partners sent about a number."""

    async def referrals(self, tracking_number: str) -> list[ReferralRow]:
        """Return every referral about an item."""


class Timelines:
    """The timelines of a node; `explain` tells the way of every field of an item to every partner."""

    def __init__(
        self,
        organisation: str,
        store: Store,
        query: Traces,
        explain: Callable[[Trace], Awaitable[Sequence[Any]]],
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._query = query
        self._explain = explain

    async def timeline(self, number: str) -> Timeline | None:
        """Return everything about a number; none if nobody has named it."""
        trace = await self._query.trace(number)
        received = await self._query.received(number)
        if trace is None and not received:
            return None
        referrals = await self._query.referrals(number)
        listed = (trace.item or Item()).list_number or "" if trace is not None else ""

        def trade(tx: Transaction) -> tuple[Sheet | None, list[Case], list[AccountLine]]:
            controls = sheet(tx, number, self._organisation)
            return controls, *((cases_of_list(tx, listed), account(tx, listed)) if listed else ([], []))

        controls, cases, lines = await self._store.read(trade)
        fields = await self._explain(trace) if trace is not None and trace.item is not None else ()
        moments = [
            *_ours(trace),
            *_theirs(received),
            *_referrals(referrals),
            *_controls(controls),
            *_returns(cases),
        ]
        left = received or (trace is not None and any(one.sequence for one in trace.shares))
        return Timeline(
            tracking_number=number,
            moments=tuple(sorted(moments, key=lambda one: one.at)),
            trace=trace,
            fields=tuple(fields),
            received=tuple(received),
            referrals=tuple(referrals),
            controls=controls,
            returns=tuple(cases),
            account=tuple(lines),
            bundle=f"/v1/items/{quote(number, safe='')}/bundle" if left else "",
        )


def _ours(trace: Trace | None) -> Iterator[Moment]:
    """Yield messages, what they made of the item, and what left."""
    if trace is None:
        return
    messages: dict[int, list[int]] = {}
    for one in trace.sources:
        messages.setdefault(one.message, []).append(one.contribution)
    for one in trace.sources:
        if one.message in messages:
            yield Moment(
                at=one.received_at,
                kind="message",
                what=f"{one.message_type} {one.kind} {one.function}",
                state="no longer counts" if one.retired else "",
                reference=one.message_id,
                contributions=tuple(messages.pop(one.message)),
            )
    for share in trace.shares:
        if not share.sequence:
            continue
        sent = Moment(
            at=share.sent_at,
            kind="released",
            what=f"{share.function} v{share.version} under {share.agreement}",
            partner=share.channel.split("/")[1],
            channel=share.channel,
            sequence=share.sequence,
            reference=share.batch_id,
            log_index=share.log_index,
        )
        yield sent
        if share.receipted_at:
            yield msgspec.structs.replace(
                sent,
                at=share.receipted_at,
                kind="receipt",
                what="attested by the sender" if share.attested else "signed by the partner",
                state=share.state,
                log_index=share.receipt_log_index,
            )


def _theirs(received: Sequence[ReceivedRecord]) -> Iterator[Moment]:
    """Yield what partners sent."""
    for one in received:
        yield Moment(
            at=one.received_at,
            kind="received",
            what=f"{one.channel.rpartition('/')[2]} {one.release.function} v{one.release.version}",
            partner=one.partner,
            state=one.state,
            reference=one.batch_id,
            channel=one.channel,
            sequence=one.sequence,
            log_index=one.log_index,
        )


def _referrals(rows: Sequence[ReferralRow]) -> Iterator[Moment]:
    """Yield what authorities asked, and how it went on."""
    for one in rows:
        for at, kind in (
            (one.raised_at, "referral"),
            (one.escalated_at, "overdue"),
            (one.answered_at, "answer"),
            (one.settled_at, "settled"),
        ):
            if at:
                yield Moment(
                    at=at,
                    kind=kind,
                    what=f"{one.kind} of {one.authority}",
                    partner=one.partner,
                    state=one.state,
                    reference=one.referral,
                )


def _controls(found: Sheet | None) -> Iterator[Moment]:
    """Yield the controls of both sides, and the decisions about them."""
    if found is None:
        return
    for mine in found.own:
        yield _control(mine.at, mine.result, "", mine.reference, mine.log_index)
    for theirs in found.received:
        at = theirs.control.at or theirs.proof.received_at
        said = theirs.control
        yield _control(at, said.result or "", theirs.partner, said.reference or "", theirs.proof.log_index)
        for decided in theirs.decisions:
            yield Moment(
                at=milliseconds(decided.at),
                kind="decision",
                what=f"{decided.decision} by {decided.rule}",
                partner=theirs.partner,
                reference=decided.reference,
                log_index=decided.log_index,
            )


def _control(at: datetime, result: str, partner: str, reference: str, log_index: int) -> Moment:
    """Return a control as it happened."""
    return Moment(
        at=milliseconds(at),
        kind="control",
        what=result,
        partner=partner,
        reference=reference,
        log_index=log_index,
    )


def _returns(cases: Sequence[Case]) -> Iterator[Moment]:
    """Yield the steps of returns of goods of the item's list."""
    for case in cases:
        for step in case.steps:
            yield Moment(
                at=step.at_ms,
                kind="return",
                what=step.what,
                partner=case.partner,
                state=step.state,
                reference=case.reference,
                log_index=step.log_index,
            )
