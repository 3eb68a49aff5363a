# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Doors of the way in memory: a store, workers in this process, a clock, repeatable random bytes."""

import asyncio
import copy
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from gateway.exchange.rows import LedgerRow, LogState, PackedMessage, ReadyShare
from gateway.model import ShareState
from tests.fake_leases import MemoryLeases
from tests.fake_referrals import MemoryReferrals
from tests.fake_rollups import MemoryRollups

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, **span):
        """Move on."""
        self.now += timedelta(**span)


class FakeIds:
    """Ids that count."""

    def __init__(self, first=1000):
        self.next = first

    def take(self, count):
        """Return the next ids."""
        start, self.next = self.next, self.next + count
        return range(start, self.next)


def repeating(seed=7):
    """Return a source of bytes that gives the same in every run."""
    return Random(seed).randbytes


class MemoryTables:
    """All rows, by kind and key."""

    def __init__(self):
        self.messages = {}
        self.contributions = {}
        self.items = {}
        self.shares = {}
        self.channels = {}
        self.leases = {}
        self.batches = {}
        self.inbound = {}
        self.records = {}
        self.refusals = {}
        self.referrals = {}
        self.movements = {}
        self.logs = {}
        self.hashes = {}
        self.entries = {}
        self.seen = {}
        self.witnesses = {}
        self.cosignatures = {}
        self.contradictions = {}
        self.decisions = {}


class MemoryTransaction(MemoryReferrals, MemoryRollups, MemoryLeases):
    """The port over tables in memory."""

    def __init__(self, tables):
        self.t = tables

    def message_by_digest(self, digest):
        return next((one for one in self.t.messages.values() if one.digest == digest), None)

    def has_message(self, adapter, message_id):
        return any(
            (row.adapter, row.message_id) == (adapter, message_id) and row.outcome != "refused"
            for row in self.t.messages.values()
        )

    def add_message(self, row):
        assert row.id not in self.t.messages
        assert self.message_by_digest(row.digest) is None
        self.t.messages[row.id] = row

    def messages(self, ids):
        return [self.t.messages[one] for one in sorted(ids) if one in self.t.messages]

    def add_contributions(self, rows):
        self.t.contributions.update({row.id: row for row in rows})

    def contributions(self, join_keys):
        keys = set(join_keys)
        return [row for _, row in sorted(self.t.contributions.items()) if row.join_key in keys]

    def contributions_of_item(self, row):
        if row.record != "item":
            return self.contributions([row.order_key])
        filing = f"mrn:{row.mrn}" if row.mrn else ""
        keys = (f"trk:{row.tracking_number}", row.order_key, row.list_key, filing)
        return self.contributions([key for key in keys if key])

    def contributions_by_reference(self, references):
        wanted = set(references)
        return [row for _, row in sorted(self.t.contributions.items()) if row.reference in wanted]

    def retire_contributions(self, ids):
        for one in ids:
            self.t.contributions[one] = msgspec.structs.replace(self.t.contributions[one], retired=True)

    def items_by_tracking(self, numbers):
        return [row for row in self.t.items.values() if row.tracking_number in set(numbers)]

    def items_by_order(self, order_keys):
        return [row for row in self.t.items.values() if row.order_key and row.order_key in set(order_keys)]

    def items_by_mrn(self, mrns):
        return [row for row in self.t.items.values() if row.mrn and row.mrn in set(mrns)]

    def items_by_list(self, list_keys):
        return [row for row in self.t.items.values() if row.list_key and row.list_key in set(list_keys)]

    def put_items(self, rows):
        self.t.items.update({row.id: row for row in rows})

    def shares_of(self, item_ids):
        return [row for _, row in sorted(self.t.shares.items()) if row.item in set(item_ids)]

    def shares(self, ids):
        return [self.t.shares[one] for one in sorted(ids) if one in self.t.shares]

    def put_shares(self, rows):
        self.t.shares.update({row.id: row for row in rows})

    def ready_heads(self, channel, after, limit):
        ready = [row for row in self.t.shares.values() if row.state is ShareState.READY and row.id > after]
        return sorted((row.id, row.agreement) for row in ready if row.channel == channel)[:limit]

    def ready_shares(self, ids):
        return [
            ReadyShare(share=row, tracking_number=item.tracking_number, secret=item.secret, body=item.body)
            for row in self.shares(ids)
            for item in ([self.t.items[row.item]] if row.state is ShareState.READY else [])
        ]

    def due_shares(self, now, limit):
        return [
            row
            for _, row in sorted(self.t.shares.items())
            if row.state is ShareState.WAITING and 0 < row.deadline <= now
        ][:limit]

    def batch_shares(self, share_ids, batch, now):
        for position, one in enumerate(share_ids):
            self.t.shares[one] = msgspec.structs.replace(
                self.t.shares[one], state=ShareState.BATCHED, batch=batch, position=position, updated_at=now
            )

    def settle_shares(self, batch, rejected, now):
        for key, row in self.t.shares.items():
            if row.batch == batch and row.state is ShareState.BATCHED:
                state = ShareState.REJECTED if row.position in set(rejected) else ShareState.ACCEPTED
                self.t.shares[key] = msgspec.structs.replace(row, state=state, updated_at=now)

    def channel(self, name):
        return self.t.channels.get(name)

    def channels(self):
        return [row for _, row in sorted(self.t.channels.items())]

    def put_channel(self, row):
        self.t.channels[row.name] = row

    def add_batch(self, row):
        assert self.batch_by_sequence(row.channel, row.sequence) is None
        self.t.batches[row.id] = row

    def batch(self, key):
        return self.t.batches.get(key)

    def batches(self, ids):
        return [self.t.batches[one] for one in sorted(ids) if one in self.t.batches]

    def batches_after(self, channel, sequence, limit):
        rows = [row for row in self.t.batches.values() if row.channel == channel and row.sequence > sequence]
        return sorted(rows, key=lambda row: row.sequence)[:limit]

    def batch_by_sequence(self, channel, sequence):
        found = (row for row in self.t.batches.values() if (row.channel, row.sequence) == (channel, sequence))
        return next(found, None)

    def put_receipt(self, batch, *, state, receipt, at, log_index, accepted, rejected):
        self.t.batches[batch] = msgspec.structs.replace(
            self.t.batches[batch],
            state=state,
            receipt=receipt,
            receipted_at=at,
            receipt_log_index=log_index,
            accepted=accepted,
            rejected=rejected,
        )

    def inbound_by_batch(self, partner, batch_id):
        found = (row for row in self.t.inbound.values() if (row.partner, row.batch_id) == (partner, batch_id))
        return next(found, None)

    def inbound(self, key):
        return self.t.inbound.get(key)

    def add_inbound(self, row, records):
        self.t.inbound[row.id] = row
        self.t.records.update({one.id: one for one in records})

    def add_refusal(self, row):
        self.t.refusals[row.id] = row

    def inbound_to_forward(self, after, limit):
        rows = [row for key, row in sorted(self.t.inbound.items()) if key > after and not row.forwarded]
        return rows[:limit]

    def inbound_to_restate(self, limit):
        rows = [row for _, row in sorted(self.t.inbound.items()) if not row.restated]
        return rows[:limit]

    def mark_restated(self, inbound):
        self.t.inbound[inbound] = msgspec.structs.replace(self.t.inbound[inbound], restated=True)

    def inbound_partners(self, tracking_number, record):
        return frozenset(
            batch.partner
            for place, batch in self.inbound_records(tracking_number)
            if place.state != "rejected" and batch.channel.endswith(f"/{record}")
        )

    def inbound_records(self, tracking_number):
        return [
            (row, self.t.inbound[row.inbound])
            for _, row in sorted(self.t.records.items())
            if row.tracking_number == tracking_number
        ]

    def mark_forwarded(self, inbound):
        self.t.inbound[inbound] = msgspec.structs.replace(self.t.inbound[inbound], forwarded=True)
        for key, row in self.t.records.items():
            if row.inbound == inbound and row.state == "accepted":
                self.t.records[key] = msgspec.structs.replace(row, state="forwarded")

    def log_state(self, name):
        return self.t.logs.get(name) or LogState(name=name, size=0, frontier=())

    def append_log(self, state, entries, hashes):
        self.t.logs[state.name] = state
        self.t.entries.update({(one.log, one.index): one for one in entries})
        self.t.hashes.update({(state.name, level, index): value for level, index, value in hashes})

    def log_hash(self, name, level, index):
        return self.t.hashes[name, level, index]

    def log_entries(self, name, start, end):
        return [self.t.entries[name, index] for index in range(start, end) if (name, index) in self.t.entries]

    def seen_checkpoint(self, partner):
        return self.t.seen.get(partner)

    def put_seen_checkpoint(self, row):
        self.t.seen[row.partner] = row

    def log_states(self):
        return [row for _, row in sorted(self.t.logs.items())]

    def witnessed(self, log):
        return self.t.witnesses.get(log)

    def all_witnessed(self):
        return [row for _, row in sorted(self.t.witnesses.items())]

    def put_witnessed(self, row):
        self.t.witnesses[row.log] = row

    def cosigned(self):
        return [row for _, row in sorted(self.t.cosignatures.items())]

    def put_cosigned(self, row):
        self.t.cosignatures[row.log, row.witness] = row

    def add_conflict(self, row):
        self.t.contradictions[row.id] = row

    def conflicts(self):
        return [row for _, row in sorted(self.t.contradictions.items())]

    def settle_conflicts(self, partner, now):
        for key, row in self.t.contradictions.items():
            if row.partner == partner and not row.settled_at:
                self.t.contradictions[key] = msgspec.structs.replace(row, settled_at=now)

    def drop_seen_checkpoint(self, partner):
        self.t.seen.pop(partner, None)

    def add_decision(self, row):
        self.t.decisions[row.id] = row

    def ledger(self):
        t = self.t
        receipted = [row for row in t.batches.values() if row.state == "receipted"]
        return LedgerRow(
            messages=len(t.messages),
            documents=sum(row.documents for row in t.messages.values()),
            accepted=sum(row.accepted for row in t.messages.values()),
            items=_count(row.state for row in t.items.values()),
            shares=_count(row.state.value for row in t.shares.values()),
            batches=_count(row.state for row in t.batches.values()),
            batch_records=sum(row.count for row in t.batches.values()),
            confirmed=sum(row.accepted for row in receipted),
            rejected=sum(row.rejected for row in receipted),
            inbound=len(t.inbound),
            inbound_records=_count(row.state for row in t.records.values()),
            refusals=len(t.refusals),
        )


def _count(states):
    counts = {}
    for one in states:
        counts[one] = counts.get(one, 0) + 1
    return counts


class MemoryStore:
    """The store in memory; a failing work undoes only itself."""

    def __init__(self):
        self.tables = MemoryTables()

    async def transact(self, work):
        """Run work; undo it if it fails."""
        await asyncio.sleep(0)
        before = {name: copy.copy(table) for name, table in vars(self.tables).items()}
        try:
            return work(MemoryTransaction(self.tables))
        except BaseException:
            vars(self.tables).update(before)
            raise

    async def lease(self, work):
        """Run work on leases."""
        return await self.transact(work)

    async def read(self, work):
        """Run read-only work."""
        await asyncio.sleep(0)
        return work(MemoryTransaction(self.tables))


class LocalWorkers:
    """Workers without processes; each job is a plain function."""

    def __init__(self, decode=None, prepare=None, open_=None):
        self._decode = decode
        self._prepare = prepare
        self._open = open_

    async def decode(self, adapter, raw, now=0):
        """Read a message."""
        await asyncio.sleep(0)
        return self._decode(adapter, raw)

    async def prepare(self, agreement, shares, now):
        """Make a payload."""
        await asyncio.sleep(0)
        return self._prepare(agreement, shares, now)

    async def open(self, partner, envelope, payload, now):
        """Check a transfer."""
        await asyncio.sleep(0)
        return self._open(partner, envelope, payload, now)


def decode_packed(adapter, raw):
    """Read a message whose bytes are a `PackedMessage` already."""
    return msgspec.msgpack.decode(raw, type=PackedMessage)
