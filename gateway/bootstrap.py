# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the ports to their implementations; the only file that chooses."""

import functools
import os
import random
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.agreement import Agreement, AgreementSet
from gateway.audit import Head, KeyType, NoteKey
from gateway.client.logs import GrpcLogs
from gateway.client.peer import GrpcPeer
from gateway.client.questions import notify
from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope.identity import KeySet
from gateway.envelope.partners import load_bundles
from gateway.exchange.acknowledge import Acknowledger
from gateway.exchange.alarm import Alarm
from gateway.exchange.anchor import Anchor
from gateway.exchange.batch import Batcher, Deadlines
from gateway.exchange.channels import Channels
from gateway.exchange.collect import Collector
from gateway.exchange.deliver import Courier, Outbox
from gateway.exchange.erase import Eraser
from gateway.exchange.erasing import Erasing
from gateway.exchange.evidence import Evidence
from gateway.exchange.forward import Forwarder
from gateway.exchange.gossip import Gossip
from gateway.exchange.intake import Intake, Sizes
from gateway.exchange.journal import Journal
from gateway.exchange.key_change import KeyChange
from gateway.exchange.lane import Lane, Lanes
from gateway.exchange.log_ports import Gate
from gateway.exchange.notice import NoticeTaker, Notifier
from gateway.exchange.ports import Workers
from gateway.exchange.publish import Publisher
from gateway.exchange.query import Query
from gateway.exchange.receive import Receiver
from gateway.exchange.reconcile import Books
from gateway.exchange.sealing import Sealer
from gateway.exchange.seek import Seeker
from gateway.exchange.witness import NoteKeys, Witness, witness_name
from gateway.jobs import load_trust
from gateway.registry import load_adapters
from gateway.server.serve import TlsMaterial
from gateway.store import CheckpointStore, SqlStore, TileFiles, TimeIds

NOTICE_SECONDS = 30.0


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


class LogSteps:
    """The steps of the logs: written, published, witnessed, anchored."""

    def __init__(self, config: Config, trust: Trust, store: SqlStore, ids: TimeIds) -> None:
        """Open the published checkpoints and build every step with explicit doors."""
        own, organisation, data = trust.own, config.node.organisation, Path(config.data)
        self.checkpoints = CheckpointStore(data / "checkpoints.sqlite")
        self.tiles = TileFiles(data / "log")
        self.journal = Journal(
            organisation,
            own.log_ed25519,
            NoteKey.of(organisation, own.log_ed25519.public_key).public_key,
            os.urandom,
            published=self.checkpoints.newest,
        )
        self.publisher = Publisher(
            organisation,
            store=store,
            checkpoints=self.checkpoints,
            tiles=self.tiles,
            clock=system_clock,
            refuse=self.journal.refuse,
        )
        self.alarm = Alarm(
            organisation=organisation, ids=ids, journal=self.journal, agreements=trust.agreements
        )
        keys = NoteKeys(organisation, trust.keyring)
        self.witness = Witness(
            store=store,
            clock=system_clock,
            keys=keys,
            key=NoteKey.of(witness_name(organisation), own.witness.public_key, KeyType.COSIGNATURE),
            signer=own.witness,
            alarm=self.alarm,
            suspect=self.suspect,
        )
        self.channels = Channels(store=store, ids=ids, clock=system_clock, journal=self.journal)
        self.anchor = Anchor(
            store=store,
            clock=system_clock,
            journal=self.journal,
            checkpoints=self.checkpoints,
            seconds=config.audit.anchor_seconds,
        )
        self.gossips = {
            name: Gossip(
                name,
                organisation=organisation,
                store=store,
                clock=system_clock,
                checkpoints=self.checkpoints,
                client=GrpcLogs(bundle, own),
                witness=self.witness,
                keys=keys,
                alarm=self.alarm,
                seconds=config.audit.gossip_seconds,
            )
            for name, bundle in trust.bundles.items()
            if not bundle.collect_only
        }

    def heard(self, partner: str, claim: Head) -> None:
        """Pass on what a receipt says of a partner's log; one that takes no calls brings its checkpoints."""
        if partner in self.gossips:
            self.gossips[partner].heard(claim)

    def suspect(self, partner: str) -> None:
        """Compare logs with a partner soon."""
        if partner in self.gossips:
            self.gossips[partner].look()

    def close(self) -> None:
        """End the threads and close the published checkpoints."""
        self.publisher.close()
        self.checkpoints.close()


class ErasureSteps:
    """The steps of erasure: ours, those that partners tell of, and the telling."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        ids: TimeIds,
        sealer: Sealer,
        workers: Workers,
        gate: Gate,
    ) -> None:
        """Build every step with explicit doors."""
        organisation = config.node.organisation
        folder = Path(config.forward.folder) if config.forward.folder else None
        eraser = Eraser(organisation=organisation, ids=ids, sealer=sealer, random=os.urandom)
        self.erasing = Erasing(
            organisation=organisation,
            store=store,
            clock=system_clock,
            agreements=trust.agreements,
            seeker=Seeker(store, workers),
            eraser=eraser,
            folder=folder,
        )
        self.taker = NoticeTaker(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            eraser=eraser,
            gate=gate,
            folder=folder,
        )
        self.notifier = Notifier(
            organisation=organisation,
            store=store,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            peers={
                name: functools.partial(notify, bundle, trust.own, timeout=NOTICE_SECONDS)
                for name, bundle in trust.bundles.items()
                if not bundle.collect_only
            },
        )


class Steps:
    """The steps of the way, joined to a store and workers."""

    def __init__(self, config: Config, trust: Trust, store: SqlStore, workers: Workers, node: int) -> None:
        """Build every step with explicit doors."""
        own, organisation = trust.own, config.node.organisation
        ids = TimeIds(node, system_clock, store.highest_id)
        adapters = load_adapters(config.adapters)
        self.logs = LogSteps(config, trust, store, ids)
        journal, gate, alarm = self.logs.journal, self.logs.publisher, self.logs.alarm
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
            alarm=alarm,
            heard=self.logs.heard,
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
            gate=gate,
            alarm=alarm,
        )
        self.outbox = Outbox(
            organisation=organisation,
            store=store,
            clock=system_clock,
            agreements=trust.agreements,
            acknowledger=acknowledger,
            gate=gate,
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
                gate=gate,
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
        self.store = store
        self.erasure = ErasureSteps(config, trust, store, ids=ids, sealer=sealer, workers=workers, gate=gate)
        self.erasing = self.erasure.erasing
        self.books = Books(organisation, store)
        self.key_change = KeyChange(
            own, store=store, journal=journal, clock=system_clock, folder=Path(config.data) / "key-sets"
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
