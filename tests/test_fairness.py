# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Nobody's work waits behind all the works of another."""

import asyncio
import heapq
import queue
import threading
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.fairness import FairQueue, Places, working_for

WORKS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=60)


def fill(works):
    """Return a queue with these works, numbered, each of a party and with a cost."""
    fair = FairQueue()
    for number, (party, cost) in enumerate(works):
        with working_for(party):
            fair.put((party, number, cost), cost)
    return fair


def drain(fair):
    """Return what a closed queue still holds, in order."""
    fair.close()
    return list(iter(fair.get, None))


def test_a_late_comer_is_next() -> None:
    """After a thousand works of one party the first of another is served before its second."""
    fair = fill([("greedy", 1)] * 1000 + [("modest", 1)])
    assert [party for party, *_ in drain(fair)][:3] == ["greedy", "modest", "greedy"]


@given(WORKS)
def test_each_partys_works_keep_their_order(works) -> None:
    """Nothing is lost or served twice, and the works of one party come out as they went in."""
    served = drain(fill(works))
    assert sorted(number for _, number, _ in served) == list(range(len(works)))
    by_party = defaultdict(list)
    for party, number, _ in served:
        by_party[party].append(number)
    assert all(numbers == sorted(numbers) for numbers in by_party.values())


@given(WORKS)
def test_parties_that_wait_are_served_alike(works) -> None:
    """While two parties have work, what they got never differs by more than two of the largest works."""
    waiting = defaultdict(int)
    for party, _ in works:
        waiting[party] += 1
    given_to = dict.fromkeys(waiting, 0)
    for party, _, cost in drain(fill(works)):
        waiting[party] -= 1
        given_to[party] += cost
        busy = [given_to[one] for one, left in waiting.items() if left]
        assert not busy or max(busy) - min(busy) <= 2 * 9


def test_who_was_idle_gets_no_more_than_its_turn() -> None:
    """A party that asked for nothing for long has saved nothing up."""
    fair = fill([("steady", 1)] * 4)
    assert [fair.get_nowait()[0] for _ in range(2)] == ["steady"] * 2
    with working_for("back"):
        for number in range(3):
            fair.put(("back", 10 + number, 1))
    assert [party for party, *_ in drain(fair)] == ["back", "steady", "back", "steady", "back"]


def test_a_closed_queue_serves_what_it_has_and_takes_no_more() -> None:
    """Every waiting thread hears the end once the works are done."""
    fair = FairQueue()
    heard = []
    threads = [threading.Thread(target=lambda: heard.append(list(iter(fair.get, None)))) for _ in range(3)]
    for one in threads:
        one.start()
    for number in range(20):
        fair.put(number)
    fair.close()
    for one in threads:
        one.join(10)
    assert sorted(number for part in heard for number in part) == list(range(20))
    with pytest.raises(GatewayError):
        fair.put(20)
    with pytest.raises(queue.Empty):
        fair.get_nowait()


def test_tasks_work_for_whom_they_were_begun() -> None:
    """A task that begins in the context of a party queues its works as that party's."""

    async def ask(fair):
        await asyncio.sleep(0)
        fair.put("late")

    async def both():
        fair = FairQueue()
        with working_for("greedy"):
            for _ in range(5):
                fair.put("greedy")
        with working_for("modest"):
            task = asyncio.create_task(ask(fair))
        await task
        return fair

    assert drain(asyncio.run(both()))[:2] == ["greedy", "late"]


def test_one_party_never_has_all_places() -> None:
    """However many one party takes, whoever has none finds a place, and then the greedy one has fewer."""
    places = Places(32)
    taken = sum(places.take("greedy") for _ in range(100))
    assert taken == 26
    assert places.take("modest")
    places.give("greedy")
    assert not places.take("greedy")
    assert places.take("modest")


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), max_size=200), st.integers(1, 40))
def test_places_are_never_more_than_there_are(acts, count) -> None:
    """Whatever is taken and given back, the sum never exceeds the count, and at the end all are free."""
    places, held = Places(count), []
    for party, takes in acts:
        if takes:
            held += [party] if places.take(party) else []
        elif party in held:
            held.remove(party)
            places.give(party)
        assert len(held) <= count
    for party in held:
        places.give(party)
    assert places.take("anybody")


def crowd(waiting, served_each_second, seconds):
    """Let many come back whenever they are told to; return refusals and places found in the last part."""
    now = 0.0
    places = Places(8, clock=lambda: now)
    coming = [(number / waiting, number) for number in range(waiting)]
    heapq.heapify(coming)
    refused = found = 0
    done_at = []
    while coming and (turn := heapq.heappop(coming))[0] < seconds:
        now = max(now, turn[0])
        while done_at and done_at[0] <= now:
            places.give("crowd")
            done_at.pop(0)
        late = now >= seconds / 2
        if places.take("crowd"):
            found += late
            done_at.append(max(now, done_at[-1] if done_at else now) + 1 / served_each_second)
            heapq.heappush(coming, (done_at[-1], turn[1]))  # its next message, as soon as it has its answer
        else:
            refused += late
            heapq.heappush(coming, (now + places.pause("crowd"), turn[1]))
    return refused, found


@pytest.mark.parametrize("waiting", [20, 100, 300])
def test_saying_no_never_becomes_the_work(waiting) -> None:
    """Of a crowd that comes when it is told to, hardly more than two are refused for one that is taken."""
    refused, found = crowd(waiting, 40, 200)
    assert found > 0.9 * 40 * 100
    assert refused <= 2.5 * found


def test_who_finds_places_again_waits_a_second_at_most() -> None:
    """A pause that has grown shrinks again once there is room, and then nothing is kept of the party."""
    now = 0.0
    places = Places(1, clock=lambda: now)
    assert places.take("busy")
    pauses = []
    for _ in range(40):
        assert not places.take("busy")
        pauses.append(places.pause("busy"))
        now += 1
    assert (pauses[0], pauses[-1]) == (1, Places.LONGEST_PAUSE)
    for _ in range(8):
        places.give("busy")
        now += Places.LONGEST_PAUSE
        assert places.take("busy")
    assert places.pause("busy") == 1
    assert not places._pauses
