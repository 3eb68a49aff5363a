# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys for machines: made, listed and revoked by administrators.

The rules:

1. A key is told once, when it is made. Only its digest is kept.
2. It has a name, which is the submitter of what comes with it, and at least one role. It expires, within two
   years at the latest.
3. A name may have several keys, so that one replaces another without a gap.
4. `local` and `grpc` stand for this node's own side in lists of names; no key can have them.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from gateway.access import Role, secret
from gateway.admission.acts import Acts
from gateway.errors import InputError
from gateway.exchange.access_rows import CredentialRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.finding import finding

KEY = "eadkey"
ROLES = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR, Role.SUBMITTER)
RESERVED = frozenset({"local", "grpc"})
USUAL_DAYS, MOST_DAYS = 365, 731
PAGE = 500
_NUMBER = re.compile(r"[0-9]{1,18}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is shown; times in milliseconds, 0 for never, `used_at` to the hour."""

    number: str
    name: str
    roles: tuple[str, ...]
    made_by: str
    created_at: int
    expires_at: int
    used_at: int
    revoked_at: int
    log_index: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new key, and the secret, which is told this once."""

    secret: str
    key: Key


class Keys:
    """The keys of one gateway."""

    def __init__(self, *, store: Store, ids: Ids, acts: Acts, random: Callable[[int], bytes]) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._acts = acts
        self._random = random

    async def make(self, name: str, roles: Sequence[str], days: int = USUAL_DAYS, *, actor: str) -> Made:
        """Make a key.

        Raises:
            InputError: the name, a role or the number of days is not one that a key can have.
        """
        number = self._ids.take(1)[0]
        text = secret.make(KEY, number, self._random)

        def work(tx: Transaction, now: int) -> CredentialRow:
            chosen = checked(name, roles, days)
            row = CredentialRow(
                id=number,
                kind=KEY,
                name=name,
                roles=" ".join(chosen),
                digest=secret.digest(text),
                made_by=actor,
                created_at=now,
                expires_at=now + int(timedelta(days=days) / timedelta(milliseconds=1)),
                used_at=0,
                ended_at=0,
                log_index=self._acts.done(tx, "key.make", actor, f"{name} {number}", now=now, roles=chosen),
            )
            tx.add_credential(row)
            return row

        return Made(secret=text, key=shown(await self._acts.do("key.make", actor, name, work)))

    async def revoke(self, number: str, *, actor: str) -> Key:
        """Revoke a key; the nodes refuse it within seconds.

        Raises:
            InputError: there is no such key, or it is revoked already.
        """

        def work(tx: Transaction, now: int) -> CredentialRow:
            row = tx.credential(int(number)) if _NUMBER.fullmatch(number) else None
            if row is None or row.kind != KEY or not tx.end_credential(row.id, now):
                found = finding("ACCESS-UNKNOWN", path="number", actual=number[:20])
                raise InputError("no such key, or revoked already", (found,))
            self._acts.done(tx, "key.revoke", actor, f"{row.name} {row.id}", now=now)
            return msgspec.structs.replace(row, ended_at=now)

        return shown(await self._acts.do("key.revoke", actor, number, work))

    async def page(self, after: int = 0, limit: int = PAGE) -> list[Key]:
        """Return keys with a number above another, oldest first, revoked ones too."""
        rows = await self._store.read(lambda tx: tx.credentials(KEY, after, limit))
        return [shown(row) for row in rows]


def shown(row: CredentialRow) -> Key:
    """Return a key without what is secret."""
    return Key(
        number=str(row.id),
        name=row.name,
        roles=tuple(row.roles.split()),
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.ended_at,
        log_index=row.log_index,
    )


def checked(name: str, roles: Sequence[str], days: int) -> tuple[str, ...]:
    """Return the roles of a key in their order, each once.

    Raises:
        InputError: with a finding for each thing that is wrong.
    """
    wrong = []
    if not _NAME.fullmatch(name) or name in RESERVED:
        expected = "lower-case letters, digits, dots, dashes; not local, not grpc"
        wrong.append(finding("ACCESS-NAME", path="name", expected=expected))
    if not roles or not set(roles) <= set(ROLES):
        wrong.append(finding("ACCESS-ROLES", path="roles", expected=", ".join(ROLES)))
    if not 1 <= days <= MOST_DAYS:
        wrong.append(finding("ACCESS-DAYS", path="days", expected=f"1 to {MOST_DAYS}", actual=str(days)))
    if wrong:
        raise InputError("not a key", tuple(wrong))
    return tuple(one.value for one in ROLES if one in roles)
