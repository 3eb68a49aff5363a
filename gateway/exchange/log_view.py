# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How the logs stand: size, what is published, who vouches for which size; and whether a log holds together.

The check of one log costs a few hashes for each signed state, whatever the size of the log: the root is made
from the stored roots of complete subtrees. That every row fits its entry is for `fsck` to find out.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from gateway.audit import checkpoint as checkpoints
from gateway.audit.cosign import require_quorum
from gateway.audit.note import read_note
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.keys import verify_ml_dsa_44
from gateway.errors import VerificationError
from gateway.exchange.continuity import contradiction, root_at
from gateway.exchange.log_ports import Stamps
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.page import page_size
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import LogState
from gateway.exchange.witness import NoteKeys

GOOD, BAD, ABSENT = "good", "bad", "absent"


class LogView(msgspec.Struct, frozen=True, kw_only=True):
    """One log; `cosigned` says which witness cosigned which size. Hashes are hexadecimal."""

    log: str
    size: int
    published: int
    root: str
    cosigned: dict[str, int]
    stamped: int
    stamped_at: str
    age_seconds: float


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a log of ours; `leaf` is hexadecimal and says nothing without its salt."""

    index: int
    event: str
    subject: str
    leaf: str
    at: int


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `state` is good, bad or absent."""

    name: str
    state: str
    says: str


class LogCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a log holds together, and its newest published checkpoint as a signed note."""

    log: str
    good: bool
    checks: tuple[Check, ...]
    checkpoint: str


class Published(Stamps, Protocol):
    """What was published of the logs, and the stamps over it."""

    def all_newest(self) -> list[PublishedRow]:
        """Return the last published checkpoint of every log, by name."""


class LogViews:
    """The views of the logs of one gateway."""

    def __init__(
        self, organisation: str, store: Store, clock: Clock, published: Published, keys: NoteKeys | None
    ) -> None:
        """Take the doors; without keys nothing can be checked."""
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._published = published
        self._keys = keys

    async def logs(self) -> list[LogView]:
        """Return our logs, then those of partners that are witnessed here."""
        states, cosigned, witnessed = await self._store.read(
            lambda tx: (tx.log_states(), tx.cosigned(), tx.all_witnessed())
        )
        newest = {one.origin: one for one in self._published.all_newest()}
        now = milliseconds(self._clock())
        rows = []
        for state in states:
            out = newest.get(state.name)
            stamp = self._published.newest_stamp(state.name) if out is not None else None
            rows.append(
                LogView(
                    log=state.name,
                    size=state.size,
                    published=out.size if out else 0,
                    root=out.root.hex() if out else "",
                    cosigned={one.witness: one.size for one in cosigned if one.log == state.name},
                    stamped=stamp.size if stamp else 0,
                    stamped_at=moment(stamp.stamped_at).isoformat() if stamp else "",
                    age_seconds=(now - out.published_at) / 1000 if out else 0.0,
                )
            )
        theirs = [
            LogView(
                log=seen.log,
                size=seen.size,
                published=seen.size,
                root=seen.root.hex(),
                cosigned={self._organisation: seen.size} if seen.note else {},
                stamped=0,
                stamped_at="",
                age_seconds=(now - seen.cosigned_at) / 1000,
            )
            for seen in witnessed
        ]
        return [*rows, *theirs]

    async def entries(self, log: str, start: int, limit: int) -> list[EntryView]:
        """Return entries of a log of ours from an index on.

        Raises:
            InputError: the page is too large.
        """
        end = start + page_size(limit)
        rows = await self._store.read(lambda tx: tx.log_entries(f"{self._organisation}/{log}", start, end))
        return [
            EntryView(
                index=one.index,
                event=one.event,
                subject=one.subject,
                leaf=one.leaf.hex(),
                at=one.created_at,
            )
            for one in rows
        ]

    async def verify(self, log: str) -> LogCheck | None:
        """Hold a log of ours against every signed state of it; none if there is no such log."""
        name = f"{self._organisation}/{log}"
        published = self._published.newest(name)

        def look(tx: Transaction) -> LogCheck | None:
            state = next((one for one in tx.log_states() if one.name == name), None)
            if state is None:
                return None
            checks = (*self._own(tx, state, published), *self._cosignatures(tx, name))
            note = published.note.decode() if published is not None else ""
            good = all(one.state != BAD for one in checks)
            return LogCheck(log=name, good=good, checks=checks, checkpoint=note)

        return await self._store.read(look)

    def _own(self, tx: Transaction, state: LogState, published: PublishedRow | None) -> Iterator[Check]:
        """Check what we say of the log ourselves."""
        yield self._signed("stored checkpoint", state.name, state.checkpoint)
        yield _same_root(tx, "stored checkpoint", state.name, state.checkpoint)
        if published is None:
            yield Check(name="published checkpoint", state=ABSENT, says="nothing was published yet")
            return
        yield self._signed("published checkpoint", state.name, published.note)
        found = contradiction(tx, state, published)
        says = f"size {published.size} is a beginning of the stored log of {state.size}"
        if found is not None:
            says = f"{found.code}: {found.expected}; {found.actual}"
        yield Check(name="published checkpoint", state=BAD if found else GOOD, says=says)

    def _cosignatures(self, tx: Transaction, name: str) -> Iterator[Check]:
        """Check what witnesses say of the log."""
        rows = [one for one in tx.cosigned() if one.log == name]
        if not rows:
            yield Check(name="cosignatures", state=ABSENT, says="no witness has cosigned a checkpoint yet")
        at = self._clock()
        for one in rows:
            label = f"cosigned by {one.witness}"
            keys = self._keys.witness_keys(one.witness, at) if self._keys is not None else []
            try:
                require_quorum(read_note(one.note), keys, 1, ml_dsa_44=verify_ml_dsa_44)
            except VerificationError as error:
                yield Check(name=label, state=BAD, says=str(error))
                continue
            yield _same_root(tx, label, name, one.note)

    def _signed(self, label: str, name: str, note: bytes) -> Check:
        """Check our own signature under a checkpoint."""
        for key in self._keys.keys_of(self._organisation, name, self._clock()) if self._keys else ():
            try:
                checkpoints.verify(note, key)
            except VerificationError:
                continue
            return Check(name=f"{label}: signature", state=GOOD, says="our log key signed it")
        return Check(name=f"{label}: signature", state=BAD, says="no log key of ours signed it")


def _same_root(tx: Transaction, label: str, name: str, note: bytes) -> Check:
    """Check that the stored log had the root of a signed state."""
    try:
        said = checkpoints.parse(read_note(note).text)
    except VerificationError as error:
        return Check(name=f"{label}: root", state=BAD, says=str(error))
    computed = root_at(tx, name, said.size)
    same = computed == said.root
    says = f"root at size {said.size} {'is' if same else 'is not'} that of the stored log"
    return Check(name=f"{label}: root", state=GOOD if same else BAD, says=says)
