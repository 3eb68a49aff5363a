# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Mock partners over the real wire: they answer as their switches say, and their faults are noticed."""

import json

import pytest

from gateway.clock import system_clock
from gateway.demo.stage import running
from gateway.mock.run import make_postal_parties
from gateway.mock.switches import Switches
from tests.system.postal_stage import item, referrals, say
from tests.system.submitting import ask, eventually

SEED = 5
NUMBERS = [f"LX2000000{number:02d}CN" for number in range(40)]
FAULTS = ("duplicate=50", "reorder=50", "wrong-count=100", "bad-signature=100")


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """An origin post, a destination post that answers nothing itself, and a mock customs with every fault."""
    origin, middle, customs = make_postal_parties(tmp_path_factory.mktemp("mock"), system_clock())
    asks = [part for one in ("rfi=30", "rfs=20", "dnl=10") for part in ("--ask", one)]
    faults = [part for one in FAULTS for part in ("--fault", one)]
    customs.command = ("mock", "customs", "--seed", str(SEED), "--silence", "10", *asks, *faults)
    origin.command = ("mock", "post", "--seed", str(SEED))
    with running((origin, middle, customs)):
        for start in range(0, len(NUMBERS), 4):
            say(origin, *(item(number) for number in NUMBERS[start : start + 4]))
        yield origin, middle, customs


def states(party, number):
    """Return kind and state of the referrals of an item."""
    return [(row["kind"], row["state"]) for row in referrals(party, number)]


def expected(number):
    """Return what becomes of an item according to the seed, with one round of questions."""
    outcome = Switches(seed=SEED, rfi=30, rfs=20, dnl=10, silence=10).outcome(number, 0)
    return {"complete": [], "": [], "dnl": [("dnl", "blocked")]}.get(outcome, [(outcome, "released")])


def test_every_outcome_is_the_one_that_the_seed_draws(stage):
    """Each item comes to the outcome drawn for it, at the origin post, through answers and faults."""
    origin = stage[0]
    drawn = {number: expected(number) for number in NUMBERS}
    assert {kind for one in drawn.values() for kind, _ in one} == {"rfi", "rfs", "dnl"}
    for number, outcome in drawn.items():
        eventually(lambda number=number, outcome=outcome: states(origin, number) == outcome, 60)


def test_faults_are_refused_with_their_findings_and_the_channel_goes_on(stage):
    """The destination post keeps evidence of wrong transfers, and stops nothing over them."""
    _, middle, _ = stage
    log = (middle.folder / "gateway.log").read_text()
    refused = [json.loads(line) for line in log.splitlines() if "receive.refused" in line]
    codes = {code for one in refused for code in one["codes"]}
    assert codes & {"RECEIVE-COUNT"}, codes
    assert any("SIGNATURE" in code for code in codes), codes
    channels = ask(middle.url, "/v1/status")["channels"]
    assert not [one for one in channels if one["stopped"]]
