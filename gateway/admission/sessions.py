# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of people at the console, kept by the gateway: the browser holds a secret that tells nothing.

The rules:

1. A session begins with a key, a token of the file, a link that is used up by it, or the word of a provider.
   Roles are those of what it began with; one that began with a key ends with that key.
2. It ends when its reader leaves, after half an hour without a page, and after twelve hours in any case.
3. A link is good once, within an hour. Of two uses at one time one is refused.
4. Links that are made or used, and uses that were refused, are entries in the anchor log.
"""

from collections.abc import Callable, Sequence

import msgspec

from gateway.access import Caller, Role, secret
from gateway.admission.acts import Acts
from gateway.admission.keys import KEY, checked
from gateway.admission.refusals import Refusals
from gateway.clock import Clock, milliseconds
from gateway.errors import PolicyRefusal
from gateway.exchange.access_rows import CredentialRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.finding import finding

SESSION, LINK, PROVIDER = "eadsession", "eadlink", "provider"
IDLE_MS, ABSOLUTE_MS, LINK_MS = 30 * 60_000, 12 * 3_600_000, 3_600_000


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A new session or link: the secret, told this once, and when it ends, in milliseconds."""

    secret: str
    name: str
    expires_at: int


class Sessions:
    """The sessions and links of one gateway."""

    def __init__(
        self, *, store: Store, ids: Ids, clock: Clock, acts: Acts, random: Callable[[int], bytes]
    ) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._acts = acts
        self._random = random
        self._refusals = Refusals(acts, clock)

    async def begin(self, caller: Caller, token: str) -> Opened:
        """Begin a session of who holds a key or a token.

        Raises:
            PolicyRefusal: the token is of a session: one does not prolong another.
        """
        named = secret.named(token)
        if named is not None and named[0] == SESSION:
            raise PolicyRefusal("a session begins no other", (finding("ACCESS-SESSION"),))
        by = f"{KEY} {named[1]}" if named is not None and named[0] == KEY else "token file"
        now = milliseconds(self._clock())
        roles = caller.roles or (caller.role,)
        return await self._store.transact(lambda tx: self._begin(tx, caller.name, roles, by, now))

    async def end(self, token: str) -> bool:
        """End a session; say whether it began with the word of a provider."""
        named = secret.named(token)
        if named is None or named[0] != SESSION:
            return False
        now, number = milliseconds(self._clock()), named[1]

        def work(tx: Transaction) -> bool:
            row = tx.credential(number)
            return tx.end_credential(number, now) and row is not None and row.made_by == PROVIDER

        return await self._store.transact(work)

    async def link(self, name: str, roles: Sequence[str], *, actor: str) -> Opened:
        """Make a link that opens one session.

        Raises:
            InputError: the name or a role is not one that a session can have.
        """
        number = self._ids.take(1)[0]
        text = secret.make(LINK, number, self._random)

        def work(tx: Transaction, now: int) -> Opened:
            chosen = checked(name, roles, 1)
            entry = self._acts.done(tx, "link.make", actor, f"{name} {number}", now=now, roles=chosen)
            until = now + LINK_MS
            tx.add_credential(_row(number, text, name, chosen, actor, now, until, entry))
            return Opened(secret=text, name=name, expires_at=until)

        return await self._acts.do("link.make", actor, name, work)

    async def use(self, link: str) -> Opened:
        """Begin the session of a link, and use it up.

        Raises:
            PolicyRefusal: the link is unknown, has expired or was used before.
        """
        named = secret.named(link)
        number = named[1] if named is not None and named[0] == LINK else 0

        def work(tx: Transaction, now: int) -> Opened:
            row = tx.credential(number) if number else None
            fits = secret.fits(link, row.digest if row is not None else b"")
            if row is None or not fits or now >= row.expires_at or not tx.end_credential(number, now):
                raise PolicyRefusal("no such link", (finding("ACCESS-LINK"),))
            self._acts.done(tx, "link.use", row.name, f"{row.name} {number}", now=now)
            roles = [Role(one) for one in row.roles.split()]
            return self._begin(tx, row.name, roles, f"{LINK} {number}", now)

        now = milliseconds(self._clock())
        try:
            return await self._store.transact(lambda tx: work(tx, now))
        except PolicyRefusal:
            await self._refusals.enter("link.use", "unknown", str(number), ["ACCESS-LINK"])
            raise

    async def admit(self, name: str, roles: Sequence[str], *, what: str, by: str) -> Opened:
        """Begin the session of a person for whom somebody else vouches; the entry names `what` was done."""

        def work(tx: Transaction, now: int) -> Opened:
            chosen = checked(name, roles, 1)
            self._acts.done(tx, what, name, by, now=now, roles=chosen)
            return self._begin(tx, name, [Role(one) for one in chosen], by, now)

        now = milliseconds(self._clock())
        return await self._store.transact(lambda tx: work(tx, now))

    def _begin(self, tx: Transaction, name: str, roles: Sequence[Role], by: str, now: int) -> Opened:
        """Keep a new session."""
        number, until = self._ids.take(1)[0], now + ABSOLUTE_MS
        text = secret.make(SESSION, number, self._random)
        row = _row(number, text, name, [one.value for one in roles], by, now, until, -1)
        tx.add_credential(msgspec.structs.replace(row, used_at=now))
        return Opened(secret=text, name=name, expires_at=until)


def _row(  # noqa: PLR0917  # the columns in their order
    number: int, text: str, name: str, roles: Sequence[str], by: str, now: int, until: int, entry: int
) -> CredentialRow:
    """Return the row of a secret."""
    return CredentialRow(
        id=number,
        kind=text.partition("_")[0],
        name=name,
        roles=" ".join(roles),
        digest=secret.digest(text),
        made_by=by,
        created_at=now,
        expires_at=until,
        used_at=0,
        ended_at=0,
        log_index=entry,
    )
