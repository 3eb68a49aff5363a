# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The account of processor time leaves no stage out and counts none twice."""

from bench.account import RUNS_IN, STANDS_ON, account

CPU = {
    "sender_node": 100.0,
    "sender_worker": 50.0,
    "receiver_node": 30.0,
    "receiver_worker": 20.0,
    "client": 5.0,
}
STAGES = {name: 1.0 for names in RUNS_IN.values() for name in names} | {"receive": 12.0, "open": 7.0}
PRIMITIVES = {one: 0.5 for under in STANDS_ON.values() for one in under}


def test_every_microsecond_stands_once():
    """The sum is that of the processes, and a stage within another counts in its own process alone."""
    *lines, whole = account(CPU, STAGES, PRIMITIVES)
    of = {one.process: one for one in lines}
    assert whole.measured == sum(CPU.values())
    assert (of["receiver_node"].stages, of["receiver_worker"].stages) == (5.0, 7.0)
    assert whole.stages == sum(STAGES.values()) - 7.0
    assert whole.primitives == sum(PRIMITIVES.values())
    assert of["client"].unexplained == 5.0
    assert of["sender_worker"].unexplained == 46.0


def test_what_a_stage_stands_on_has_a_place():
    """Every stage that stands on a primitive runs in some process."""
    assert set(STANDS_ON) <= {name for names in RUNS_IN.values() for name in names}
