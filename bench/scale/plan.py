# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the simulation to a plan: what one cluster carries, and how many clusters and nodes a load needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.scale.cluster import Cluster, Outcome, Shape
from bench.scale.costs import Costs

MEAN = 20_000_000 / 86_400  # items a second
LIMIT = 1.0  # seconds for the 99th percentile, arrival to verified receipt
SECONDS = 20.0
SEED = 20
_STEPS = 9  # halvings of the interval: the rate is found to a five-hundredth


@dataclass(frozen=True, slots=True)
class Point:
    """One simulated load on one cluster."""

    nodes: int
    items_per_second: float
    p50: float
    p99: float
    writer_busy: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a load needs: so many clusters of so many nodes, the channels spread over the clusters."""

    times: float
    clusters: int
    nodes: int


def simulate(costs: Costs, nodes: int, rate: float, *, seconds: float = SECONDS) -> Outcome:
    """Run one load on one cluster."""
    return Cluster(costs, Shape(nodes=nodes), SEED).run(rate, seconds)


def curve(costs: Costs, nodes: int, top: float, *, points: int = 12) -> list[Point]:
    """Return how the waiting grows up to what the cluster carries and a little beyond."""
    found = []
    for number in range(1, points + 1):
        rate = top * 1.1 * number / points
        outcome = simulate(costs, nodes, rate)
        busy = min(1.0, outcome.writer_busy)
        found.append(Point(nodes, rate, outcome.percentile(0.5), outcome.percentile(0.99), busy))
    return found


def capacity(costs: Costs, nodes: int, *, limit: float = LIMIT) -> float:
    """Return the highest rate at which the 99th percentile stays within a limit."""
    low, high = 0.0, ceiling(costs, nodes)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if simulate(costs, nodes, middle).percentile(0.99) <= limit:
            low = middle
        else:
            high = middle
    return low


def ceiling(costs: Costs, nodes: int) -> float:
    """Return the rate at which the fullest place would never rest: the writer, the workers or the loops."""
    places = (
        costs.written_here,
        costs.receive,
        (costs.decode + costs.prepare) / nodes,
        costs.open / nodes,
        costs.admit / nodes,
    )
    return 1e6 / max(places)


def useful_nodes(capacities: Sequence[float]) -> int:
    """Return how many nodes a cluster may have before the next one adds less than a tenth of one."""
    for number in range(1, len(capacities)):
        if capacities[number] - capacities[number - 1] < capacities[0] / 10:
            return number
    return len(capacities)


def need(times: float, capacities: Sequence[float], *, spare: float = 0.7) -> Need:
    """Return clusters and nodes for a multiple of the mean load, each filled to `spare` of what it carries.

    A cluster has one node more than its load needs, so that one may fail.
    """
    load = MEAN * times
    most = useful_nodes(capacities)
    clusters = max(1, math.ceil(load / (capacities[most - 1] * spare)))
    share = load / clusters
    nodes = next((n for n in range(1, most + 1) if capacities[n - 1] * spare >= share), most)
    return Need(times, clusters, clusters * (nodes + 1))
