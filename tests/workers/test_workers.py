# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The pool of worker processes, with real processes that really die."""

import asyncio
import subprocess
import sys
from functools import partial

import psutil
import pytest

from gateway.errors import GatewayError
from gateway.exchange.rows import ToRelease
from gateway.model import ReleaseFunction
from gateway.workers import WorkerLost, WorkerPool
from tests.workers.jobs_of_death import Jobs


@pytest.fixture(name="pool")
def _pool(tmp_path):
    """One worker."""
    pool = WorkerPool(partial(Jobs, str(tmp_path)), 1)
    yield pool
    pool.close()


async def worker(pool):
    """Return the id of the process that serves now."""
    return int((await pool.decode("a", b"who")).message_id)


async def test_answers_cross_the_border_whole(pool) -> None:
    """All three jobs bring their arguments there and their answers back."""
    message = await pool.decode("some", b"x")
    assert (message.adapter, message.findings[0].code) == ("some", "INTAKE-UNREADABLE")
    share = ToRelease(
        share=7, version=1, function=ReleaseFunction.ORIGINAL, tracking_number="", secret=b"", body=b""
    )
    batch = await pool.prepare("one", [share], 5)
    assert (batch.agreement, batch.shares, batch.payload) == ("one", (7,), b"payload")
    opened = await pool.open("bb", b"envelope", b"payload", 5)
    assert (opened.partner, opened.statement, opened.statement_digest) == ("bb", b"payload", b"envelope")


async def test_worker_that_dies_is_replaced_and_the_job_done(pool) -> None:
    """A job whose worker died is done by the next one."""
    first = await worker(pool)
    second = int((await pool.decode("a", b"die once")).message_id)
    assert first != second
    assert not psutil.pid_exists(first)
    assert await worker(pool) == second


async def test_job_that_kills_twice_is_given_up(pool) -> None:
    """A job that kills two workers fails, and the line goes on."""
    with pytest.raises(WorkerLost):
        await pool.decode("a", b"die")
    assert await worker(pool)


async def test_worker_killed_between_jobs_is_not_missed(pool) -> None:
    """A worker that was killed while idle is replaced at the next job."""
    first = await worker(pool)
    psutil.Process(first).kill()
    assert await worker(pool) != first


async def test_error_of_a_job_says_nothing_of_its_data(pool) -> None:
    """A job that raises fails with the type and the place, never with the text; its worker lives on."""
    before = await worker(pool)
    with pytest.raises(GatewayError) as raised:
        await pool.decode("a", b"raise")
    assert str(raised.value).startswith("ValueError in Jobs.decode:")
    assert "Jansen" not in str(raised.value)
    assert await worker(pool) == before


async def test_jobs_queue_behind_each_other(pool) -> None:
    """Many jobs at once are all answered by the one worker."""
    answers = await asyncio.gather(*(pool.decode(f"a{number}", b"x") for number in range(50)))
    assert [one.adapter for one in answers] == [f"a{number}" for number in range(50)]
    assert len({one.message_id for one in answers}) == 1


async def test_caller_who_left_stops_nobody(pool) -> None:
    """A job whose caller was cancelled does not disturb the next."""
    task = asyncio.create_task(pool.decode("a", b"die once"))
    await asyncio.sleep(0)
    task.cancel()
    assert await worker(pool)


async def test_several_workers_share_the_line(tmp_path) -> None:
    """With two workers a job that kills one does not stop the other."""
    pool = WorkerPool(partial(Jobs, str(tmp_path)), 2)
    try:
        doomed = asyncio.create_task(pool.decode("a", b"die"))
        answers = await asyncio.gather(*(pool.decode("a", b"x") for _ in range(20)))
        assert len(answers) == 20
        with pytest.raises(WorkerLost):
            await doomed
    finally:
        pool.close()


async def test_close_ends_the_processes(tmp_path) -> None:
    """After closing, no process is left, and closing again does no harm."""
    pool = WorkerPool(partial(Jobs, str(tmp_path)), 2)
    await worker(pool)
    await asyncio.to_thread(pool.close)
    started = [int(one.name.partition("-")[2]) for one in tmp_path.glob("started-*")]
    assert started
    assert not any(psutil.pid_exists(one) for one in started)
    pool.close()


PARENT = """
import asyncio, functools, os, signal, sys
from gateway.workers import WorkerPool
from tests.workers.jobs_of_death import Jobs

async def main():
    pool = WorkerPool(functools.partial(Jobs, sys.argv[1]), 1)
    print((await pool.decode("a", b"who")).message_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_worker_ends_with_its_parent(tmp_path, pytestconfig) -> None:
    """A worker whose parent was killed ends by itself."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    done = subprocess.run(
        [sys.executable, script, tmp_path],
        capture_output=True,
        timeout=30,
        check=False,
        text=True,
        env={"PYTHONPATH": str(pytestconfig.rootpath)},
    )
    child = int(done.stdout)
    if psutil.pid_exists(child):
        assert psutil.wait_procs([psutil.Process(child)], timeout=10)[1] == []


async def test_renewed_trust_reaches_the_next_opening(pool):
    """What is opened after a renewal is checked by a worker that has read the bundles anew, once."""

    async def opened():
        return (await pool.open("beta", b"", b"", 0)).partner

    assert await opened() == "beta"
    pool.renew_trust()
    assert [await opened(), await opened()] == ["beta1", "beta1"]
    pool.renew_trust()
    assert await opened() == "beta2"
