# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How many logins through a provider may be under way from one address, so that it leaves places for others.

Addresses count as the lock-out counts them: an IPv6 address with its network, this machine not at all. What
is remembered is who holds a place now, so its size is bounded by the requests that are open.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.admission.lockout import network
from gateway.errors import TryLater
from gateway.finding import finding

MOST_OF_AN_ADDRESS = 2


class TooManyLogins(TryLater):
    """An address has as many logins under way as it may."""

    def __init__(self) -> None:
        """Say so in a finding."""
        super().__init__("too many logins from one address")
        self.findings = (finding("ACCESS-OIDC-BUSY"),)


class Places:
    """The places of one process."""

    def __init__(self, most: int = MOST_OF_AN_ADDRESS) -> None:
        """Begin with all places free."""
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def held(self, address: str) -> Iterator[None]:
        """Hold a place of an address.

        Raises:
            TooManyLogins: it has none left.
        """
        place = network(address)
        if place and self._held[place] >= self._most:
            raise TooManyLogins
        self._held[place] += 1
        try:
            yield
        finally:
            self._held[place] -= 1
            if not self._held[place]:
                del self._held[place]
