# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the ports to their implementations; the only file that chooses."""

import os
import random
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.agreement import Agreement, AgreementSet
from gateway.audit import NoteKey
from gateway.client.peer import GrpcPeer
from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import load_bundles
from gateway.exchange.acknowledge import Acknowledger
from gateway.exchange.batch import Batcher, Deadlines
from gateway.exchange.collect import Collector
from gateway.exchange.deliver import Courier, Outbox
from gateway.exchange.evidence import Evidence
from gateway.exchange.forward import Forwarder
from gateway.exchange.intake import Intake, Sizes
from gateway.exchange.journal import Journal
from gateway.exchange.lane import Lane, Lanes
from gateway.exchange.query import Query
from gateway.exchange.receive import Receiver
from gateway.exchange.sealing import Sealer
from gateway.jobs import load_trust
from gateway.registry import load_adapters
from gateway.server.serve import TlsMaterial
from gateway.store import SqlStore, TimeIds
from gateway.workers import WorkerPool


class Trust:
    """Own keys, partners and agreements as they were read at start."""

    def __init__(self, config: Config) -> None:
        """Read the folders that the configuration names."""
        self.own, self.keyring, self.agreements = load_trust(config)
        self.bundles = load_bundles(Path(config.partners), system_clock())

    def identify(self, pem: bytes) -> str:
        """Return the organisation of a TLS certificate (`server.identity.PeerIdentifier`)."""
        return self.keyring.identify(pem, system_clock())

    def tls(self) -> TlsMaterial:
        """Return what a handshake needs; own certificate files are read anew, so a rotation bites."""
        own = KeySet.load(self.own.folder)
        return TlsMaterial(own.tls_certificate, own.tls_key, self.keyring.authorities())

    def agreements_with(self, partner: str) -> Sequence[str]:
        """Return the ids of the agreements in force with a partner, in either direction."""
        return sorted(
            f"{one.id} v{one.version}"
            for one in self.agreements.in_force(system_clock())
            if partner in (one.sender, one.recipient)
        )


class Steps:
    """The steps of the way, joined to a store and workers."""

    def __init__(self, config: Config, trust: Trust, store: SqlStore, workers: WorkerPool, node: int) -> None:
        """Build every step with explicit doors."""
        own, organisation = trust.own, config.node.organisation
        ids = TimeIds(node, system_clock, store.highest_id)
        adapters = load_adapters(config.adapters)
        journal = Journal(
            organisation,
            own.log_ed25519,
            NoteKey.of(organisation, own.log_ed25519.public_key).public_key,
            os.urandom,
        )
        sealer = Sealer(
            organisation,
            seal_signers=own.seal,
            receipt_signers=own.receipt,
            journal=journal,
            mapping_digests=sorted(
                {bytes.fromhex(table.digest) for one in adapters.values() for table in one.tables().values()}
            ),
        )
        acknowledger = Acknowledger(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            journal=journal,
        )
        # A node that was killed comes back under the same name, and does not wait for its own leases.
        holder = f"{socket.gethostname()}:{config.data}:{node}"
        lanes = [
            Lane(one.channel, one.recipient, store=store, clock=system_clock, holder=holder)
            for one in _by_channel(trust.agreements, sender=organisation)
            if one.recipient in trust.bundles
        ]
        self.lanes = Lanes(lanes)
        sizes = Sizes(
            max_compressed_bytes=config.intake.max_compressed_bytes,
            max_bytes=config.intake.max_bytes,
            max_in_flight=config.intake.max_in_flight,
        )
        self.intake = Intake(
            organisation=organisation,
            store=store,
            workers=workers,
            ids=ids,
            clock=system_clock,
            random=os.urandom,
            adapters=adapters,
            agreements=trust.agreements,
            wake=self.lanes.wake,
            sizes=sizes,
        )
        self.receiver = Receiver(
            organisation=organisation,
            store=store,
            workers=workers,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
        )
        self.outbox = Outbox(
            organisation=organisation,
            store=store,
            clock=system_clock,
            agreements=trust.agreements,
            acknowledger=acknowledger,
        )
        self.batchers = [
            Batcher(
                lane=lane,
                store=store,
                workers=workers,
                ids=ids,
                clock=system_clock,
                agreements=trust.agreements,
                sealer=sealer,
                size=config.batch.size,
                linger_ms=config.batch.linger_ms,
            )
            for lane in lanes
        ]
        peers = {
            name: GrpcPeer(bundle, own, organisation=organisation) for name, bundle in trust.bundles.items()
        }
        self.couriers = [
            Courier(
                lane=lane,
                client=peers[lane.partner],
                store=store,
                acknowledger=acknowledger,
                settings=config.delivery,
                random=random.SystemRandom().random,
            )
            for lane in lanes
            if not trust.bundles[lane.partner].collect_only
        ]
        self.collectors = [
            Collector(
                partner=one.sender,
                channel=one.channel,
                client=peers[one.sender],
                receiver=self.receiver,
                settings=config.delivery,
                random=random.SystemRandom().random,
            )
            for one in _by_channel(trust.agreements, recipient=organisation)
            if one.sender in config.delivery.collect_from and one.sender in peers
        ]
        self.deadlines = Deadlines(
            store=store, clock=system_clock, agreements=trust.agreements, lanes=self.lanes
        )
        self.evidence = Evidence(organisation, store)
        self.query = Query(store, CourierStates(self.couriers))
        self.forwarders = (
            [Forwarder(store=store, folder=Path(config.forward.folder))] if config.forward.folder else []
        )


class CourierStates(Mapping[str, str]):
    """A live view of what the couriers are doing, by channel."""

    def __init__(self, couriers: Sequence[Courier]) -> None:
        """Watch these couriers."""
        self._couriers = {one.channel: one for one in couriers}

    def __getitem__(self, channel: str) -> str:
        """Return the state of the courier of a channel."""
        return self._couriers[channel].state

    def __iter__(self) -> Iterator[str]:
        """Walk the channels."""
        return iter(self._couriers)

    def __len__(self) -> int:
        """Count the channels."""
        return len(self._couriers)


def _by_channel(agreements: AgreementSet, *, sender: str = "", recipient: str = "") -> list[Agreement]:
    """Return one agreement for each channel of which an organisation is the named end."""
    chosen = {
        one.channel: one
        for one in agreements
        if (sender and one.sender == sender) or one.recipient == recipient
    }
    return [chosen[name] for name in sorted(chosen)]
