# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer what happened: read-only views for operators, in plain values.

`trace` follows one item from its source messages to the receipts; `received` lists what partners sent about a
tracking number; `status` shows the channels; `ledger` counts everything and says whether the counts agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from gateway.exchange import merge
from gateway.exchange.assemble import members
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.postal_rows import ReferralRow
from gateway.exchange.reach import own_contributions
from gateway.exchange.rows import (
    BatchRow,
    ChannelRow,
    ContributionRow,
    ItemRow,
    LedgerRow,
    MessageRow,
    ShareRow,
)
from gateway.finding import Finding
from gateway.model import (
    Function,
    Item,
    Release,
    ShareState,
    unpack_contribution,
    unpack_item,
)
from gateway.wire.convert import unpack_envelope, unpack_payload, unpack_release
from gateway.wire.receipts import is_attested

_findings = msgspec.msgpack.Decoder(list[Finding])


@dataclass(frozen=True, slots=True)
class Source:
    """One contribution to an item, and the message that brought it."""

    contribution: int
    kind: str
    function: str
    reference: str
    retired: bool
    message: int
    message_type: str
    message_id: str
    received_at: int
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """One share of an item, and how far it has come.

    With `attested` the partner has signed no receipt: its HTTP answer is attested by the sender.
    """

    share: int
    agreement: str
    channel: str
    state: str
    version: int
    function: str
    missing: tuple[str, ...]
    deadline: int
    sequence: int
    batch_id: str
    sent_at: int
    receipted_at: int
    log_index: int
    receipt_log_index: int
    attested: bool = False


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """Another record under a number; `code` is what it says: the code of an event, an outcome, a result.

    Of another posting of the number it is the posting date.
    """

    item_id: int
    record: str
    state: str
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything about one item; `provenance` says who said each leaf: (kind, contribution id).

    Of several postings of the number it is the latest; `records` are all the other records under it. `masked`
    says that texts which may name a person do not stand here.
    """

    item_id: int
    tracking_number: str
    state: str
    version: int
    item: Item | None
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    provenance: Mapping[str, tuple[str, int]]
    shares: tuple[Journey, ...]
    records: tuple[OtherRecord, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """One record that a partner sent; `masked` says that texts which may name a person do not stand here."""

    partner: str
    channel: str
    sequence: int
    batch_id: str
    position: int
    received_at: int
    state: str
    log_index: int
    release: Release
    masked: bool = False


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One channel; `pending` are sealed batches without receipt (outgoing only)."""

    name: str
    partner: str
    direction: str
    sequence: int
    confirmed: int
    pending: int
    stopped: str
    courier: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the node."""

    channels: tuple[ChannelStatus, ...]
    ledger: LedgerRow


@dataclass(frozen=True, slots=True)
class Balance:
    """The ledger with its equations; `faults` names those that do not hold."""

    counts: LedgerRow
    faults: tuple[str, ...]


class Query:
    """The views."""

    def __init__(
        self,
        store: Store,
        courier_states: Mapping[str, str] | None = None,
        *,
        searched: Store | None = None,
    ) -> None:
        """`courier_states` is a live view of what the couriers of this process are doing, by channel.

        `searched` reads the archive too: items are looked for there, so that counts need not wait for files.
        """
        self._store = store
        self._searched = searched or store
        self._courier_states = courier_states if courier_states is not None else {}

    async def trace(self, tracking_number: str) -> Trace | None:
        """Follow one item; none if no message has named it."""
        return await self._searched.read(lambda tx: _trace(tx, tracking_number))

    async def trace_for(self, tracking_number: str, submitter: str) -> Trace | None:
        """Return of an item its state and a submitter's own messages; none if it sent none about it."""
        return await self._searched.read(lambda tx: _trace_for(tx, tracking_number, submitter))

    async def received(self, tracking_number: str) -> list[ReceivedRecord]:
        """Return what partners sent about a tracking number, in order."""
        return await self._searched.read(lambda tx: _received(tx, tracking_number))

    async def referrals(self, tracking_number: str) -> list[ReferralRow]:
        """Return every referral about an item, in order; each posting of the number has its own."""
        return await self._store.read(lambda tx: tx.referrals_of([tracking_number]))

    async def referrals_in(self, state: str, after: int = 0, limit: int = 1000) -> list[ReferralRow]:
        """Return the referrals in a state with an id above `after`, in order."""
        return await self._store.read(lambda tx: tx.referrals_in_state(state, after, limit))

    async def status(self) -> Status:
        """Return the state of all channels."""
        channels, counts = await self._store.read(lambda tx: (tx.channels(), tx.ledger()))
        return Status(tuple(self._channel(row) for row in channels), counts)

    async def ledger(self) -> Balance:
        """Count everything, and check that the counts agree."""
        counts = await self._store.read(lambda tx: tx.ledger())
        return Balance(counts, tuple(_faults(counts)))

    def _channel(self, row: ChannelRow) -> ChannelStatus:
        """Return the status of one channel."""
        return ChannelStatus(
            name=row.name,
            partner=row.partner,
            direction=row.direction,
            sequence=row.sequence,
            confirmed=row.confirmed,
            pending=row.sequence - row.confirmed if row.direction == "out" else 0,
            stopped=row.stopped,
            courier=str(self._courier_states.get(row.name, "")),
        )


def _trace(tx: Transaction, tracking_number: str) -> Trace | None:
    """Follow one item through the tables."""
    found = tx.items_by_tracking([tracking_number])
    if not found:
        return None
    items = [one for one in found if one.record == "item"]
    row = max(items, key=_posted) if items else found[-1]
    filing = f"mrn:{row.mrn}" if row.mrn else ""
    keys = [key for key in (f"trk:{tracking_number}", row.order_key, row.list_key, filing) if key]
    contributions = tx.contributions(keys)
    if len(items) > 1:
        mine = {one.id for one in own_contributions(tx, row)}
        contributions = [
            one for one in contributions if one.id in mine or not one.join_key.startswith("trk:")
        ]
    by_key: dict[str, list[ContributionRow]] = {}
    for one in contributions:
        by_key.setdefault(one.join_key, []).append(one)
    counting, _, _ = members(by_key, tracking_number)
    shares = tx.shares_of([row.id])
    return Trace(
        item_id=row.id,
        tracking_number=row.tracking_number,
        state=row.state,
        version=row.version,
        item=unpack_item(row.body) if row.body else None,
        findings=tuple(_findings.decode(row.findings)) if row.findings else (),
        sources=tuple(_sources(tx, contributions)),
        provenance=_provenance(row, counting),
        shares=tuple(_journeys(tx, shares)),
        records=tuple(_other(one) for one in found if one.id != row.id),
    )


def _trace_for(tx: Transaction, tracking_number: str, submitter: str) -> Trace | None:
    """Leave out of a trace whatever others said, and to whom it went."""
    full = _trace(tx, tracking_number)
    if full is None:
        return None
    rows = tx.messages(sorted({one.message for one in full.sources}))
    mine = {row.id for row in rows if row.submitter == submitter}
    sources = tuple(one for one in full.sources if one.message in mine)
    if not sources:
        return None
    return replace(full, item=None, findings=(), sources=sources, provenance={}, shares=(), records=())


def _posted(row: ItemRow) -> tuple[str, int]:
    """Return what orders the postings of a number."""
    day = unpack_item(row.body).posting_date if row.body else None
    return day.isoformat() if day else "", row.id


def _other(row: ItemRow) -> OtherRecord:
    """Return a record in a few words."""
    said = unpack_item(row.body) if row.body else Item()
    code = {
        "event": said.event and said.event.code,
        "dispatch": said.dispatch and said.dispatch.stage,
        "assessment": said.assessment and said.assessment.outcome,
        "answer": said.answer and said.answer.kind,
        "control": said.control and said.control.result,
    }.get(row.record, said.posting_date and said.posting_date.isoformat())
    return OtherRecord(row.id, row.record, row.state, row.version, code or "")


def _sources(tx: Transaction, contributions: Sequence[ContributionRow]) -> list[Source]:
    """Return the contributions with their messages."""
    messages = {one.id: one for one in tx.messages(sorted({row.message_row for row in contributions}))}
    return [
        Source(
            contribution=row.id,
            kind=row.kind.value,
            function=row.function.value,
            reference=row.reference.rpartition("|")[2],
            retired=row.retired,
            message=row.message_row,
            message_type=messages[row.message_row].message_type,
            message_id=messages[row.message_row].message_id,
            received_at=messages[row.message_row].received_at,
            signature=_signature(messages[row.message_row]),
        )
        for row in contributions
        if row.message_row in messages
    ]


def _signature(message: MessageRow) -> str:
    """Return what was found of the XML signature of a message, empty if it was not looked at."""
    codes = [one.code for one in _findings.decode(message.findings)] if message.findings else []
    return next((code for code in codes if code.startswith("XMLSIG-")), "")


def _provenance(row: ItemRow, counting: Sequence[ContributionRow]) -> dict[str, tuple[str, int]]:
    """Return who said each leaf; nothing of an erased item."""
    if not row.body:
        return {}
    said = [
        (one.id, unpack_contribution(one.body)) for one in counting if one.function is not Function.DELETE
    ]
    ids = {id(one): number for number, one in said}
    ordered = [(ids[id(one)], one) for one in merge.in_order([one for _, one in said])]
    return {path: (kind.value, number) for path, (kind, number) in merge.provenance(ordered).items()}


def _journeys(tx: Transaction, shares: Sequence[ShareRow]) -> list[Journey]:
    """Return the shares with their batches."""
    batches = {one.id: one for one in tx.batches(sorted({share.batch for share in shares if share.batch}))}
    return [_journey(share, batches.get(share.batch)) for share in shares]


def _journey(share: ShareRow, batch: BatchRow | None) -> Journey:
    """Return one share with its batch, if it has one."""
    return Journey(
        share=share.id,
        agreement=share.agreement,
        channel=share.channel,
        state=share.state.value,
        version=share.version,
        function=share.function.value,
        missing=share.missing,
        deadline=share.deadline,
        sequence=batch.sequence if batch else 0,
        batch_id=batch.batch_id if batch else "",
        sent_at=batch.created_at if batch else 0,
        receipted_at=batch.receipted_at if batch else 0,
        log_index=batch.log_index if batch else -1,
        receipt_log_index=batch.receipt_log_index if batch else -1,
        attested=batch is not None and bool(batch.receipt) and is_attested(unpack_envelope(batch.receipt)),
    )


def _received(tx: Transaction, tracking_number: str) -> list[ReceivedRecord]:
    """Return what partners sent about a tracking number."""
    return [
        ReceivedRecord(
            partner=inbound.partner,
            channel=inbound.channel,
            sequence=inbound.sequence,
            batch_id=inbound.batch_id,
            position=record.position,
            received_at=inbound.received_at,
            state=record.state,
            log_index=inbound.log_index,
            release=unpack_release(unpack_payload(inbound.payload)[record.position][1]),
        )
        for record, inbound in tx.inbound_records(tracking_number)
    ]


def _faults(counts: LedgerRow) -> list[str]:
    """Return the equations that do not hold."""
    shares = counts.shares
    batched = shares.get(ShareState.BATCHED.value, 0)
    accepted = shares.get(ShareState.ACCEPTED.value, 0)
    checks = {
        "documents = accepted + refused, both not negative": 0 <= counts.accepted <= counts.documents,
        "states of shares are known": set(shares) <= {state.value for state in ShareState},
        "records of batches without receipt = shares batched": counts.batch_records
        - counts.confirmed
        - counts.rejected
        == batched,
        "records confirmed by receipts = shares accepted": counts.confirmed == accepted,
        "records rejected by receipts are among shares rejected": counts.rejected
        <= shares.get(ShareState.REJECTED.value, 0),
    }
    return [text for text, holds in checks.items() if not holds]
