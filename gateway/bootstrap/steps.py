# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of the way to a store and workers."""

import os
import random
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from gateway.agreement import Agreement, AgreementSet
from gateway.bootstrap.admission import AdmissionSteps
from gateway.bootstrap.archiving import ArchiveSteps, SearchedStore
from gateway.bootstrap.b2b import followed, load_b2b
from gateway.bootstrap.console import ConsoleSteps
from gateway.bootstrap.dealings import Dealings
from gateway.bootstrap.inspection import InspectionSteps
from gateway.bootstrap.key_life import KeySteps
from gateway.bootstrap.logs import LogSteps
from gateway.bootstrap.returns import ReturnSteps
from gateway.bootstrap.stamping import Stamping
from gateway.bootstrap.trust import Trust
from gateway.bootstrap.webhooks import Webhooks
from gateway.client.peer import GrpcPeer
from gateway.clock import system_clock
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.exchange.acknowledge import Acknowledger
from gateway.exchange.batch import Batcher, Deadlines
from gateway.exchange.collect import Collector
from gateway.exchange.deliver import Courier, Outbox
from gateway.exchange.evidence import Evidence
from gateway.exchange.forward import Forwarder
from gateway.exchange.intake import Intake, Sizes
from gateway.exchange.lane import Lane, Lanes
from gateway.exchange.ports import Workers
from gateway.exchange.query import Query
from gateway.exchange.receive import Receiver
from gateway.exchange.reconcile import Books
from gateway.exchange.restate import Restater
from gateway.exchange.sealing import Sealer
from gateway.exchange.webhook import WebhookTaker
from gateway.registry import load_adapters
from gateway.store import SqlStore, TimeIds
from gateway.trade.census import CensusTables
from gateway.trade.controls import LOG as INSPECTION_LOG
from gateway.trade.enterprises import LOG, Registry
from gateway.trade.exchange_rates import load_rates
from gateway.trade.facilitation import Facilitator
from gateway.trade.facilitation_rules import load_rules
from gateway.trade.recount import Recount
from gateway.trade.statistics import Statistics
from gateway.trade.stock import LOG as STOCK_LOG
from gateway.trade.stock import Stocks

MakePeer: TypeAlias = Callable[..., GrpcPeer]


class Steps:
    """The steps of the way, joined to a store and workers."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        workers: Workers,
        node: int,
        *,
        peer: MakePeer = GrpcPeer,
        intake: Callable[..., Intake] = Intake,
        receiver: Callable[..., Receiver] = Receiver,
    ) -> None:
        """Build every step with explicit doors."""
        own, organisation = trust.own, config.node.organisation
        ids = TimeIds(node, system_clock, store.highest_id)
        adapters = load_adapters(config.adapters)
        self.logs = LogSteps(config, trust, store, ids)
        self.stamping = Stamping(config, self.logs.checkpoints)
        journal, gate, alarm = self.logs.journal, self.logs.publisher, self.logs.alarm
        self.admission = AdmissionSteps(
            store, ids=ids, clock=system_clock, journal=journal, oidc=config.http.oidc
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
            alarm=alarm,
            heard=self.logs.heard,
        )
        # A node that was killed comes back under the same name, and does not wait for its own leases.
        self.holder = f"{socket.gethostname()}:{config.data}:{node}"
        lanes = [
            Lane(
                one.channel,
                one.recipient,
                store=store,
                clock=system_clock,
                holder=self.holder,
                seconds=config.node.lease_seconds,
            )
            for one in _by_channel(trust.agreements, sender=organisation)
            if one.recipient in trust.bundles
        ]
        self.lanes = Lanes(lanes)
        sizes = Sizes(
            max_compressed_bytes=config.intake.max_compressed_bytes,
            max_bytes=config.intake.max_bytes,
            max_in_flight=config.intake.max_in_flight,
        )
        rates = load_rates(config.statistics.rates)
        census = CensusTables(rates).census
        self.statistics = Statistics(store, rates)
        self.recount = Recount(
            organisation=organisation,
            store=SearchedStore(store),
            ids=ids,
            clock=system_clock,
            journal=journal,
            census=census,
        )
        rules = load_rules(config.enterprises.facilitation)
        facilitates = None if rules is None else Facilitator(rules, rates)
        for log in {LOG, INSPECTION_LOG, STOCK_LOG} & trust.bundles.keys():
            raise ConfigError(f"{log} is the name of a log of our own; no partner can have it")
        self.enterprises = Registry(store=store, ids=ids, clock=system_clock, journal=journal)
        self.inspection = InspectionSteps(
            config,
            store,
            ids=ids,
            journal=journal,
            agreements=trust.agreements,
            wake=self.lanes.wake,
            census=census,
        )
        self.stocks = Stocks(store=store, ids=ids, clock=system_clock, journal=journal)
        follows = followed(self.inspection.follows, load_b2b(config, rates))
        self.sealer = sealer
        self.returning = ReturnSteps(
            config, trust, store, ids=ids, journal=journal, workers=workers, wake=self.lanes.wake
        )
        returns = self.returning.returns
        self.intake = intake(
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
            admit=self.stamping.watch.admit,
            census=census,
            facilitates=facilitates,
            follows=follows,
            returns=returns,
        )
        self.receiver = receiver(
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
            restates=lambda record: record != "item" or config.node.role == "post",
        )
        self.restater = Restater(
            organisation=organisation,
            store=store,
            workers=workers,
            ids=ids,
            clock=system_clock,
            random=os.urandom,
            agreements=trust.agreements,
            wake=self.lanes.wake,
            census=census,
            facilitates=facilitates,
            follows=follows,
            returns=returns,
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
            name: peer(bundle, trust.present, organisation=organisation)
            for name, bundle in trust.bundles.items()
        }
        webhooks = Webhooks(config, trust, store, workers=workers, sealer=sealer, adapters=adapters)
        self.webhooks = WebhookTaker(
            organisation=organisation,
            store=store,
            workers=workers,
            ids=ids,
            clock=system_clock,
            agreements=trust.agreements,
            sealer=sealer,
            gate=gate,
            intake=self.intake,
            doors=webhooks.doors,
        )
        self.couriers = [
            Courier(
                lane=lane,
                client=webhooks.peers.get(lane.partner) or peers[lane.partner],
                store=store,
                acknowledger=webhooks.attestor if lane.partner in webhooks.peers else acknowledger,
                settings=config.delivery,
                random=random.SystemRandom().random,
                gate=gate,
            )
            for lane in lanes
            if lane.partner in webhooks.peers or not trust.bundles[lane.partner].collect_only
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
        self.archiving = ArchiveSteps(config, trust, store, ids=ids, sealer=sealer)
        dealings = Dealings(
            config,
            trust,
            store,
            ids=ids,
            sealer=sealer,
            workers=workers,
            gate=gate,
            wake=self.lanes.wake,
            recall=self.archiving.recall,
        )
        self.erasure, self.inquiry, self.erasing = (
            dealings.erasure,
            dealings.inquiry,
            dealings.erasure.erasing,
        )
        self.books = Books(organisation, SearchedStore(store))
        self.key_life = KeySteps(
            config, trust, store, ids=ids, sealer=sealer, gate=gate, trust_changed=workers.renew_trust
        )
        self.evidence = Evidence(organisation, SearchedStore(store))
        couriers = CourierStates(self.couriers)
        self.query = Query(store, couriers, searched=SearchedStore(store))
        self.console = ConsoleSteps(
            config,
            trust,
            store,
            query=self.query,
            logs=self.logs,
            adapters=adapters,
            couriers=couriers,
            ids=ids,
            wake=self.lanes.wake,
        )
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
