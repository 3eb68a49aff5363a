# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors of the way: everything a step needs from outside.

Steps are plain functions on a `Transaction`. `Store.transact` runs a function in the one database thread; all
functions queued at that moment share one commit, each behind its own savepoint, so a failing one undoes
only itself. `store` fits these shapes without being imported here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from gateway.exchange.access_ports import Credentials
from gateway.exchange.announcement_ports import Announcements
from gateway.exchange.archive_ports import ArchiveTables
from gateway.exchange.lease_ports import Leases
from gateway.exchange.listing_ports import Listings
from gateway.exchange.log_rows import ConflictRow, CosignedRow, DecisionRow, WitnessedRow
from gateway.exchange.postal_ports import PostalTables
from gateway.exchange.query_ports import Inquiries
from gateway.exchange.rollup_ports import Rollups
from gateway.exchange.rows import (
    BatchRow,
    ChannelRow,
    ContributionRow,
    ErasureRow,
    InboundRecordRow,
    InboundRow,
    ItemRow,
    LedgerRow,
    LogEntryRow,
    LogState,
    MessageRow,
    OpenedTransfer,
    PackedDocument,
    PackedMessage,
    PreparedBatch,
    ReadyShare,
    RefusalRow,
    SeenRow,
    ShareRow,
    StatementRow,
    ToRelease,
)
from gateway.exchange.trade_ports import TradeTables
from gateway.exchange.webhook_ports import Deliveries, Translates

T = TypeVar("T")


class Transaction(
    PostalTables,
    Inquiries,
    Deliveries,
    Rollups,
    Leases,
    TradeTables,
    Listings,
    ArchiveTables,
    Announcements,
    Credentials,
    Protocol,
):
    """All reads and writes of one unit of work; every list keeps the order that its method states."""

    # messages
    def message_by_digest(self, digest: bytes) -> MessageRow | None:
        """Return the message with these verbatim bytes."""

    def has_message(self, adapter: str, message_id: str) -> bool:
        """Say whether a message of a format that was not refused whole bears this id."""

    def add_message(self, row: MessageRow) -> None:
        """Insert a message."""

    def messages(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return messages by id, in id order."""

    # contributions and items
    def add_contributions(self, rows: Sequence[ContributionRow]) -> None:
        """Insert contributions."""

    def contributions(self, join_keys: Sequence[str]) -> list[ContributionRow]:
        """Return the contributions that wait under any of the keys, retired ones too, in id order."""

    def contributions_by_reference(self, references: Sequence[str]) -> list[ContributionRow]:
        """Return the contributions of any kind with these references, retired ones too, in id order."""

    def contributions_of_item(self, row: ItemRow) -> list[ContributionRow]:
        """Return the contributions that an item was merged from, retired ones too, in id order."""

    def retire_contributions(self, ids: Sequence[int]) -> None:
        """Mark contributions as no longer counting."""

    def items_by_tracking(self, numbers: Sequence[str]) -> list[ItemRow]:
        """Return the items with these tracking numbers and all records about them, in id order."""

    def items_by_order(self, order_keys: Sequence[str]) -> list[ItemRow]:
        """Return the items whose list names one of these orders."""

    def items_by_list(self, list_keys: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these list numbers."""

    def put_items(self, rows: Sequence[ItemRow]) -> None:
        """Insert items, or replace those whose id exists."""

    # shares
    def shares_of(self, item_ids: Sequence[int]) -> list[ShareRow]:
        """Return every share of the items, in id order."""

    def shares(self, ids: Sequence[int]) -> list[ShareRow]:
        """Return shares by id, in id order."""

    def put_shares(self, rows: Sequence[ShareRow]) -> None:
        """Insert shares, or replace those whose id exists; item and agreement stay what they were."""

    def ready_heads(self, channel: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return id and agreement of shares in state ready with an id above `after`, in id order."""

    def ready_shares(self, ids: Sequence[int]) -> list[ReadyShare]:
        """Return those of the shares that are in state ready, with their items, in id order."""

    def waiting(self, limit: int) -> list[tuple[ShareRow, str]]:
        """Return waiting shares with the tracking number of their item, in deadline order."""

    def due_shares(self, now: int, limit: int) -> list[ShareRow]:
        """Return waiting shares whose deadline has passed, in id order."""

    def batch_shares(self, share_ids: Sequence[int], batch: int, now: int) -> None:
        """Set shares to batched, with position in the order given."""

    def settle_shares(self, batch: int, rejected: Sequence[int], now: int) -> None:
        """Set the shares of a batch to accepted, those at the positions in `rejected` to rejected."""

    def shares_in_batch(self, batch: int) -> list[ShareRow]:
        """Return the shares of a batch, in position order."""

    # outgoing
    def channel(self, name: str) -> ChannelRow | None:
        """Return a channel."""

    def channels(self) -> list[ChannelRow]:
        """Return every channel, by name."""

    def put_channel(self, row: ChannelRow) -> None:
        """Insert or replace a channel."""

    def add_batch(self, row: BatchRow) -> None:
        """Insert an outgoing batch."""

    def batch(self, key: int) -> BatchRow | None:
        """Return an outgoing batch by id."""

    def batches(self, ids: Sequence[int]) -> list[BatchRow]:
        """Return outgoing batches by id, in id order."""

    def batches_after(self, channel: str, sequence: int, limit: int) -> list[BatchRow]:
        """Return the batches of a channel above a sequence number, in sequence order."""

    def batch_by_sequence(self, channel: str, sequence: int) -> BatchRow | None:
        """Return one batch of a channel."""

    def put_receipt(
        self, batch: int, *, state: str, receipt: bytes, at: int, log_index: int, accepted: int, rejected: int
    ) -> None:
        """Store the receipt of a batch."""

    # incoming
    def inbound_by_batch(self, partner: str, batch_id: str) -> InboundRow | None:
        """Return a received batch by the partner's batch id."""

    def inbound(self, key: int) -> InboundRow | None:
        """Return a received batch by id."""

    def add_inbound(self, row: InboundRow, records: Sequence[InboundRecordRow]) -> None:
        """Insert a received batch with its record index."""

    def add_refusal(self, row: RefusalRow) -> None:
        """Keep the evidence of a refused envelope."""

    def refusals(self, limit: int) -> list[RefusalRow]:
        """Return the latest refusals, latest first."""

    def inbound_to_forward(self, after: int, limit: int) -> list[InboundRow]:
        """Return received batches not yet forwarded with an id above `after`, in id order."""

    def inbound_to_restate(self, limit: int) -> list[InboundRow]:
        """Return received batches whose records are not yet our own, in id order."""

    def mark_restated(self, inbound: int) -> None:
        """Note that the records of a received batch are our own now, or need not be."""

    def inbound_records(self, tracking_number: str) -> list[tuple[InboundRecordRow, InboundRow]]:
        """Return every received record of a tracking number with its batch, in id order."""

    def inbound_partners(self, tracking_number: str, record: str) -> frozenset[str]:
        """Return the partners of which a record of a kind about a tracking number was accepted."""

    def mark_forwarded(self, inbound: int) -> None:
        """Set a received batch and its accepted records to forwarded."""

    # audit log
    def log_state(self, name: str) -> LogState:
        """Return the state of a log, an empty one if it does not exist; locks it for writing."""

    def append_log(
        self, state: LogState, entries: Sequence[LogEntryRow], hashes: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Store entries, the new complete subtree hashes (level, index, hash) and the new state."""

    def log_hash(self, name: str, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of 2**level leaves.

        Raises:
            KeyError: there is no such subtree.
        """

    def log_entries(self, name: str, start: int, end: int) -> list[LogEntryRow]:
        """Return the entries with start <= index < end, in order."""

    def seen_checkpoint(self, partner: str) -> SeenRow | None:
        """Return the last checkpoint that was seen of a partner's log."""

    def put_seen_checkpoint(self, row: SeenRow) -> None:
        """Insert or replace the last checkpoint seen of a partner."""

    def log_states(self) -> list[LogState]:
        """Return the state of every log, by name."""

    def witnessed(self, log: str) -> WitnessedRow | None:
        """Return the newest checkpoint of a partner's log that was proved; locks it for writing."""

    def all_witnessed(self) -> list[WitnessedRow]:
        """Return what is witnessed of every log, by name."""

    def put_witnessed(self, row: WitnessedRow) -> None:
        """Insert or replace what is witnessed of a log."""

    def cosigned(self) -> list[CosignedRow]:
        """Return the newest cosigned checkpoint of each of our logs and witnesses, by name."""

    def put_cosigned(self, row: CosignedRow) -> None:
        """Insert or replace the newest checkpoint of a log that a witness cosigned."""

    def add_conflict(self, row: ConflictRow) -> None:
        """Keep two states of a log that cannot both be true."""

    def conflicts(self) -> list[ConflictRow]:
        """Return every contradiction that was found, settled ones too, in id order."""

    def settle_conflicts(self, partner: str, now: int) -> None:
        """Mark the open contradictions with a partner as settled."""

    def drop_seen_checkpoint(self, partner: str) -> None:
        """Forget the last checkpoint seen of a partner."""

    def add_decision(self, row: DecisionRow) -> None:
        """Keep what an operator decided."""

    # erasure
    def items_after(self, key: int, limit: int) -> list[ItemRow]:
        """Return items with an id above `key`, in id order."""

    def items(self, ids: Sequence[int]) -> list[ItemRow]:
        """Return items by id, in id order."""

    def inbound_after(self, key: int, limit: int) -> list[InboundRow]:
        """Return received batches with an id above `key`, in id order."""

    def inbound_after_sequence(self, channel: str, sequence: int, limit: int) -> list[InboundRow]:
        """Return received batches of a channel above a sequence number, in sequence order."""

    def inbound_by_sequence(self, channel: str, sequence: int) -> InboundRow | None:
        """Return one received batch of a channel."""

    def records_in_inbound(self, inbound: int) -> list[InboundRecordRow]:
        """Return the record index of a received batch, in position order."""

    def messages_with_findings(self, after: int, limit: int) -> list[MessageRow]:
        """Return messages about which something was found, with an id above `after`, in id order."""

    def erase_contributions(self, ids: Sequence[int]) -> None:
        """Empty contributions and everything by which they could be found."""

    def put_contribution_body(self, contribution: int, body: bytes) -> None:
        """Replace the words of a contribution."""

    def erase_messages(self, ids: Sequence[int], random: Callable[[int], bytes]) -> None:
        """Empty verbatim messages, answers and findings; random bytes replace their digests."""

    def put_batch_payload(self, batch: int, payload: bytes, salts: bytes) -> None:
        """Replace what a sent batch holds of its records."""

    def put_inbound_payload(self, inbound: int, payload: bytes, positions: Sequence[int]) -> None:
        """Replace what a received batch holds; the records at the positions are erased from its index."""

    def add_erasure(self, row: ErasureRow) -> None:
        """Insert an erasure."""

    def put_answer(self, erasure: int, answer: bytes, now: int) -> None:
        """Store the confirmation of a notice."""

    def erasure_by_notice(self, partner: str, notice_id: str) -> ErasureRow | None:
        """Return the erasure of a notice from or to a partner."""

    def pending_erasures(self, after: int, limit: int) -> list[ErasureRow]:
        """Return erasures that the partner has not confirmed, with an id above `after`, in id order."""

    def erasures(self, after: int, limit: int) -> list[ErasureRow]:
        """Return erasures with an id above `after`, in id order."""

    # self-audit; what cannot be read comes back as bytes that are no form of anything
    def stored_logs(self) -> list[LogState]:
        """Return every log, by name."""

    def stored_entries(self, name: str, start: int, end: int) -> list[LogEntryRow]:
        """Return the entries of a log with start <= index < end, in order."""

    def stored_batches(
        self, direction: str, channel: str, after: int, limit: int
    ) -> Sequence[BatchRow | InboundRow]:
        """Return batches of a channel above a sequence number, in order; `direction` is out or in."""

    def places_in_batch(self, batch: int) -> list[int]:
        """Return the positions of the shares of a batch, in order."""

    def log_hashes(self, name: str, level: int, start: int, end: int) -> list[tuple[int, bytes]]:
        """Return the hashes of a level with start <= index < end, each with its index, in order."""

    def statements(self, kind: str, ids: Sequence[int]) -> list[StatementRow]:
        """Return what entries of a kind are about, by id, in id order."""

    def statements_after(self, kind: str, after: int, limit: int) -> list[tuple[str, StatementRow]]:
        """Return rows of a kind with an id above `after`, each with its partner."""

    def batch_channels(self) -> list[tuple[str, str]]:
        """Return direction and name of every channel that a batch names."""

    def orphans(self) -> Mapping[str, int]:
        """Return how many rows of each index table belong to a batch that is not there."""

    # figures
    def counts(self) -> Mapping[str, int]:
        """Return how much of everything there is, by dotted name, shares by channel too; read-only."""

    def ledger(self) -> LedgerRow:
        """Count everything; read-only."""


class Store(Protocol):
    """Where everything durable lives."""

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the next group commit; return its result once that commit is durable."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work on another connection; sees committed data only."""

    async def lease(self, work: Callable[[Transaction], T]) -> T:
        """Run work on leases, which does not wait for group commits where the database allows it."""


class Ids(Protocol):
    """A source of time-ordered ids."""

    def take(self, count: int) -> range:
        """Return `count` consecutive ids, above every id given before."""


class Workers(Translates, Protocol):
    """Processes that take whole messages; only bytes cross the border."""

    async def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message, by who recognises it if no adapter is named; with a time, foresee the answer."""

    async def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Treat, write, salt and commit the releases of a batch."""

    async def restate(
        self, payload: bytes, record: str, rejected: Sequence[int]
    ) -> tuple[PackedDocument, ...]:
        """Return the records of a received payload, without the rejected ones, as documents of our own."""

    async def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check everything about a received transfer that needs no database."""

    def renew_trust(self) -> None:
        """Let what is opened from now on be checked with the bundles as they are now."""
