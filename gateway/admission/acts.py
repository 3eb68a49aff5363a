# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The acts of administrators: each is an entry in the anchor log, and so is each that failed.

The rules:

1. What is done, and the entry about it, are one transaction.
2. An act that is refused changes nothing, and is an entry of its own with the codes of its findings.
3. The words of an entry name the act, who did it and what it was about, never a secret.
"""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import msgspec

from gateway.clock import Clock, milliseconds
from gateway.errors import InputError, PolicyRefusal
from gateway.exchange.decision import record_decision
from gateway.exchange.journal import ANCHOR, Journal
from gateway.exchange.ports import Ids, Store, Transaction

T = TypeVar("T")
# What somebody wrote is cut to this length before it is quoted in an entry.
LONGEST_QUOTED = 100


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act as it is kept and entered in the log."""

    what: str
    actor: str
    at_ms: int
    outcome: Literal["done", "refused"]
    about: str
    roles: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    reason: str = ""


class Acts:
    """Where acts are done and entered."""

    def __init__(self, *, store: Store, ids: Ids, clock: Clock, journal: Journal) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal

    async def do(self, what: str, actor: str, about: str, work: Callable[[Transaction, int], T]) -> T:
        """Do an act at a time in milliseconds; what refuses it is entered and raised again."""
        now = milliseconds(self._clock())
        try:
            return await self._store.transact(lambda tx: work(tx, now))
        except (InputError, PolicyRefusal) as error:
            await self.refused(what, actor, about, [one.code for one in error.findings])
            raise

    async def refused(self, what: str, actor: str, about: str, codes: Sequence[str]) -> None:
        """Enter an act that was not done."""
        act = Act(
            what=what,
            actor=actor,
            at_ms=milliseconds(self._clock()),
            outcome="refused",
            about=about[:LONGEST_QUOTED],
            codes=tuple(codes),
        )
        await self._store.transact(lambda tx: self._enter(tx, act))

    def done(
        self,
        tx: Transaction,
        what: str,
        actor: str,
        about: str,
        *,
        now: int,
        roles: Sequence[str] = (),
        reason: str = "",
    ) -> int:
        """Enter an act in its transaction; return the index of the entry."""
        act = Act(
            what=what,
            actor=actor,
            at_ms=now,
            outcome="done",
            about=about,
            roles=tuple(roles),
            reason=reason,
        )
        return self._enter(tx, act)

    def _enter(self, tx: Transaction, act: Act) -> int:
        """Keep the words of an act, and enter their digest."""
        words = msgspec.json.encode(act)
        return record_decision(tx, self._journal, self._ids, ANCHOR, statement=words, now=act.at_ms)
