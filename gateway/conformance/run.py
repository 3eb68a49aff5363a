# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Play cases against a target, one after the other, each within its time."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.conformance.case import Case, Departure, Outcome, Result
from gateway.conformance.kit import Kit
from gateway.conformance.stage import Stage, open_stage
from gateway.errors import GatewayError

CASE_SECONDS = 60.0


async def run(
    kit: Kit,
    endpoint: str,
    cases: Sequence[Case],
    clock: Callable[[], datetime],
    told: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """Play cases in order; `told` hears of each when it has ended.

    Raises:
        ConfigError: the target is not ready for this kit.
    """
    results = []
    async with open_stage(kit, endpoint, clock) as stage:
        for case in cases:
            results.append(await play(stage, case))
            told(results[-1])
    return results


async def play(stage: Stage, case: Case) -> Result:
    """Play one case; whatever the target does is a result."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CASE_SECONDS):
            outcome, came = Outcome.GREEN, await case.play(stage)
    except Departure as departure:
        outcome, came = Outcome.RED, departure.came
    except TimeoutError:
        outcome, came = Outcome.RED, f"nothing within {CASE_SECONDS:g} seconds"
    except GatewayError as error:
        codes = " ".join(one.code for one in error.findings)
        outcome, came = Outcome.RED, f"what does not hold: {codes or type(error).__name__}"
    except Exception as error:  # noqa: BLE001  # an answer that the kit cannot read must not end the run
        outcome, came = Outcome.BROKEN, f"an answer that cannot be read: {type(error).__name__}"
    return Result(case, outcome, came, time.perf_counter() - started)
