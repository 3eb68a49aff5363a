# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Run a node: start its processes, faces and loops in order, stop them in order.

Order of starting: trust, worker processes (before any gRPC object exists), store, steps, faces.
Order of stopping: lanes and duties go to other nodes, faces drain, loops end, workers end, the store closes.
"""

import asyncio
import contextlib
import fcntl
import gc
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TextIO, TypeVar

import structlog
import uvloop

from gateway.bootstrap import MakePeer, Membership, Steps, Trust
from gateway.bootstrap.figures import NodeFigures
from gateway.bootstrap.site import make_site
from gateway.bootstrap.traced import TracedIntake, TracedPeer, TracedReceiver, TracedWorkers
from gateway.client.peer import GrpcPeer
from gateway.clock import system_clock
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.exchange.evidence import Evidence
from gateway.exchange.intake import Submission
from gateway.exchange.query import Query
from gateway.jobs import NodeJobs
from gateway.metrics import Metrics
from gateway.server.enterprises import GRPC
from gateway.server.folder import WatchedFolder
from gateway.server.logs import PartnerLogs
from gateway.server.serve import PeerServer
from gateway.store import open_store
from gateway.tracing import Tracer, is_wanted
from gateway.web.console import Console
from gateway.web.serve import HttpServer
from gateway.web.source import Sources
from gateway.web.tlog import LogFiles
from gateway.workers import WorkerPool

logger = structlog.get_logger()
T = TypeVar("T")
CLI_NODE_NUMBER = 63
IDLE_PART = 2 / 3  # of a lease: a group that stands still has ended before its node counts as dead
SWITCH_SECONDS = 0.0005  # the loop must not wait long for the thread that writes


class Runs(Protocol):
    """A loop of the node."""

    async def run(self) -> None:
        """Run until cancelled."""


class Node:
    """One running node; `start` once, `stop` once."""

    def __init__(
        self,
        config: Config,
        *,
        loops: Callable[[Steps], Sequence[Runs]] = lambda _: (),
        peer: MakePeer = GrpcPeer,
    ) -> None:
        """Read trust and start the workers; must happen before any gRPC object exists in this process.

        `loops` adds loops to those of the node, `peer` makes the ways to partners.

        Raises:
            ConfigError: something configured is absent or wrong, or this node is running already.
        """
        self._config = config
        self._place = _take_place(Path(config.data), config.node.number)
        self.told = asyncio.Event()
        self._trust = Trust(config)
        self._workers = WorkerPool(partial(NodeJobs, config), config.node.workers)
        self._store = open_store(
            config.database.url,
            idle_seconds=config.node.lease_seconds * IDLE_PART,
            archive=config.archive.folder,
            searching=False,
        )
        self._tracer = _make_tracer(config)
        self._steps = self._make_steps(peer)
        self._more = loops(self._steps)
        self._lanes: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        steps, trust = self._steps, self._trust
        self._membership = Membership(config, steps, self._store, lost=self.told.set)
        metrics = Metrics()
        self._grpc = PeerServer(
            config.grpc,
            config.node.organisation,
            metrics=metrics,
            tracer=self._tracer,
            tls=trust.tls,
            identifier=trust,
            receiver=steps.receiver,
            outbox=steps.outbox,
            logs=PartnerLogs(
                self._store,
                config.node.organisation,
                checkpoints=steps.logs.checkpoints,
                tiles=steps.logs.tiles,
                witness=steps.logs.witness,
            ),
            notices=steps.erasure.taker,
            inquiries=steps.inquiry,
            announcements=steps.key_life.taker,
            books=steps.books,
            agreements=trust.agreements_with,
            intake=steps.intake,
            enterprises=steps.enterprises,
            registered_by_calls=GRPC in config.enterprises.registrars,
            returns=steps.returning.returns,
            returned_by_calls=GRPC in config.returns.deciders,
            controls=steps.inspection.controls,
            recognitions=steps.inspection.recognitions,
            recorded_by_calls=GRPC in config.inspection.recorders,
            statistics=steps.statistics,
            stocks=steps.stocks,
            stock_by_calls=GRPC in config.b2b.reporters,
        )
        figures = NodeFigures(
            config,
            metrics,
            self._store,
            steps.query,
            keyring=trust.keyring,
            agreements=trust.agreements,
            ready=self.ready,
            locked_out=steps.admission.door.locked_out_now,
            clock=system_clock,
        )
        sources = Sources(config.http.proxies)
        self._http = HttpServer(
            config.http,
            config.intake,
            intake=steps.intake,
            query=steps.query,
            logs=LogFiles(config.node.organisation, steps.logs.tiles, steps.logs.witness),
            webhooks=steps.webhooks,
            statistics=steps.statistics,
            enterprises=steps.enterprises,
            registrars=config.enterprises.registrars,
            controls=steps.inspection.controls,
            recognitions=steps.inspection.recognitions,
            recorders=config.inspection.recorders,
            stocks=steps.stocks,
            reporters=config.b2b.reporters,
            returns=steps.returning.returns,
            deciders=config.returns.deciders,
            console=Console(
                boards=steps.console.boards,
                search=steps.console.search,
                timelines=steps.console.timelines,
                bundles=steps.console.bundles,
                reveals=steps.admission.reveals,
                dead_letters=steps.console.dead_letters,
                partners=steps.console.partners,
                logs=steps.console.logs,
                judge=steps.console.judge,
                changes=steps.console.changes,
                operators=config.http.operators,
            ),
            door=steps.admission.door,
            keys=steps.admission.keys,
            sessions=steps.admission.sessions,
            logins=steps.admission.logins,
            sources=sources,
            traces=self._tracer is not None,
            site=make_site(config, sources),
            ready=self.ready,
            counts=metrics,
            figures=figures.render,
        )

    def _make_steps(self, peer: MakePeer) -> Steps:
        """Join the steps of the way; with a tracer those that record spans."""
        config, tracer = self._config, self._tracer
        doors = config, self._trust, self._store
        if tracer is None:
            return Steps(*doors, self._workers, config.node.number, peer=peer)
        return Steps(
            *doors,
            TracedWorkers(self._workers, tracer),
            config.node.number,
            peer=partial(TracedPeer, tracer=tracer) if peer is GrpcPeer else peer,
            intake=partial(TracedIntake, tracer=tracer),
            receiver=partial(TracedReceiver, tracer=tracer),
        )

    async def start(self) -> dict[str, str]:
        """Start faces and loops; return the bound addresses by face."""
        steps, config = self._steps, self._config
        await self._membership.begin()
        await steps.logs.publisher.recover()
        await steps.key_life.follower.look()
        await steps.key_life.change.record()
        grpc_port, http_port = await self._grpc.start(), await self._http.start()
        folders = [WatchedFolder(one, config.intake, steps.intake) for one in config.intake.folders]
        shared: list[Runs] = [*steps.batchers, *steps.couriers, *self._membership.loops()]
        own: list[Runs] = [
            *folders,
            steps.logs.publisher,
            steps.key_life.follower,
            *steps.logs.gossips.values(),
            *self._more,
        ]
        self._lanes = [asyncio.create_task(_forever(one)) for one in shared]
        self._tasks = [asyncio.create_task(_forever(one)) for one in own]
        grpc_host, http_host = (one.rpartition(":")[0] for one in (config.grpc.listen, config.http.listen))
        addresses = {"grpc": f"{grpc_host}:{grpc_port}", "http": f"{http_host}:{http_port}"}
        logger.info("node.started", organisation=config.node.organisation, **addresses)
        return addresses

    def ready(self) -> bool:
        """Say whether every loop is running, and the other nodes can know it."""
        tasks = (*self._lanes, *self._tasks)
        return bool(tasks) and not any(one.done() for one in tasks) and self._membership.presence.is_known()

    async def stop(self) -> None:
        """Drain and close, in order."""
        steps = self._steps
        await _end(self._lanes)
        await self._membership.end()
        await self._grpc.drain()
        await steps.console.changes.close()
        await self._http.stop()
        await _end(self._tasks)
        await asyncio.to_thread(self._workers.close)
        await asyncio.to_thread(steps.logs.close)
        await self._store.close()
        if self._tracer is not None:
            await asyncio.to_thread(self._tracer.close)
        self._place.close()
        logger.info("node.stopped", organisation=self._config.node.organisation)


def _make_tracer(config: Config) -> Tracer | None:
    """Return what records spans, if a collector is named.

    Raises:
        ConfigError: it is, but the extra is not installed.
    """
    if not is_wanted(os.environ):
        return None
    try:
        from gateway.telemetry import OtelTracer  # noqa: PLC0415  # an optional extra
    except ImportError as error:
        raise ConfigError("traces need the extra traces: pip install 'ead-gateway[traces]'") from error
    return OtelTracer(config.node.organisation, config.node.number)


def run_node(
    config: Config,
    ready_file: Path | None,
    *,
    loops: Callable[[Steps], Sequence[Runs]] = lambda _: (),
    peer: MakePeer = GrpcPeer,
) -> None:
    """Run a node until SIGTERM or SIGINT; write the bound addresses once ready."""
    configure_logs()
    node = Node(config, loops=loops, peer=peer)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # requests make garbage by the thousand, nearly all of it young
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(node, ready_file))


async def _run(node: Node, ready_file: Path | None) -> None:
    """Start, wait for a signal, stop."""
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, node.told.set)
    addresses = await node.start()
    if ready_file is not None:
        aside = ready_file.with_suffix(".part")
        await asyncio.to_thread(aside.write_text, json.dumps(addresses))
        await asyncio.to_thread(aside.rename, ready_file)
    await node.told.wait()
    await node.stop()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel loops and wait for what they do last."""
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
    with _command_line_lock(Path(config.data)), contextlib.ExitStack() as stack:
        workers = WorkerPool(partial(NodeJobs, config), 1)
        store = open_store(config.database.url)
        try:
            steps = Steps(config, Trust(config), store, workers, CLI_NODE_NUMBER)
            stack.callback(steps.logs.close)
            intake = steps.intake
            async with Membership(config, steps, store, number=CLI_NODE_NUMBER).visit():
                return [
                    (
                        file,
                        await intake.submit(
                            file.read_bytes(), source="cli", submitter="local", adapter=adapter
                        ),
                    )
                    for file, raw in [(one, one.read_bytes()) for one in files]
                ]
        finally:
            await asyncio.to_thread(workers.close)
            await store.close()


async def with_steps(config: Config, work: Callable[[Steps], Awaitable[T]]) -> T:
    """Use the steps of a node on its store, whether or not it is serving; one such process at a time."""
    with _command_line_lock(Path(config.data)), contextlib.ExitStack() as stack:
        workers = WorkerPool(partial(NodeJobs, config), 1)
        store = open_store(config.database.url, create=False, archive=config.archive.folder, searching=False)
        try:
            steps = Steps(config, Trust(config), store, workers, CLI_NODE_NUMBER)
            stack.callback(steps.logs.close)
            async with Membership(config, steps, store, number=CLI_NODE_NUMBER).visit():
                return await work(steps)
        finally:
            await asyncio.to_thread(workers.close)
            await store.close()


def _take_place(data: Path, number: int) -> TextIO:
    """Hold the place of a node for as long as the process lives, however it ends.

    Raises:
        ConfigError: another process has it; two nodes of one number would give the same ids and leases.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = (data / f"node-{number}.lock").open("w")
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        place.close()
        raise ConfigError(f"node {number} on {data} is running already") from None
    return place


@contextlib.contextmanager
def _command_line_lock(data: Path) -> Iterator[None]:
    """Let one command-line process write at a time: they share a node number."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "command-line.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def ask(config: Config, question: Callable[[Query, Evidence], Awaitable[T]]) -> T:
    """Answer a question from the store of a node, whether or not it is serving."""
    store = open_store(config.database.url, create=False, archive=config.archive.folder)
    try:
        return await question(Query(store), Evidence(config.node.organisation, store))
    finally:
        await store.close()


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
