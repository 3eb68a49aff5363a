# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The register of enterprises: one registration serves all flows, offices and partners.

The rules:

1. Nothing is overwritten: register, change and withdraw each add a version, which begins after the last one.
2. An act with an error does nothing; of an import with one bad row nothing is done.
3. A customs code belongs to one enterprise at a time.
4. A withdrawn registration cannot be changed; the enterprise may be registered again from a later day.
5. Each act is a statement whose salted digest goes into the log `<us>/enterprises` in the same transaction.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.errors import InputError
from gateway.exchange.enterprise_rows import EnterpriseRow
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.finding import finding
from gateway.trade.enterprise import REGISTERED, Amendment, Registration, Version
from gateway.trade.enterprise_acts import Draft, changed, imported, registered, version_of, withdrawn

LOG = "enterprises"
PAGE = 500
MOST_ROWS = 10_000
USCC_LENGTH = 18


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The statement of an act; of an import `sha256` is that of its versions, one JSON text a line."""

    what: str
    actor: str
    at_ms: int
    enterprises: tuple[Version, ...] = ()
    rows: int = 0
    sha256: str = ""


class Registry:
    """The register of one gateway."""

    def __init__(self, *, store: Store, ids: Ids, clock: Clock, journal: Journal) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal

    async def register(self, one: Registration, *, actor: str) -> Version:
        """Register an enterprise.

        Raises:
            InputError: it does not check, is registered already, or its customs code is taken.
        """
        return (await self._act("register", actor, lambda tx: [registered(tx, one)]))[0]

    async def change(self, uscc: str, change: Amendment, *, actor: str) -> Version:
        """Add a version that differs from a day on.

        Raises:
            InputError: it does not check, changes nothing, begins too early, or there is nothing to change.
        """
        return (await self._act("change", actor, lambda tx: [changed(tx, uscc, change)]))[0]

    async def withdraw(self, uscc: str, valid_from: date, source: str, *, actor: str) -> Version:
        """End a registration from a day on.

        Raises:
            InputError: there is nothing to withdraw, or the day is too early.
        """
        done = await self._act("withdraw", actor, lambda tx: [withdrawn(tx, uscc, valid_from, source)])
        return done[0]

    async def load(self, rows: Sequence[Registration], *, actor: str) -> list[Version]:
        """Register many enterprises, all of them or none.

        Raises:
            InputError: with the findings of every bad row, each with its position.
        """
        if not 0 < len(rows) <= MOST_ROWS:
            found = finding("ENTERPRISE-FILE", expected=f"1 to {MOST_ROWS} rows", actual=str(len(rows)))
            raise InputError("too many enterprises, or none", (found,))
        return await self._act("import", actor, lambda tx: imported(tx, rows))

    async def history(self, identifier: str) -> list[Version]:
        """Return every version of what has, or has had, this USCC or customs code, oldest first."""
        return await self._store.read(lambda tx: history(tx, identifier))

    async def page(self, after: str = "", limit: int = PAGE) -> list[Version]:
        """Return the newest version of each enterprise above a USCC, in order."""
        return await self._store.read(lambda tx: page(tx, after, limit))

    async def _act(self, what: str, actor: str, work: Callable[[Transaction], list[Draft]]) -> list[Version]:
        """Do one act as one unit of work."""
        return await self._store.transact(lambda tx: self._record(tx, what, actor, work))

    def _record(
        self, tx: Transaction, what: str, actor: str, work: Callable[[Transaction], list[Draft]]
    ) -> list[Version]:
        """Work out the versions, log the act, and keep both."""
        tx.log_state(self._journal.name(LOG))  # of two acts at one time the second waits here
        now = milliseconds(self._clock())
        versions = [one.signed(actor, now) for one in work(tx)]
        statement, number = msgspec.json.encode(_act(what, actor, now, versions)), self._ids.take(1)[0]
        recorded = self._journal.record_event(
            tx, LOG, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=LOG, made_at=now, statement=statement, log_index=recorded.index)
        )
        first, keys = tx.enterprise_revision()[0] + 1, self._ids.take(len(versions))
        tx.add_enterprises(
            [
                EnterpriseRow(
                    id=keys[place],
                    revision=first + place,
                    uscc=one.uscc,
                    version=one.version,
                    customs_code=one.customs_code,
                    state=one.state,
                    valid_from=one.valid_from.isoformat(),
                    recorded_at=now,
                    log_index=recorded.index,
                    body=msgspec.json.encode(one),
                )
                for place, one in enumerate(versions)
            ]
        )
        return [msgspec.structs.replace(one, log_index=recorded.index) for one in versions]


def history(tx: Transaction, identifier: str) -> list[Version]:
    """Return every version of what has, or has had, this USCC or customs code, oldest first."""
    owners = [identifier] if len(identifier) == USCC_LENGTH else tx.enterprises_with_code(identifier)
    return [version_of(row) for one in owners for row in tx.enterprise_versions(one)]


def page(tx: Transaction, after: str, limit: int) -> list[Version]:
    """Return the newest version of each enterprise above a USCC, in order."""
    return [version_of(row) for row in tx.enterprises_after(after, limit)]


def in_force(versions: Sequence[Version], day: date) -> list[Version]:
    """Return the versions that hold on a day: one of each enterprise that is registered then."""
    newest = {one.uscc: one for one in versions if one.valid_from <= day}
    return [one for one in newest.values() if one.state == REGISTERED]


def _act(what: str, actor: str, now: int, versions: Sequence[Version]) -> Act:
    """Return the statement of an act."""
    if what != "import":
        return Act(what=what, actor=actor, at_ms=now, enterprises=tuple(versions))
    digest = hashlib.sha256(b"\n".join(msgspec.json.encode(one) for one in versions)).hexdigest()
    return Act(what=what, actor=actor, at_ms=now, rows=len(versions), sha256=digest)
