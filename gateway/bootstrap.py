# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the ports to their implementations and run a node; the only file that chooses.

Order of starting: trust, worker processes (before any gRPC object exists), store, steps, faces.
Order of stopping: faces drain, loops end, workers end, the store closes.
"""

import asyncio
import contextlib
import fcntl
import gc
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

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
from gateway.exchange.intake import Intake, Sizes, Submission
from gateway.exchange.journal import Journal
from gateway.exchange.lane import Lane, Lanes
from gateway.exchange.query import Query
from gateway.exchange.receive import Receiver
from gateway.exchange.sealing import Sealer
from gateway.jobs import NodeJobs, load_trust
from gateway.registry import load_adapters
from gateway.server.folder import WatchedFolder
from gateway.server.logs import PartnerLogs
from gateway.server.serve import PeerServer, TlsMaterial
from gateway.store import SqlStore, TimeIds, open_store
from gateway.web.serve import HttpServer
from gateway.workers import WorkerPool

logger = structlog.get_logger()
T = TypeVar("T")
CLI_NODE_NUMBER = 63


class Runs(Protocol):
    """A loop of the node."""

    async def run(self) -> None:
        """Run until cancelled."""


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
        holder = f"{socket.gethostname()}:{os.getpid()}"
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


class Node:
    """One running node; `start` once, `stop` once."""

    def __init__(self, config: Config) -> None:
        """Read trust and start the workers; must happen before any gRPC object exists in this process."""
        self._config = config
        self._trust = Trust(config)
        self._workers = WorkerPool(partial(NodeJobs, config), config.node.workers)
        self._store = open_store(config.database.url)
        self._steps = Steps(config, self._trust, self._store, self._workers, config.node.number)
        self._tasks: list[asyncio.Task[None]] = []
        steps, trust = self._steps, self._trust
        self._grpc = PeerServer(
            config.grpc,
            config.node.organisation,
            tls=trust.tls,
            identifier=trust,
            receiver=steps.receiver,
            outbox=steps.outbox,
            logs=PartnerLogs(self._store, config.node.organisation),
            agreements=trust.agreements_with,
            intake=steps.intake,
        )
        self._http = HttpServer(
            config.http,
            config.intake,
            intake=steps.intake,
            query=steps.query,
            ready=self.ready,
            metrics=self._grpc.metrics.render,
        )

    async def start(self) -> dict[str, str]:
        """Start faces and loops; return the bound addresses by face."""
        steps, config = self._steps, self._config
        grpc_port, http_port = await self._grpc.start(), await self._http.start()
        folders = [WatchedFolder(one, config.intake, steps.intake) for one in config.intake.folders]
        loops: list[Runs] = [
            *steps.batchers,
            *steps.couriers,
            *steps.collectors,
            *steps.forwarders,
            *folders,
            steps.deadlines,
        ]
        self._tasks = [asyncio.create_task(_forever(one)) for one in loops]
        grpc_host, http_host = (one.rpartition(":")[0] for one in (config.grpc.listen, config.http.listen))
        addresses = {"grpc": f"{grpc_host}:{grpc_port}", "http": f"{http_host}:{http_port}"}
        logger.info("node.started", organisation=config.node.organisation, **addresses)
        return addresses

    def ready(self) -> bool:
        """Say whether every loop is running."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def stop(self) -> None:
        """Drain and close, in order."""
        await self._grpc.drain()
        await self._http.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._workers.close)
        await self._store.close()
        logger.info("node.stopped", organisation=self._config.node.organisation)


def run_node(config: Config, ready_file: Path | None) -> None:
    """Run a node until SIGTERM or SIGINT; write the bound addresses once ready."""
    configure_logs()
    node = Node(config)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # requests make garbage by the thousand, nearly all of it young
    asyncio.run(_run(node, ready_file))


async def _run(node: Node, ready_file: Path | None) -> None:
    """Start, wait for a signal, stop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    addresses = await node.start()
    if ready_file is not None:
        aside = ready_file.with_suffix(".part")
        await asyncio.to_thread(aside.write_text, json.dumps(addresses))
        await asyncio.to_thread(aside.rename, ready_file)
    await told.wait()
    await node.stop()


async def _forever(loop: Runs) -> None:
    """Run a loop; one that falls is logged and started again after a pause."""
    while True:
        try:
            await loop.run()
        except Exception:  # a loop that falls must not take the node with it
            logger.exception("node.loop-fell", loop=type(loop).__name__)
            await asyncio.sleep(1.0)


async def submit_files(config: Config, files: Sequence[Path], adapter: str) -> list[tuple[Path, Submission]]:
    """Hand files to the store of a node, whether or not it is serving; one such process at a time."""
    with _command_line_lock(Path(config.data)):
        workers = WorkerPool(partial(NodeJobs, config), 1)
        store = open_store(config.database.url)
        try:
            intake = Steps(config, Trust(config), store, workers, CLI_NODE_NUMBER).intake
            return [
                (file, await intake.submit(file.read_bytes(), source="cli", submitter="cli", adapter=adapter))
                for file in files
            ]
        finally:
            await asyncio.to_thread(workers.close)
            await store.close()


@contextlib.contextmanager
def _command_line_lock(data: Path) -> Iterator[None]:
    """Let one command-line process write at a time: they share a node number."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "command-line.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def ask(config: Config, question: Callable[[Query, Evidence], Awaitable[T]]) -> T:
    """Answer a question from the store of a node, whether or not it is serving."""
    store = open_store(config.database.url, create=False)
    try:
        return await question(Query(store), Evidence(config.node.organisation, store))
    finally:
        await store.close()


def _by_channel(agreements: AgreementSet, *, sender: str = "", recipient: str = "") -> list[Agreement]:
    """Return one agreement for each channel of which an organisation is the named end."""
    chosen = {
        one.channel: one
        for one in agreements
        if (sender and one.sender == sender) or one.recipient == recipient
    }
    return [chosen[name] for name in sorted(chosen)]


def configure_logs() -> None:
    """Write structured logs as JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
