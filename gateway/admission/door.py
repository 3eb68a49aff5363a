# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The door that the HTTP face asks: who holds a key, and what becomes of those who may not act."""

from collections import Counter

from gateway.access import Caller, Names, secret
from gateway.admission.acts import Acts
from gateway.admission.holders import Holders
from gateway.admission.lockout import Lockout
from gateway.admission.refusals import Refusals
from gateway.admission.sessions import SESSION
from gateway.clock import Clock
from gateway.exchange.rate import Rate

ACTS_PER_MINUTE = 30


class Door:
    """Who gets in with a key. Acts of a name, and its attempts, are so many a minute in each process."""

    def __init__(self, holders: Holders, acts: Acts, clock: Clock, per_minute: int = ACTS_PER_MINUTE) -> None:
        """Take the holders of keys, and where acts are entered."""
        self._holders = holders
        self._acts = acts
        self._clock = clock
        self._per_minute = per_minute
        self._rates: dict[str, Rate] = {}  # by name; only names that got in are here
        self._lockout = Lockout(clock)
        self._lockouts = Refusals(acts, clock)
        self._more: Counter[str] = Counter()  # attempts of a name that the next entry counts

    def is_key(self, text: str) -> bool:
        """Say whether a text has the form of a key: then it is nothing else, good or not."""
        return self._holders.is_one(text)

    async def caller(self, text: str, names: Names) -> Caller | None:
        """Return who holds a key, none if it is not good."""
        return await self._holders.caller(text, names)

    def locked_out(self, address: str) -> int:
        """Return for how many seconds an address is locked out, 0 if it is not."""
        return self._lockout.seconds(address)

    def locked_out_now(self) -> int:
        """Return how many addresses are locked out."""
        return self._lockout.now()

    def came_in(self, address: str) -> None:
        """Note that a good secret came from an address."""
        self._lockout.came_in(address)

    async def failed(self, address: str, text: str) -> bool:
        """Count a wrong secret from an address; say whether that locked it out, which is an entry.

        One that has the form of a session is not counted: pages that were left open go on asking with it.
        """
        named = secret.named(text)
        if (named is not None and named[0] == SESSION) or not self._lockout.failed(address):
            return False
        await self._lockouts.enter("locked out", "", address, ["ACCESS-LOCKED"])
        return True

    def late(self, name: str) -> int:
        """Take a turn of a name to act and return 0, or return after how many seconds there will be one."""
        return self._rates.setdefault(name, Rate(self._per_minute)).take(self._clock())

    async def turned_away(self, name: str, route: str, permission: str) -> None:
        """Enter in the log that somebody tried what only administrators may.

        Beyond the turns of a name attempts are counted, and the next entry about it says how many.
        """
        if self.late(name):
            self._more[name] += 1
            return
        more = self._more.pop(name, 0)
        about = f"{route}, and {more} times more before" if more else route
        await self._acts.refused(f"denied {permission}", name, about, ["WEB-FORBIDDEN"])
