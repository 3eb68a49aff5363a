# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who holds a secret: asked with every request, so what was found is believed for two seconds.

A key that is revoked is refused by every node when these are over.
"""

from dataclasses import dataclass

from gateway.access import Caller, Names, Role, secret
from gateway.admission.keys import KEY
from gateway.admission.sessions import IDLE_MS, SESSION
from gateway.clock import Clock, milliseconds
from gateway.exchange.access_rows import CredentialRow
from gateway.exchange.ports import Store

FRESH_MS = 2_000
USED_MS, SEEN_MS = 3_600_000, 60_000
MOST_KNOWN = 10_000
_NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row, and when it was read."""

    row: CredentialRow
    at: int


class Holders:
    """The holders of secrets of some kinds."""

    def __init__(self, *, store: Store, clock: Clock, kinds: frozenset[str]) -> None:
        """Take the doors; `kinds` are the kinds of secrets that are good here."""
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._known: dict[int, _Found] = {}

    def is_one(self, text: str) -> bool:
        """Say whether a text has the form of a secret of these kinds, good or not."""
        named = secret.named(text)
        return named is not None and named[0] in self._kinds

    async def caller(self, text: str, names: Names) -> Caller | None:
        """Return who holds a secret, none if it is unknown, has expired or has ended.

        `names` says what a name may beyond its roles.
        """
        named = secret.named(text)
        if named is None or named[0] not in self._kinds:
            return None
        now = milliseconds(self._clock())
        row = await self._row(named[1], now)
        fits = secret.fits(text, row.digest if row is not None else _NOTHING)
        if row is None or not fits or row.kind != named[0] or not await self._good(row, now):
            return None
        await self._note(row, now)
        return names.holder(row.name, [Role(one) for one in row.roles.split()])

    async def _good(self, row: CredentialRow, now: int) -> bool:
        """Say whether a credential holds, and the key that it began with, if it is a session of one."""
        idle = row.kind == SESSION and now - row.used_at >= IDLE_MS
        if row.ended_at or now >= row.expires_at or idle:
            return False
        kind, _, number = row.made_by.partition(" ")
        if row.kind != SESSION or kind != KEY:
            return True
        key = await self._row(int(number), now)
        return key is not None and not key.ended_at and now < key.expires_at

    async def _row(self, number: int, now: int) -> CredentialRow | None:
        """Return the row of a number, as it was a moment ago at the latest."""
        known = self._known.get(number)
        if known is not None and 0 <= now - known.at < FRESH_MS:
            return known.row
        row = await self._store.read(lambda tx: tx.credential(number))
        if row is not None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[number] = _Found(row, now)
        return row

    async def _note(self, row: CredentialRow, now: int) -> None:
        """Remember the use of a key to the hour, of a session to the minute: finer would write every time."""
        step = SEEN_MS if row.kind == SESSION else USED_MS
        at = now - now % step
        if row.used_at < at:
            self._known.pop(row.id, None)
            await self._store.transact(lambda tx: tx.use_credential(row.id, at))
