# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The kit is green against ourselves, and red against a gateway of ours that lacks the check of a case."""

import pytest
import pytest_asyncio

from gateway.clock import system_clock
from gateway.conformance import stage as stages
from gateway.conformance.case import Outcome
from gateway.conformance.catalogue import CASES
from gateway.conformance.run import play, run
from gateway.conformance.stage import open_stage
from tests.conformance.mutations import ALONE, EARLY, MUTATIONS
from tests.conformance.target import copied, make_target, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
BY_ID = {one.id: one for one in CASES}


async def nothing(_):
    """Compare nothing."""


@pytest.fixture(scope="module", name="template")
def _template(tmp_path_factory):
    """A target that never ran."""
    return make_target(tmp_path_factory.mktemp("template"))


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="stage")
async def _stage(template, tmp_path_factory):
    """The kit at work on one running target, which all mutations come and go on."""
    folder = copied(template, tmp_path_factory.mktemp("shared") / "target")
    async with serving(folder) as (endpoint, kit), open_stage(kit, endpoint, system_clock) as stage:
        yield stage


async def test_every_case_has_its_mutation() -> None:
    """No case stands without the proof that it can go red, and no mutation without its case."""
    assert len(BY_ID) == len(CASES) >= 60
    assert {*MUTATIONS} | {*EARLY} == {*BY_ID}
    assert not {*MUTATIONS} & {*EARLY}
    assert {*MUTATIONS} > ALONE


@pytest.mark.parametrize("name", [one for one in MUTATIONS if one not in ALONE])
async def test_case_is_red_without_its_check(stage, name, monkeypatch) -> None:
    """The case goes red while its check is out of a running gateway."""
    with monkeypatch.context() as patch:
        MUTATIONS[name](patch)
        result = await play(stage, BY_ID[name])
    assert result.outcome is Outcome.RED, result.came


@pytest.mark.parametrize("name", sorted(ALONE))
async def test_case_is_red_without_its_check_on_a_gateway_of_its_own(
    template, tmp_path, name, monkeypatch
) -> None:
    """The case goes red while its check is out of a gateway that nothing else is asked of."""
    folder = copied(template, tmp_path / "target")
    async with serving(folder) as (endpoint, kit), open_stage(kit, endpoint, system_clock) as stage:
        with monkeypatch.context() as patch:
            MUTATIONS[name](patch)
            result = await play(stage, BY_ID[name])
    assert result.outcome is Outcome.RED, result.came


@pytest.mark.parametrize("name", EARLY)
async def test_case_is_red_against_a_gateway_that_started_without_its_check(
    template, tmp_path, name, monkeypatch
) -> None:
    """The case goes red against a target that never had the check."""
    folder = copied(template, tmp_path / "target")
    with monkeypatch.context() as patch:
        EARLY[name](patch)
        patch.setattr(stages, "_compare", nothing)  # where no certificate is asked for, all are the kit
        async with serving(folder) as (endpoint, kit), open_stage(kit, endpoint, system_clock) as stage:
            result = await play(stage, BY_ID[name])
    assert result.outcome is Outcome.RED, result.came


async def test_all_cases_are_green_when_every_check_is_back(stage) -> None:
    """It was the missing checks that made the cases red: the same gateway is green with all of them."""
    results = [await play(stage, one) for one in CASES]
    assert [(one.case.id, one.came) for one in results if one.outcome is not Outcome.GREEN] == []


@pytest.mark.long
async def test_a_second_run_goes_on_where_the_first_ended(template, tmp_path) -> None:
    """Every case is green against a gateway that is new, and again after its restart."""
    folder = copied(template, tmp_path / "target")
    for _ in range(2):
        async with serving(folder) as (endpoint, kit):
            results = await run(kit, endpoint, CASES, system_clock)
        assert [(one.case.id, one.came) for one in results if one.outcome is not Outcome.GREEN] == []
