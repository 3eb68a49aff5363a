# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the state of a node for Prometheus: what its store, its trust and its disk say at this moment."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.config import Config
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.query import ChannelStatus, Query
from gateway.exchange.rows import LedgerRow
from gateway.metrics import Metrics, Sample

_DAY = 86_400.0


class NodeFigures:
    """The figures of one node; `agreements` and `keyring` are those that it has in use."""

    def __init__(
        self,
        config: Config,
        metrics: Metrics,
        store: Store,
        query: Query,
        *,
        keyring: Keyring,
        agreements: AgreementSet,
        ready: Callable[[], bool],
        locked_out: Callable[[], int],
        clock: Clock,
    ) -> None:
        """Take the doors."""
        self._config = config
        self._metrics = metrics
        self._store = store
        self._query = query
        self._keyring = keyring
        self._agreements = agreements
        self._ready = ready
        self._locked_out = locked_out
        self._clock = clock

    async def render(self) -> bytes:
        """Return all figures as text; three reads of the store, whatever its size."""
        now = self._clock()
        status, balance = await self._query.status(), await self._query.ledger()
        out = [one for one in status.channels if one.direction == "out"]
        oldest = await self._store.read(lambda tx: _oldest(tx, [one.name for one in out], milliseconds(now)))
        usage = shutil.disk_usage(self._config.data)
        return self._metrics.render(
            [
                *_ledger(balance.counts),
                Sample("gateway_ledger_faults", len(balance.faults)),
                *_channels(status.channels),
                *oldest,
                *self._trust(now),
                Sample("gateway_disk_free_ratio", usage.free / usage.total),
                Sample("gateway_ready", self._ready()),
                Sample("gateway_locked_out_addresses", self._locked_out()),
            ]
        )

    def _trust(self, now: datetime) -> Iterator[Sample]:
        """Yield the days that certificates and agreements have left."""
        for owner in self._keyring.organisations():
            for purpose in Purpose:
                keys = self._keyring.of(owner, purpose)
                if keys:
                    left = (max(one.not_after for one in keys) - now).total_seconds() / _DAY
                    yield Sample("gateway_certificate_days_left", left, (owner, str(purpose)))
        for one in self._agreements.in_force(now):
            left = (one.effective_until - now).total_seconds() / _DAY
            yield Sample("gateway_agreement_days_left", left, (one.id,))


def _ledger(counts: LedgerRow) -> Iterator[Sample]:
    """Yield the counts of everything."""
    yield Sample("gateway_messages_total", counts.messages)
    yield Sample("gateway_documents_total", counts.accepted, ("accepted",))
    yield Sample("gateway_documents_total", counts.documents - counts.accepted, ("refused",))
    for name, states in (
        ("gateway_items", counts.items),
        ("gateway_shares", counts.shares),
        ("gateway_batches", counts.batches),
        ("gateway_received_records_total", counts.inbound_records),
    ):
        for state, count in sorted(states.items()):
            yield Sample(name, count, (state,))
    yield Sample("gateway_records_sealed_total", counts.batch_records)
    yield Sample("gateway_records_answered_total", counts.confirmed, ("accepted",))
    yield Sample("gateway_records_answered_total", counts.rejected, ("rejected",))
    yield Sample("gateway_received_batches_total", counts.inbound)
    yield Sample("gateway_refusals_total", counts.refusals)


def _channels(channels: Sequence[ChannelStatus]) -> Iterator[Sample]:
    """Yield what waits in each channel, and which stand still."""
    for one in channels:
        if one.direction == "out":
            yield Sample("gateway_channel_pending", one.pending, (one.name,))
        yield Sample("gateway_channel_stopped", bool(one.stopped), (f"{one.direction}:{one.name}",))


def _oldest(tx: Transaction, channels: Sequence[str], now: int) -> list[Sample]:
    """Return the age of what has waited longest for its batch, by channel."""
    return [Sample("gateway_channel_oldest_seconds", _age(tx, name, now), (name,)) for name in channels]


def _age(tx: Transaction, channel: str, now: int) -> float:
    """Return for how many seconds the first share of a channel has been ready; none are ready: 0."""
    heads = tx.ready_heads(channel, 0, 1)
    return max(0.0, (now - tx.shares([heads[0][0]])[0].updated_at) / 1000) if heads else 0.0
