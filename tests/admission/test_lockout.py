# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An address that brings wrong secrets is locked out for a while, longer each time, and no other is."""

import pytest

from gateway.admission.lockout import FAILURES, Lockout, network
from tests.fakes import FakeClock

HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture(name="clock")
def _clock():
    """A time that a test moves."""
    return FakeClock()


def fail(lockout, times, address=HERE):
    """Bring so many wrong secrets; return how often that locked the address out."""
    return sum(lockout.failed(address) for _ in range(times))


def test_the_tenth_failure_locks_one_address_out(clock) -> None:
    """Nine do nothing, the tenth locks out for a minute, and a neighbour comes and goes."""
    lockout = Lockout(clock)
    assert fail(lockout, FAILURES - 1) == 0
    assert lockout.seconds(HERE) == 0
    assert fail(lockout, 1) == 1
    assert lockout.seconds(HERE) == 60
    assert lockout.seconds(ELSEWHERE) == 0
    assert lockout.now() == 1
    clock.advance(seconds=59)
    assert lockout.seconds(HERE) == 1
    clock.advance(seconds=1)
    assert lockout.seconds(HERE) == lockout.now() == 0


def test_each_time_is_twice_as_long_up_to_an_hour(clock) -> None:
    """One, two, four … minutes, and never more than sixty."""
    lockout, seen = Lockout(clock), []
    for _ in range(9):
        assert fail(lockout, FAILURES) == 1
        seen.append(lockout.seconds(HERE) // 60)
        clock.advance(seconds=lockout.seconds(HERE))
    # After an hour without a failure the address begins anew.
    assert seen == [1, 2, 4, 8, 16, 32, 60, 1, 2]


def test_a_right_secret_or_time_ends_the_count(clock) -> None:
    """Nine failures, a success and nine more lock nobody out, nor do eighteen with a pause between."""
    lockout = Lockout(clock)
    fail(lockout, 9)
    lockout.came_in(HERE)
    assert fail(lockout, 9) == 0
    clock.advance(minutes=10)
    assert fail(lockout, 9) == 0


def test_one_host_cannot_go_around_it_by_its_many_addresses(clock) -> None:
    """Addresses of one IPv6 network of 64 bits count together; a mapped IPv4 address is that address."""
    lockout = Lockout(clock)
    assert sum(lockout.failed(f"2001:db8::{number:x}") for number in range(1, 11)) == 1
    assert lockout.seconds("2001:db8::ffff") == 60
    assert lockout.seconds("2001:db8:0:1::1") == 0
    assert network("::ffff:192.0.2.7") == HERE


def test_memory_is_bounded(clock) -> None:
    """Beyond the most addresses the one seen longest ago is forgotten, and what is no address is not kept."""
    lockout = Lockout(clock, most=3)
    for number in range(5):
        fail(lockout, FAILURES, f"192.0.2.{number}")
    assert [bool(lockout.seconds(f"192.0.2.{number}")) for number in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert fail(lockout, 2 * FAILURES, "") == fail(lockout, 2 * FAILURES, "no address") == 0
