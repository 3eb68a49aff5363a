# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What operators do with channels: see why they are stopped, and let them go on.

The rules:

1. A channel goes on only with a reason in words. Words and salted digest are kept in the same transaction.
2. If the partner's log contradicted itself, going on settles that: evidence stays, and what the partner shows
   from now on is compared with what it shows first from now on.
3. A log that must not be signed cannot say that its channel goes on, so it does not.
"""

import msgspec

from gateway.audit.tree import EMPTY_ROOT
from gateway.clock import Clock, milliseconds
from gateway.errors import InputError
from gateway.exchange.decision import record_decision
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import ConflictRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.rows import ChannelRow
from gateway.finding import finding

MAX_REASON = 2000


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """The statement that is logged when a channel goes on; `actor` is who let it."""

    what: str
    channel: str
    code: str
    reason: str
    at_ms: int
    conflicts: tuple[int, ...]
    actor: str = ""


class Channels:
    """The channels of one gateway, for its operator."""

    def __init__(self, *, store: Store, ids: Ids, clock: Clock, journal: Journal) -> None:
        """Take the doors."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal

    async def resume(self, name: str, reason: str, *, actor: str = "command line") -> Resumed:
        """Let a stopped channel go on.

        Raises:
            InputError: there is no such channel, it is not stopped, or no reason is given.
            CouldNotCheck: the log about the partner must not be signed.
        """
        reason = reason.strip()
        if not reason or len(reason) > MAX_REASON:
            found = finding("CHANNEL-REASON", expected=f"1 to {MAX_REASON} characters")
            raise InputError("a channel goes on only with a reason", (found,))
        return await self._store.transact(lambda tx: self._resume(tx, name, reason, actor))

    def _resume(self, tx: Transaction, name: str, reason: str, actor: str) -> Resumed:
        """Clear the stop, settle what was open, and log both."""
        row = tx.channel(name)
        if row is None or not row.stopped:
            raise InputError(f"{name} is not stopped", (finding("CHANNEL-NOT-STOPPED", path=name),))
        now = milliseconds(self._clock())
        settled = [one for one in _open(tx) if one.partner == row.partner]
        done = Resumed(
            what="channel resumed",
            channel=name,
            code=row.stopped,
            reason=reason,
            at_ms=now,
            conflicts=tuple(one.id for one in settled),
            actor=actor,
        )
        statement = msgspec.json.encode(done)
        record_decision(tx, self._journal, self._ids, row.partner, statement=statement, now=now)
        tx.put_channel(msgspec.structs.replace(row, stopped=""))
        if settled:
            self._settle(tx, row.partner, now)
        return done

    def _settle(self, tx: Transaction, partner: str, now: int) -> None:
        """Begin anew with what a partner shows of its logs."""
        tx.settle_conflicts(partner, now)
        tx.drop_seen_checkpoint(partner)
        for one in tx.all_witnessed():
            if one.partner == partner:
                tx.put_witnessed(msgspec.structs.replace(one, size=0, root=EMPTY_ROOT, note=b""))


def stopped(tx: Transaction) -> list[tuple[ChannelRow, list[ConflictRow]]]:
    """Return the stopped channels with the open contradictions of their partner."""
    found = _open(tx)
    return [
        (row, [one for one in found if one.partner == row.partner]) for row in tx.channels() if row.stopped
    ]


def _open(tx: Transaction) -> list[ConflictRow]:
    """Return the contradictions that nobody has settled."""
    return [one for one in tx.conflicts() if not one.settled_at]
