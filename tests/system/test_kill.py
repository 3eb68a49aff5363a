# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Either gateway is killed at random moments while items flow; afterwards the books of both ends agree.

`--kill-runs=N` sets the number of runs, `--kill-seed=S` the first seed; one run is one test case.
"""

import random
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import eventually, settled, submit_until_answered

SUBMITTERS = 3
LISTS = 90
PER_MESSAGE = 10
TRACKING = re.compile(rb"<ceb:logisticsNo>([^<]+)<")
QUICK = {
    "batch": {"size": 8, "linger_ms": 5},
    "delivery": {"backoff_first_seconds": 0.05, "backoff_max_seconds": 0.4, "window": 4},
}


@dataclass(frozen=True)
class Expected:
    """What the generator foretells: every tracking number, and those whose items become complete."""

    tracking: tuple[str, ...]
    complete: tuple[str, ...]


def expect(messages):
    """Read the expectation out of generated messages: each parcel has one waybill."""
    tracking = [
        number.decode()
        for one in messages
        if b"CEB505Message" in one.raw[:200]
        for number in TRACKING.findall(one.raw)
    ]
    lacking = {number for one in messages for number in one.expectation.incomplete}
    return Expected(tuple(tracking), tuple(one for one in tracking if one not in lacking))


def kill_and_restart(party):
    """Kill a gateway and start it again on the same ports; return what were its worker processes."""
    workers = psutil.Process(party.process.pid).children(recursive=True)
    party.kill()
    party.start()
    return workers


def disturb(parties, chance, done):
    """Kill one of the parties, or both at once, one to three times; return all their worker processes."""
    orphans = []
    for _ in range(chance.randint(1, 3)):
        time.sleep(chance.uniform(0.0, 0.6))
        victims = chance.choice((parties[:1], parties[1:], parties))
        names = " and ".join(one.organisation for one in victims)
        sys.stdout.write(f"kill {names}; submitting: {not done.is_set()}\n")
        with ThreadPoolExecutor(2) as pool:
            orphans += [one for workers in pool.map(kill_and_restart, victims) for one in workers]
    return orphans


def submit_all(url, messages):
    """Submit messages one after the other."""
    for message in messages:
        assert submit_until_answered(url, message).outcome in {"accepted", "partial", "refused", "repeated"}


def test_ledger_equation_survives_sigkill(kill_seed, tmp_path) -> None:
    """Every accepted item has one effect, every batch one receipt and one audit entry of each kind."""
    sys.stdout.write(f"seed {kill_seed}\n")
    chance = random.Random(kill_seed)
    flows = [
        list(
            generate(
                chance.randrange(2**32),
                LISTS,
                documents_per_message=PER_MESSAGE,
                destinations=["NL"],
                fault_rate=0.05,
                late_rate=0.1,
            )
        )
        for _ in range(SUBMITTERS)
    ]
    messages = [one for flow in flows for one in flow]
    expected = expect(messages)
    parties = make_parties(tmp_path, packaged_agreements())
    for party in parties:
        set_up(party, QUICK)
    done = threading.Event()
    with running(parties), ThreadPoolExecutor(SUBMITTERS + 1) as pool:
        submitting = [pool.submit(submit_all, parties[0].url, flow) for flow in flows]
        killing = pool.submit(disturb, parties, chance, done)
        for one in submitting:
            one.result()
        done.set()
        orphans = killing.result()
        eventually(lambda: settled(parties[0].url))
        assert psutil.wait_procs(orphans, timeout=10)[1] == []
        assert [party.stop() for party in parties] == [0, 0]
    ours, theirs = (books.Books(party) for party in parties)
    books.check_messages(ours, messages)
    books.check_items(ours, expected)
    sent = books.check_lane(ours, theirs)
    books.check_records(theirs, expected)
    for one in (ours, theirs):
        books.check_logs(one, entries=2 * len(sent))
        books.check_counters(one)
        assert one.rows("refusal") == []
        assert [row["stopped"] for row in one.rows("channel")] == [""]
