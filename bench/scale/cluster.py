# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One cluster of nodes and the partner behind it, simulated message by message.

The way is the real one: a message waits for a worker (decode), for the loop of its node (admit), and for the
one writer of the cluster (store); the writer takes whatever its node has ready at one time. A batch closes at
`batch` items or after `linger`, waits for a worker (prepare), for the writer (seal), crosses the network, is
opened and written by the partner, and its receipt waits for the writer here (acknowledge). Every activity
needs a core of its node beside its own place. Times in seconds.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import simpy

from bench.scale.costs import Costs

MICRO = 1e-6
Steps: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Shape:
    """A cluster: nodes with their cores and workers, on one store that has one writer."""

    nodes: int
    cores: int = 2
    workers: int = 1
    partner_nodes: int = 0
    batch: int = 256
    linger: float = 0.05
    round_trip: float = 0.02
    message: int = 100


@dataclass(slots=True)
class Outcome:
    """What became of the messages that came after the warm-up; waits in seconds from arrival to receipt."""

    waits: list[float] = field(default_factory=list)
    sent: int = 0
    writer_busy: float = 0.0

    def percentile(self, share: float) -> float:
        """Return the wait that this share of the messages does not exceed, endless for what never ended."""
        missing = [float("inf")] * (self.sent - len(self.waits))
        ordered = sorted(self.waits) + missing
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Node:
    """The places of one node: cores, loop, workers."""

    def __init__(self, env: simpy.Environment, shape: Shape) -> None:
        self.cores = simpy.Resource(env, shape.cores)
        self.loop = simpy.Resource(env, 1)
        self.workers = simpy.Resource(env, shape.workers)


class _Writer:
    """The one writer of a store: takes what a node has ready as one group, one group at a time."""

    def __init__(self, env: simpy.Environment, commit: float, nodes: list[_Node]) -> None:
        self._env = env
        self._commit = commit
        self._turn = simpy.Resource(env, 1)
        self._queues: dict[int, list[tuple[float, simpy.Event]]] = {place: [] for place in range(len(nodes))}
        self._nodes = nodes
        self.busy = 0.0

    def write(self, place: int, seconds: float) -> simpy.Event:
        """Ask for a write by a node; the event comes with its commit."""
        done = self._env.event()
        self._queues[place].append((seconds, done))
        if len(self._queues[place]) == 1:
            self._env.process(self._group(place))
        return done

    def _group(self, place: int) -> Steps:
        """Wait for the turn, write everything that is ready then, and answer."""
        with self._turn.request() as turn:
            yield turn
            with self._nodes[place].cores.request() as core:
                yield core
                group, self._queues[place] = self._queues[place], []
                taken = self._commit + sum(seconds for seconds, _ in group)
                self.busy += taken
                yield self._env.timeout(taken)
        for _, done in group:
            done.succeed()


class Cluster:
    """One run; arrivals are Poisson, the seed makes it repeatable."""

    def __init__(self, costs: Costs, shape: Shape, seed: int) -> None:
        """Build the places of both ends."""
        self._costs, self._shape = costs, shape
        self._env = simpy.Environment()
        self._random = random.Random(seed)
        self._nodes = [_Node(self._env, shape) for _ in range(shape.nodes)]
        self._there = [_Node(self._env, shape) for _ in range(shape.partner_nodes or shape.nodes)]
        self._writer = _Writer(self._env, costs.commit * MICRO, self._nodes)
        self._far_writer = _Writer(self._env, costs.commit * MICRO, self._there)
        self._open: list[list[tuple[float, bool]]] = [[] for _ in self._nodes]
        self._outcome = Outcome()

    def run(self, items_per_second: float, seconds: float, warm: float = 5.0) -> Outcome:
        """Send messages at a mean rate for so long after the warm-up, then wait as long again at most."""
        self._env.process(self._arrivals(items_per_second / self._shape.message, warm, warm + seconds))
        self._env.run(until=warm + 2 * seconds)
        self._outcome.writer_busy = self._writer.busy / (warm + seconds)
        return self._outcome

    def _arrivals(self, rate: float, warm: float, end: float) -> Steps:
        """Send messages to the nodes in turn."""
        count = 0
        while True:
            yield self._env.timeout(self._random.expovariate(rate))
            if self._env.now >= end:
                return
            counted = self._env.now >= warm
            self._outcome.sent += counted
            self._env.process(self._message(count % len(self._nodes), counted))
            count += 1

    def _message(self, place: int, counted: bool) -> Steps:
        """Carry one message from arrival to its place in the open batch."""
        costs, begun, items = self._costs, self._env.now, self._shape.message
        node = self._nodes[place]
        yield from self._work(node, node.workers, costs.decode * items)
        yield from self._work(node, node.loop, costs.admit * items)
        yield self._writer.write(place, costs.store * items * MICRO)
        batch = self._open[place]
        batch.append((begun, counted))
        if len(batch) == 1:
            self._env.process(self._linger(place, batch))
        if len(batch) >= self._shape.batch // items:
            self._close(place, batch)

    def _linger(self, place: int, batch: list[tuple[float, bool]]) -> Steps:
        """Close a batch that is still open after a while."""
        yield self._env.timeout(self._shape.linger)
        self._close(place, batch)

    def _close(self, place: int, batch: list[tuple[float, bool]]) -> None:
        """Send a batch off, unless that has happened."""
        if self._open[place] is batch:
            self._open[place] = []
            self._env.process(self._batch(place, batch))

    def _batch(self, place: int, messages: list[tuple[float, bool]]) -> Steps:
        """Prepare, seal, deliver and acknowledge one batch."""
        costs, items = self._costs, len(messages) * self._shape.message
        node, far = self._nodes[place], place % len(self._there)
        yield from self._work(node, node.workers, costs.prepare * items)
        yield self._writer.write(place, costs.seal * items * MICRO)
        yield self._env.timeout(self._shape.round_trip / 2)
        yield from self._work(self._there[far], self._there[far].workers, costs.open * items)
        yield self._far_writer.write(far, costs.receive * items * MICRO)
        yield self._env.timeout(self._shape.round_trip / 2)
        yield self._writer.write(place, costs.acknowledge * items * MICRO)
        self._outcome.waits += [self._env.now - begun for begun, counted in messages if counted]

    def _work(self, node: _Node, place: simpy.Resource, microseconds: float) -> Steps:
        """Hold a place and a core for so long."""
        with place.request() as own, node.cores.request() as core:
            yield own & core
            yield self._env.timeout(microseconds * MICRO)
