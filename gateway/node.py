# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Run a node: start its processes, faces and loops in order, stop them in order.

Order of starting: trust, worker processes (before any gRPC object exists), store, steps, faces.
Order of stopping: faces drain, loops end, workers end, the store closes.
"""

import asyncio
import contextlib
import fcntl
import gc
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TextIO, TypeVar

import structlog
import uvloop

from gateway.bootstrap import Steps, Trust
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.exchange.evidence import Evidence
from gateway.exchange.intake import Submission
from gateway.exchange.query import Query
from gateway.jobs import NodeJobs
from gateway.server.folder import WatchedFolder
from gateway.server.logs import PartnerLogs
from gateway.server.serve import PeerServer
from gateway.store import open_store
from gateway.web.serve import HttpServer
from gateway.web.tlog import LogFiles
from gateway.workers import WorkerPool

logger = structlog.get_logger()
T = TypeVar("T")
CLI_NODE_NUMBER = 63
SWITCH_SECONDS = 0.0005  # the loop must not wait long for the thread that writes


class Runs(Protocol):
    """A loop of the node."""

    async def run(self) -> None:
        """Run until cancelled."""


class Node:
    """One running node; `start` once, `stop` once."""

    def __init__(self, config: Config) -> None:
        """Read trust and start the workers; must happen before any gRPC object exists in this process.

        Raises:
            ConfigError: something configured is absent or wrong, or this node is running already.
        """
        self._config = config
        self._place = _take_place(Path(config.data), config.node.number)
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
            logs=PartnerLogs(
                self._store,
                config.node.organisation,
                checkpoints=steps.logs.checkpoints,
                tiles=steps.logs.tiles,
                witness=steps.logs.witness,
            ),
            notices=steps.erasure.taker,
            books=steps.books,
            agreements=trust.agreements_with,
            intake=steps.intake,
        )
        self._http = HttpServer(
            config.http,
            config.intake,
            intake=steps.intake,
            query=steps.query,
            logs=LogFiles(config.node.organisation, steps.logs.tiles, steps.logs.witness),
            ready=self.ready,
            metrics=self._grpc.metrics.render,
        )

    async def start(self) -> dict[str, str]:
        """Start faces and loops; return the bound addresses by face."""
        steps, config = self._steps, self._config
        await steps.logs.publisher.recover()
        await steps.key_change.record()
        grpc_port, http_port = await self._grpc.start(), await self._http.start()
        folders = [WatchedFolder(one, config.intake, steps.intake) for one in config.intake.folders]
        loops: list[Runs] = [
            *steps.batchers,
            *steps.couriers,
            *steps.collectors,
            *steps.forwarders,
            *folders,
            steps.deadlines,
            steps.erasure.notifier,
            steps.logs.publisher,
            steps.logs.anchor,
            *steps.logs.gossips.values(),
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
        steps = self._steps
        await self._grpc.drain()
        await self._http.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._workers.close)
        await asyncio.to_thread(steps.logs.close)
        await self._store.close()
        self._place.close()
        logger.info("node.stopped", organisation=self._config.node.organisation)


def run_node(config: Config, ready_file: Path | None) -> None:
    """Run a node until SIGTERM or SIGINT; write the bound addresses once ready."""
    configure_logs()
    node = Node(config)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # requests make garbage by the thousand, nearly all of it young
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(node, ready_file))


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
    with _command_line_lock(Path(config.data)), contextlib.ExitStack() as stack:
        workers = WorkerPool(partial(NodeJobs, config), 1)
        store = open_store(config.database.url)
        try:
            steps = Steps(config, Trust(config), store, workers, CLI_NODE_NUMBER)
            stack.callback(steps.logs.close)
            intake = steps.intake
            return [
                (
                    file,
                    await intake.submit(file.read_bytes(), source="cli", submitter="local", adapter=adapter),
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
        store = open_store(config.database.url, create=False)
        try:
            steps = Steps(config, Trust(config), store, workers, CLI_NODE_NUMBER)
            stack.callback(steps.logs.close)
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
    store = open_store(config.database.url, create=False)
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
