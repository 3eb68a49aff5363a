# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Addresses from which wrong secrets come are locked out for a while, in the memory of one process.

The rules:

1. Ten failures within ten minutes lock an address out for a minute, and each ten more for twice as long,
   up to an hour. While it is locked out, right secrets are refused from there too.
2. A right secret ends the count. After an hour without a failure an address begins anew.
3. An IPv6 address stands for its network of 64 bits, since one host may have all of it.
4. So many addresses are remembered; beyond that the one that was seen longest ago is forgotten.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.clock import Clock

FAILURES = 10
WINDOW = timedelta(minutes=10)
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
MOST_ADDRESSES = 10_000
_NETWORK = 64


@dataclass(slots=True)
class _Counted:
    """What is known of an address; `locks` is how often it was locked out."""

    since: datetime
    last: datetime
    failures: int = 0
    locks: int = 0
    until: datetime | None = None


class Lockout:
    """Who is locked out, by address; an empty address never is."""

    def __init__(self, clock: Clock, most: int = MOST_ADDRESSES) -> None:
        """Begin with nobody."""
        self._clock = clock
        self._most = most
        self._counted: OrderedDict[str, _Counted] = OrderedDict()

    def seconds(self, address: str) -> int:
        """Return for how long an address is locked out, 0 if it is not."""
        counted = self._counted.get(network(address)) if self._counted else None
        left = counted.until - self._clock() if counted is not None and counted.until else timedelta()
        return max(0, -int(-left.total_seconds() // 1))

    def now(self) -> int:
        """Return how many addresses are locked out."""
        now = self._clock()
        return sum(one.until is not None and one.until > now for one in self._counted.values())

    def failed(self, address: str) -> bool:
        """Count a wrong secret from an address; say whether it is locked out by this one."""
        place, now = network(address), self._clock()
        if not place:
            return False
        counted = self._counted.get(place)
        if counted is None or now - counted.last >= LONGEST:
            counted = self._counted[place] = _Counted(now, now)
        self._counted.move_to_end(place)
        if len(self._counted) > self._most:
            self._counted.popitem(last=False)
        if now - counted.since >= WINDOW:
            counted.since, counted.failures = now, 0
        counted.last = now
        counted.failures += 1
        if counted.failures < FAILURES:
            return False
        counted.until = now + min(LONGEST, FIRST * 2**counted.locks)
        counted.since, counted.failures, counted.locks = now, 0, counted.locks + 1
        return True

    def came_in(self, address: str) -> None:
        """Forget what was counted of an address."""
        if self._counted:
            self._counted.pop(network(address), None)


def network(address: str) -> str:
    """Return what stands for an address: itself, or the network of an IPv6 one; empty if it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _NETWORK), strict=False))
