# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes on one database are killed, drained, paused and cut off while items flow; the books agree afterwards.

Both ways: the nodes send to one gateway, and one gateway sends to the nodes through their one address. Each
fault runs one of the ways; `--long` runs it the other way too.
"""

import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.postgres import connect
from tests.system import books
from tests.system.cluster import LEASE_SECONDS, Cluster
from tests.system.submitting import eventually, settled, submit_until_answered
from tests.system.test_kill import expect

QUICK = {
    "batch": {"size": 8, "linger_ms": 5},
    "delivery": {
        "backoff_first_seconds": 0.05,
        "backoff_max_seconds": 0.4,
        "window": 4,
        "receipt_timeout_seconds": 3.0,
    },
}
NODES = 2
LISTS = 30
ROUNDS = 12  # of messages, at most
TURNS = 4  # of faults, at most: on a busy machine the first may come too early or end too soon
LANE = "channel:customs-cn/customs-nl/item"


def kill(cluster, number):
    """End a node without warning and start it again."""
    cluster.nodes[number].kill()
    time.sleep(0.3)
    cluster.nodes[number].start()


def drain(cluster, number):
    """Drain a node and start it again."""
    assert cluster.nodes[number].stop() == 0
    cluster.nodes[number].start()


def pause(cluster, number):
    """Let a node stand still for longer than its lease."""
    process = cluster.nodes[number].process
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(LEASE_SECONDS * 3)
    os.kill(process.pid, signal.SIGCONT)


def cut(cluster, number):
    """Cut a node off from the database for longer than its lease."""
    cluster.wires[number].cut()
    time.sleep(LEASE_SECONDS * 3)
    cluster.wires[number].mend()


FAULTS = {"kill": kill, "drain": drain, "pause": pause, "cut": cut}


def disturb(cluster, fault, moved, over):
    """Let a fault meet each node in turn, until the work has moved from one to another."""
    try:
        for turn in range(TURNS):
            for number in range(NODES):
                time.sleep(0.3)
                sys.stdout.write(f"turn {turn}: {fault.__name__} node {number}\n")
                fault(cluster, number)
            if moved():
                return
    finally:
        over.set()


def submit_all(url, flow):
    """Submit messages one after the other."""
    for message in flow:
        assert submit_until_answered(url, message).outcome in {"accepted", "partial", "refused", "repeated"}


def submit_rounds(url, seed, over):
    """Submit whole rounds of messages one after the other until the faults are over; return them."""
    sent = []
    for number in range(ROUNDS):
        rounds = list(
            generate(seed + number, LISTS, documents_per_message=10, destinations=["NL"], fault_rate=0.05)
        )
        submit_all(url, rounds)
        sent += rounds
        if over.is_set():
            break
    return sent


def carry(cluster, url, fault, moved, seed):
    """Submit while nodes fail; return the messages once everything has settled."""
    over = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        submitting = [pool.submit(submit_rounds, url, seed + ROUNDS * one, over) for one in range(2)]
        disturbing = pool.submit(disturb, cluster, fault, moved, over)
        messages = [message for one in submitting for message in one.result()]
        disturbing.result()
    eventually(lambda: settled(url), seconds=40)
    return messages


def hands(url):
    """Return how often the outgoing lane was taken."""
    with connect(url) as connection:
        found = connection.execute("select token from lease where name = %s", (LANE,)).fetchone()
    return found[0] if found else 0


def check(ours, theirs, messages):
    """The ledger equation between both books: no item lost, none twice."""
    expected = expect(messages)
    books.check_messages(ours, messages)
    books.check_items(ours, expected)
    sent = books.check_lane(ours, theirs)
    books.check_records(theirs, expected)
    for one in (ours, theirs):
        books.check_logs(one, entries=2 * len(sent))
        books.check_counters(one)
        assert one.rows("refusal") == []
        assert [row["stopped"] for row in one.rows("channel")] == [""]


def _faults(*short):
    """Return the names of all faults; those that are not short run only when asked for."""
    return [one if one in short else pytest.param(one, marks=pytest.mark.long) for one in FAULTS]


@pytest.mark.parametrize("fault", _faults("kill"))
def test_nodes_that_send_lose_nothing(fault, tmp_path, postgres_url) -> None:
    """Whatever becomes of a node, another goes on with its lanes: one sequence, nothing lost or doubled."""
    here, there = make_parties(tmp_path, packaged_agreements())
    set_up(there, QUICK)
    cluster = Cluster(here, postgres_url, NODES, QUICK)
    seed = random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    with running([there]), cluster.running():
        messages = carry(cluster, cluster.url, FAULTS[fault], lambda: hands(postgres_url) > 1, seed)
        assert cluster.stop() == [0] * NODES
        assert there.stop() == 0
    check(books.Books(here, postgres_url), books.Books(there), messages)
    assert hands(postgres_url) > 1


@pytest.mark.parametrize("fault", _faults("cut"))
def test_stream_of_a_partner_moves_to_another_node(fault, tmp_path, postgres_url) -> None:
    """The partner's stream ends with its node and goes on at another; every batch has one effect."""
    here, there = make_parties(tmp_path, packaged_agreements())
    set_up(here, QUICK)
    cluster = Cluster(there, postgres_url, NODES, QUICK)
    seed = random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    with cluster.running(), running([here]):
        messages = carry(cluster, here.url, FAULTS[fault], lambda: all(cluster.peers.carried.values()), seed)
        assert all(cluster.peers.carried.values())
        assert here.stop() == 0
        assert cluster.stop() == [0] * NODES
    check(books.Books(here), books.Books(there, postgres_url), messages)
