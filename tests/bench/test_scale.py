# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The simulation of scale: it agrees with theory where theory has an answer, and repeats itself."""

import math

import pytest

from bench.scale import plan
from bench.scale.cluster import Cluster, Outcome, Shape
from bench.scale.costs import Costs, costs_of

FREE = Costs(decode=0, admit=0, store=0, prepare=0, seal=0, open=0, receive=0, acknowledge=0, commit=0)
STAGES = {
    "decode": 50.0,
    "border pack message": 10.0,
    "prepare": 40.0,
    "border unpack message": 5.0,
    "judge": 5.0,
    "store message": 10.0,
    "read what is ready": 5.0,
    "read batch to send": 5.0,
    "publish": 10.0,
    "assemble and merge": 28.0,
    "settle and note": 2.0,
    "route": 10.0,
    "intake commit": 10.0,
    "seal, in its transaction": 5.0,
    "acknowledge": 5.0,
    "receive": 20.0,
}
CPU = {"sender_node": 200.0, "sender_worker": 200.0, "receiver_node": 30.0, "receiver_worker": 40.0}


def costs(**given: float) -> Costs:
    """Return costs that are nothing but for those given."""
    values = {name: getattr(FREE, name) for name in FREE.__slots__}
    return Costs(**{**values, **given})


@pytest.mark.parametrize(
    "busy", [0.3, pytest.param(0.6, marks=pytest.mark.long), pytest.param(0.8, marks=pytest.mark.long)]
)
def test_one_place_waits_as_theory_says(busy) -> None:
    """With one place of fixed service time the mean wait is that of Pollaczek and Khinchine for M/D/1."""
    service = 100 * 40e-6
    shape = Shape(nodes=1, cores=8, batch=100, round_trip=0.0, message=100)
    outcome = Cluster(costs(admit=40.0), shape, seed=7).run(busy / 40e-6, 60.0)
    theory = service + service * busy / (2 * (1 - busy))
    mean = sum(outcome.waits) / len(outcome.waits)
    assert outcome.sent == len(outcome.waits) > 4_000
    assert mean == pytest.approx(theory, rel=0.08)


def test_the_writer_is_one_for_all_nodes() -> None:
    """What only the writer does is carried no faster by eight nodes than by one."""
    writing = costs(store=200.0)
    one, eight = (plan.capacity(writing, nodes) for nodes in (1, 8))
    assert eight == pytest.approx(one, rel=0.1)
    assert one < 1e6 / 200.0


def test_workers_and_cores_grow_with_the_nodes() -> None:
    """What workers do is carried twice as fast by two nodes, as long as the writer has little to do."""
    working = costs(decode=200.0, store=2.0)
    one, two = (plan.capacity(working, nodes) for nodes in (1, 2))
    assert two == pytest.approx(2 * one, rel=0.15)


def test_the_same_seed_gives_the_same_waits() -> None:
    """A run repeats itself; another seed is another run."""
    some = costs(decode=100.0, store=50.0, commit=500.0)
    first, again, other = (Cluster(some, Shape(nodes=2), seed).run(1_000.0, 3.0).waits for seed in (1, 1, 2))
    assert first == again != other


def test_what_never_ends_is_endless() -> None:
    """A cluster that gets more than it carries has an endless 99th percentile, not that of the lucky ones."""
    outcome = Cluster(costs(store=1_000.0), Shape(nodes=1), 3).run(4_000.0, 5.0)
    assert outcome.percentile(0.99) == math.inf
    assert Outcome(waits=[1.0, 2.0], sent=2).percentile(0.5) == 2.0


def test_cpu_of_processes_is_kept_when_it_is_laid_on_places() -> None:
    """The places of a sender hold exactly the CPU time of its processes."""
    laid = costs_of(CPU, STAGES, 900.0)
    assert laid.decode + laid.prepare == pytest.approx(CPU["sender_worker"])
    assert laid.admit + laid.written_here == pytest.approx(CPU["sender_node"])
    assert (laid.receive, laid.open, laid.commit) == (30.0, 40.0, 900.0)


def test_a_run_without_a_stage_is_refused() -> None:
    """Figures of another edition of the bench are not guessed at."""
    with pytest.raises(ValueError, match="'route'"):
        costs_of(CPU, {name: value for name, value in STAGES.items() if name != "route"}, 1.0)


def test_need_leaves_room_and_a_spare_node() -> None:
    """A load goes into as many clusters as carry it at seven tenths, each with one node to spare."""
    capacities = [1_000.0, 1_800.0, 1_850.0]
    assert plan.useful_nodes(capacities) == 2
    small, large = plan.need(1, capacities), plan.need(100, capacities)
    assert (small.clusters, small.nodes) == (1, 2)
    assert large.clusters == math.ceil(plan.MEAN * 100 / (1_800 * 0.7))
    assert large.nodes == large.clusters * 3
