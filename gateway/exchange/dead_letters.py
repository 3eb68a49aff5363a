# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters: what stopped on its way and is not tried again by itself, by what stopped it.

The rules:

1. A stopped channel, a record that the partner rejected or that could not be treated, a message that was
   refused whole, an envelope of a partner that was refused.
2. A rejected record is one only as long as nothing newer of the item stands under the same agreement.
3. Replay tries the same again and edits nothing: a channel goes on, a record leaves once more in its next
   version. What others sent only they can send again.
4. Who replays gives a reason. Reason, audit entry and effect are one transaction.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.errors import InputError, PolicyRefusal
from gateway.exchange.channels import MAX_REASON, Channels
from gateway.exchange.decision import record_decision
from gateway.exchange.journal import Journal
from gateway.exchange.letters import KINDS, Letter, find, newest
from gateway.exchange.page import TOP, Cursor, Page, page_size, read_cursor
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.route import send_again
from gateway.exchange.rows import ShareRow
from gateway.exchange.touched import Touched, said_by
from gateway.finding import finding
from gateway.model import Item, unpack_item

LOOKED_AT = 500


class LetterGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one kind with the same code, partner and channel, among the newest of each kind.

    With `more` there are older ones that were not looked at.
    """

    kind: str
    code: str
    partner: str
    channel: str
    count: int
    more: bool
    newest_at: int
    replay: bool


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """The statement that is logged when a record is tried again; `share` stands for it now."""

    what: str
    letter: str
    code: str
    channel: str
    share: int
    version: int
    reason: str
    actor: str
    at_ms: int


class DeadLetters:
    """The dead letters of a node."""

    def __init__(
        self,
        store: Store,
        *,
        ids: Ids,
        clock: Clock,
        journal: Journal,
        agreements: AgreementSet,
        channels: Channels,
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        """Take the doors; `wake` is told the channels on which something is ready."""
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal
        self._agreements = agreements
        self._channels = channels
        self._wake = wake

    async def groups(self) -> list[LetterGroup]:
        """Return the newest dead letters by what stopped them."""
        return await self._store.read(letter_groups)

    async def letters(self, kind: str, code: str, partner: str, *, after: str, limit: int) -> Page[Letter]:
        """Return a page of the dead letters of a kind, newest first; empty words ask for any.

        Raises:
            InputError: there is no such kind, the cursor is none, or the page is too large.
        """
        if kind not in KINDS:
            found = finding("BOARD-QUESTION", path="kind", expected=", ".join(KINDS))
            raise InputError("no such kind", (found,))
        size, at = page_size(limit), read_cursor(after)

        def read(tx: Transaction) -> Page[Letter]:
            return _page(tx, kind, (code, partner), at, size)

        return await self._store.read(read)

    async def replay(self, letter: str, reason: str, *, actor: str) -> object:
        """Try again what a dead letter is about; return the statement that was logged.

        Raises:
            InputError: it is no dead letter, or no reason is given.
            PolicyRefusal: only its sender can send it again, or it may not leave now.
            CouldNotCheck: the log about the partner must not be signed.
        """
        reason = reason.strip()
        if not 0 < len(reason) <= MAX_REASON:
            expected = f"1 to {MAX_REASON} characters"
            raise InputError("no reason", (finding("DEAD-LETTER-REASON", expected=expected),))
        kind, _, name = letter.partition(":")
        if kind == "channel":
            return await self._channels.resume(name.replace(":", "/"), reason, actor=actor)
        done = await self._store.transact(lambda tx: self._again(tx, letter, reason, actor))
        self._wake([done.channel])
        return done

    def _again(self, tx: Transaction, letter: str, reason: str, actor: str) -> Replayed:
        """Put a record on its way again, and log it."""
        held = find(tx, letter)
        if held is None:
            raise InputError("no dead letter", (finding("DEAD-LETTER-UNKNOWN", path="id"),))
        if not held.replay:
            raise PolicyRefusal("cannot be replayed", (finding("DEAD-LETTER-NO-REPLAY", path="id"),))
        now = milliseconds(self._clock())
        (share,) = tx.shares([held.share])
        again = send_again(tx, _touched(tx, share), share, self._agreements, ids=self._ids, now=now)
        if again is None:
            raise PolicyRefusal("may not leave", (finding("DEAD-LETTER-AGREEMENT", path=share.agreement),))
        done = Replayed(
            what="dead letter replayed",
            letter=letter,
            code=held.code,
            channel=again.channel,
            share=again.id,
            version=again.version,
            reason=reason,
            actor=actor,
            at_ms=now,
        )
        statement = msgspec.json.encode(done)
        record_decision(tx, self._journal, self._ids, held.partner, statement=statement, now=now)
        return done


def _touched(tx: Transaction, share: ShareRow) -> Touched:
    """Return the item of a share with those who speak in it."""
    (row,) = tx.items([share.item])
    item = unpack_item(row.body) if row.body else Item()
    return Touched(row, item, said_by(tx.contributions_of_item(row)) if row.body else frozenset())


def letter_groups(tx: Transaction) -> list[LetterGroup]:
    """Group the newest dead letters of each kind."""
    found: list[LetterGroup] = []
    for kind in KINDS:
        for name in KINDS[kind](tx):
            letters, follows = newest(tx, kind, name, TOP, LOOKED_AT)
            groups: dict[tuple[str, str, str], list[Letter]] = {}
            for one in letters:
                groups.setdefault((one.code, one.partner, one.channel), []).append(one)
            found += [_group(kind, same, more=follows is not None) for same in groups.values()]
    return found


def _group(kind: str, letters: Sequence[Letter], *, more: bool) -> LetterGroup:
    """Return dead letters of one code, newest first, as one."""
    first = letters[0]
    return LetterGroup(
        kind=kind,
        code=first.code,
        partner=first.partner,
        channel=first.channel,
        count=len(letters),
        more=more,
        newest_at=max(one.at for one in letters),
        replay=first.replay,
    )


def _page(tx: Transaction, kind: str, wanted: tuple[str, str], at: Cursor | None, limit: int) -> Page[Letter]:
    """Return a page; each look reads as many rows as a page may have, whatever they are."""
    for name in KINDS[kind](tx):
        if at is not None and name < at.name:
            continue
        before = at.first if at is not None and name == at.name else TOP
        letters, follows = newest(tx, kind, name, before, limit)
        code, partner = wanted
        rows = [one for one in letters if code in ("", one.code) and partner in ("", one.partner)]
        if rows or follows is not None:
            nothing = Cursor(name, 0)  # below every id: the next page begins with the next name
            return Page(rows=rows, next=str(Cursor(name, follows) if follows is not None else nothing))
    return Page(rows=[])
