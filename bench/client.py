# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A submitter in a process of its own: `python -m bench.client plan.json` prints what it did as JSON.

With `rate` 0 it keeps `concurrency` messages in flight; else it sends at fixed times whatever the answers do
(open loop), so that a gateway that stalls cannot slow the clock it is measured by.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import msgspec

from bench.data import adapter_of

MOST_RETRIES = 30


class Plan(msgspec.Struct, frozen=True):
    """What to submit; `rate` in messages per second, `token` where the gateway asks for one."""

    url: str
    files: tuple[str, ...]
    concurrency: int = 8
    rate: float = 0.0
    token: str = ""


class Sent(msgspec.Struct, frozen=True):
    """One message: its id at the gateway, when it was due, begun and answered, in seconds since 1970.

    `busy` counts how often the gateway asked to come again later (503); the submitter did as it was told.
    """

    id: int
    due: float
    begun: float
    answered: float
    busy: int


class Outcome(msgspec.Struct, frozen=True):
    """What a client did, and the CPU seconds that it used for it."""

    sent: tuple[Sent, ...]
    cpu: float


def submit(folder: Path, plan: Plan) -> Outcome:
    """Run a client to its end.

    Raises:
        RuntimeError: a message was not accepted.
    """
    file = folder / f"plan-{uuid4()}.json"
    file.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", "bench.client", str(file)]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return msgspec.json.decode(done.stdout, type=Outcome)


async def run(plan: Plan, bodies: Sequence[tuple[str, bytes]]) -> Outcome:
    """Submit everything."""
    before = _cpu()
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {plan.token}"} if plan.token else {}
    async with aiohttp.ClientSession(plan.url, connector=connector, headers=headers) as session:
        sent = await (_at_rate if plan.rate else _in_flight)(session, plan, bodies)
    return Outcome(tuple(sent), _cpu() - before)


async def _in_flight(
    session: aiohttp.ClientSession, plan: Plan, bodies: Sequence[tuple[str, bytes]]
) -> list[Sent]:
    """Keep a number of messages in flight."""
    waiting = iter(bodies)
    sent: list[Sent] = []

    async def lane() -> None:
        for adapter, body in waiting:
            sent.append(await _post(session, adapter, body, time.time()))

    await asyncio.gather(*(lane() for _ in range(plan.concurrency)))
    return sent


async def _at_rate(
    session: aiohttp.ClientSession, plan: Plan, bodies: Sequence[tuple[str, bytes]]
) -> list[Sent]:
    """Send each message at its time."""
    start = time.time() + 0.1

    async def later(number: int, adapter: str, body: bytes) -> Sent:
        due = start + number / plan.rate
        await asyncio.sleep(due - time.time())
        return await _post(session, adapter, body, due)

    return await asyncio.gather(*(later(number, *one) for number, one in enumerate(bodies)))


async def _post(session: aiohttp.ClientSession, adapter: str, body: bytes, due: float) -> Sent:
    """Submit one message; anything but acceptance of all of it ends the client."""
    begun = time.time()
    busy = 0
    while True:
        async with session.post("/v1/messages", params={"adapter": adapter}, data=body) as answer:
            text = await answer.read()
            outcome = answer.headers.get("X-Gateway-Outcome")
            if outcome == "accepted":
                return Sent(int(answer.headers["X-Gateway-Message"]), due, begun, time.time(), busy)
            if answer.status != 503 or busy >= MOST_RETRIES:
                raise RuntimeError(f"status {answer.status}, outcome {outcome}: {text[:500]!r}")
            pause = float(answer.headers["Retry-After"])
        busy += 1
        await asyncio.sleep(pause)


def _cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Do what the plan in the named file says."""
    plan = msgspec.convert(json.loads(Path(sys.argv[1]).read_bytes()), Plan)
    bodies = [(adapter_of(Path(one)), Path(one).read_bytes()) for one in plan.files]
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(run(plan, bodies))))


if __name__ == "__main__":
    main()
