# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rows and packets that pass through the doors of the way: passive, frozen, no verbs.

Ids are time-ordered integers made by `Ids`; times are milliseconds since 1970 UTC.
"""

import msgspec

from gateway.finding import Finding
from gateway.model import ContributionKind, Function, ReleaseFunction, ShareState

FROM_PARTNER = "partner:"
"""What the references of words begin with that a partner said."""


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A passive row."""


class MessageRow(Row, frozen=True, kw_only=True, gc=False):
    """A source message as it arrived; `raw` are the verbatim bytes, `digest` their SHA-256.

    `outcome` is accepted, partial or refused. `findings` is the MessagePack of all findings with positions.
    """

    id: int
    digest: bytes
    source: str
    submitter: str
    adapter: str
    message_type: str
    message_id: str
    received_at: int
    outcome: str
    documents: int
    accepted: int
    raw: bytes
    acknowledgement: bytes
    content_type: str
    findings: bytes


class ContributionRow(Row, frozen=True, kw_only=True, gc=False):
    """One contribution; `join_key` is the key it waits under, `keys` all it has, `body` its stored form.

    A row with `retired` true was changed, deleted or repeated by a later one and no longer counts.
    """

    id: int
    message_row: int
    position: int
    kind: ContributionKind
    function: Function
    reference: str
    join_key: str
    keys: tuple[str, ...]
    body: bytes
    retired: bool = False


class ItemRow(Row, frozen=True, kw_only=True, gc=False):
    """An item, or another record about one; `secret` are 32 random bytes from which its salts derive.

    `body` is the merged record. `record` is one of `RECORDS`; what is no item is made from one contribution,
    and its `order_key` is the key of that one. `state` is open, cancelled or deleted. `findings` is
    MessagePack of what the merge found, `counted` what the statistics counted of it. Erasure empties
    `secret`, `body` and `counted`.
    """

    id: int
    tracking_number: str
    order_key: str
    list_key: str
    state: str
    version: int
    created_at: int
    updated_at: int
    secret: bytes
    body: bytes
    findings: bytes
    record: str = "item"
    ucr: str = ""
    mrn: str = ""
    counted: str = ""


class ShareRow(Row, frozen=True, kw_only=True, gc=False):
    """One item under one agreement; at most one row of the pair is not yet batched.

    `missing` are the canonical paths that the agreement requires and the item lacks; `deadline` is when
    waiting ends, 0 for never. `batch` is 0 until batched; `position` counts from 0 within the batch.
    `item_version` is the version of the item that the share stands for.
    """

    id: int
    item: int
    agreement: str
    channel: str
    state: ShareState
    version: int
    function: ReleaseFunction
    deadline: int
    missing: tuple[str, ...] = ()
    batch: int = 0
    position: int = 0
    updated_at: int = 0
    item_version: int = 0


class ReadyShare(Row, frozen=True, kw_only=True, gc=False):
    """A share that may leave, with what is needed to release it."""

    share: ShareRow
    tracking_number: str
    secret: bytes
    body: bytes


class BatchRow(Row, frozen=True, kw_only=True, gc=False):
    """An outgoing batch: the exact bytes of its envelope and payload, and its receipt once it has come.

    `state` is pending, receipted or refused. `log_index` is the position of its entry in the partner's log.
    """

    id: int
    batch_id: str
    channel: str
    sequence: int
    statement_digest: bytes
    count: int
    agreement: str
    created_at: int
    envelope: bytes
    payload: bytes
    salts: bytes
    log_index: int
    state: str = "pending"
    receipt: bytes = b""
    receipted_at: int = 0
    receipt_log_index: int = -1
    accepted: int = 0
    rejected: int = 0


class ChannelRow(Row, frozen=True, kw_only=True, gc=False):
    """One partner lane. Outgoing: what was sealed last and confirmed last. Incoming: what was stored last."""

    name: str
    partner: str
    direction: str
    sequence: int = 0
    last_digest: bytes = b""
    confirmed: int = 0
    stopped: str = ""


class InboundRow(Row, frozen=True, kw_only=True, gc=False):
    """A received batch: exact bytes, the receipt that was given, and its place in the log."""

    id: int
    batch_id: str
    channel: str
    sequence: int
    partner: str
    agreement: str
    statement_digest: bytes
    count: int
    accepted: int
    received_at: int
    envelope: bytes
    payload: bytes
    receipt: bytes
    log_index: int
    forwarded: bool = False
    restated: bool = False


class InboundRecordRow(Row, frozen=True, kw_only=True, gc=False):
    """Where a received record lies; `state` is accepted, rejected or forwarded."""

    id: int
    inbound: int
    position: int
    tracking_number: str
    reference: str
    version: int
    state: str


class RefusalRow(Row, frozen=True, kw_only=True, gc=False):
    """Evidence of an envelope that was refused: what came, from whom, why, and the answer."""

    id: int
    partner: str
    channel: str
    received_at: int
    codes: tuple[str, ...]
    envelope: bytes
    receipt: bytes
    log_index: int


class LogState(Row, frozen=True, kw_only=True, gc=False):
    """The right edge of one log: `frontier` holds the roots of its complete subtrees, largest first."""

    name: str
    size: int
    frontier: tuple[bytes, ...]
    checkpoint: bytes = b""


class LogEntryRow(Row, frozen=True, kw_only=True, gc=False):
    """One entry of a log; `subject` points to the row it is about (`batch:17`), `salt` hides its digest."""

    log: str
    index: int
    event: str
    subject: str
    leaf: bytes
    salt: bytes
    created_at: int


class StatementRow(Row, frozen=True, kw_only=True, gc=False):
    """What one log entry or two are about, without the rest of its row.

    `first` is an envelope, a notice or a decision, `second` the receipt or answer to it. `second_index` is
    where the answer stands in the log, -1 if the row does not say.
    """

    id: int
    first: bytes
    second: bytes
    log_index: int
    second_index: int


class SeenRow(Row, frozen=True, kw_only=True, gc=False):
    """The last checkpoint that a partner told of its log about us."""

    partner: str
    origin: str
    size: int
    root: bytes
    seen_at: int


class ErasureRow(Row, frozen=True, kw_only=True, gc=False):
    """One erasure, and what was said about it.

    `direction` is sent (the partner is told), received (the partner told us) or own (nobody is told). `state`
    is pending, confirmed or done. `notice` is the envelope of the notice, of an own erasure its unsigned
    statement; `answer` is the envelope of the confirmation.
    """

    id: int
    notice_id: str
    partner: str
    direction: str
    state: str
    records: int
    reason: str
    created_at: int
    notice: bytes
    log_index: int
    answer: bytes = b""
    answered_at: int = 0


class LedgerRow(Row, frozen=True, kw_only=True, gc=False):
    """Counts of everything; the dictionaries are by state. `batch_records` are the records of the batches.

    `documents` and `accepted` are sums over messages, `confirmed` and `rejected` over receipts.
    """

    messages: int = 0
    documents: int = 0
    accepted: int = 0
    items: dict[str, int] = {}
    shares: dict[str, int] = {}
    batches: dict[str, int] = {}
    batch_records: int = 0
    confirmed: int = 0
    rejected: int = 0
    inbound: int = 0
    inbound_records: dict[str, int] = {}
    refusals: int = 0


class PackedContribution(Row, frozen=True, kw_only=True, gc=False):
    """A contribution as it crosses a process border: what joining needs, and its stored form."""

    kind: ContributionKind
    function: Function
    reference: str
    keys: tuple[str, ...]
    body: bytes


class PackedDocument(Row, frozen=True, kw_only=True, gc=False):
    """A decoded document as it crosses a process border."""

    position: int
    reference: str
    echo: dict[str, str]
    contributions: tuple[PackedContribution, ...]
    findings: tuple[Finding, ...]


class ForeseenAnswer(Row, frozen=True, kw_only=True, gc=False):
    """The answer to a message as of a time, if nothing more is found than its reader found."""

    at: int
    body: bytes
    content_type: str


class PackedMessage(Row, frozen=True, kw_only=True, gc=False):
    """A decoded message as it crosses a process border."""

    adapter: str
    message_type: str
    message_id: str
    sender: str
    documents: tuple[PackedDocument, ...]
    findings: tuple[Finding, ...]
    once: bool = False
    answer: ForeseenAnswer | None = None


class ToRelease(Row, frozen=True, kw_only=True, gc=False):
    """One share on its way into a batch."""

    share: int
    version: int
    function: ReleaseFunction
    tracking_number: str
    secret: bytes
    body: bytes


class PreparedBatch(Row, frozen=True, kw_only=True, gc=False):
    """A payload ready to be sealed; `shares` are inside, in order; `failed` could not leave."""

    agreement: str
    shares: tuple[int, ...]
    failed: tuple[tuple[int, tuple[Finding, ...]], ...]
    payload: bytes
    payload_digest: bytes
    commitment_root: bytes
    salts: bytes


class OpenedRecord(Row, frozen=True, kw_only=True, gc=False):
    """One received record after its checks."""

    tracking_number: str
    reference: str
    version: int
    accepted: bool
    findings: tuple[Finding, ...] = ()


class OpenedTransfer(Row, frozen=True, kw_only=True, gc=False):
    """A received envelope after every check that needs no database.

    `partner` is the TLS identity. With an error among `findings` the whole envelope is refused.
    `statement` are the signed bytes, empty unless the signatures held.
    """

    partner: str
    statement: bytes
    statement_digest: bytes
    findings: tuple[Finding, ...]
    records: tuple[OpenedRecord, ...] = ()
