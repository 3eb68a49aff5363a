# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write to the audit logs, in the transaction of what is logged. No log, no action.

There is one log per partner, `<us>/<partner>`, and the anchor log `<us>/anchor` of their checkpoints. Every
entry brings the new complete subtree hashes and a new signed checkpoint with it; that checkpoint counts only
once it has been published (`publish`). The checkpoint of the anchor log has a second signature, ML-DSA-44, if
this gateway has such a key. What is logged is a salted digest: without the stored salt it says
nothing. A log that contradicts what was published of it is not signed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit import checkpoint, hybrid, tree
from gateway.audit.entry import SALT_LENGTH, Event, leaf, salted_digest
from gateway.audit.note import NoteKey, NoteSigner
from gateway.exchange.continuity import contradiction, refused, root_at
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow, LogState
from gateway.finding import Finding

STRANGERS = "unknown"
ANCHOR = "anchor"
# The event of an anchor entry, whose leaf is the body of a checkpoint.
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an entry stands, and the checkpoint that includes it."""

    index: int
    origin: str
    size: int
    root: bytes


class Journal:
    """The logs of one gateway."""

    def __init__(
        self,
        organisation: str,
        signer: NoteSigner,
        public_key: bytes,
        random: Callable[[int], bytes],
        *,
        published: Callable[[str], PublishedRow | None] = lambda _: None,
        second: hybrid.Cosigner | None = None,
    ) -> None:
        """Take the log key: its signer and its 32 raw public bytes (Ed25519).

        `published` returns the last published checkpoint of a log; without it nothing has been published.
        `second` is the second signer of the anchor log.
        """
        self._organisation = organisation
        self._signer = signer
        self._public_key = public_key
        self._random = random
        self._published = published
        self._second = second
        self._continues: set[str] = set()  # logs that were compared; touched by the database thread only
        self._refused: dict[str, Finding] = {}  # set by the publisher, whose look goes deeper

    def refuse(self, found: Finding) -> None:
        """Sign nothing more of the log that a finding is about."""
        self._refused[found.path] = found

    def name(self, partner: str) -> str:
        """Return the name of the log about a partner, which is the origin of its checkpoints."""
        return f"{self._organisation}/{partner}"

    def record_event(
        self,
        tx: Transaction,
        partner: str,
        event: Event,
        *,
        statement: bytes,
        subject: str,
        now: int,
        root: bytes = b"",
    ) -> Recorded:
        """Append one entry about a statement and sign the checkpoint; `subject` names the row."""
        salt = self._random(SALT_LENGTH)
        data = leaf(event, salted_digest(salt, statement), root)
        return self._append(
            tx, self.name(partner), event.value, subject=subject, data=data, salt=salt, now=now
        )

    def record_archive(self, tx: Transaction, *, statement: bytes, subject: str, now: int) -> Recorded:
        """Append the manifest of an archived day to the anchor log."""
        return self.record_event(tx, ANCHOR, Event.ARCHIVE, statement=statement, subject=subject, now=now)

    def record_checkpoint(self, tx: Transaction, published: PublishedRow, now: int) -> Recorded:
        """Append the checkpoint of a log about a partner to the anchor log."""
        body = checkpoint.format(published.origin, published.size, published.root)
        subject = f"log:{published.origin}"
        return self._append(tx, self.name(ANCHOR), CHECKPOINT, subject=subject, data=body, salt=b"", now=now)

    def _append(
        self, tx: Transaction, name: str, event: str, *, subject: str, data: bytes, salt: bytes, now: int
    ) -> Recorded:
        """Append one leaf and sign the checkpoint.

        Raises:
            CouldNotCheck: the stored log contradicts what was published of it.
        """
        state = tx.log_state(name)
        if name not in self._continues or name in self._refused:
            found = self._refused.get(name) or contradiction(tx, state, self._published(name))
            if found is not None:
                raise refused(found)
            self._continues.add(name)
        grown = tree.append(state.size, state.frontier, [tree.leaf_hash(data)])
        top = tree.root(grown.frontier)
        note = self._sign(checkpoint.Checkpoint(name, grown.size, top), now)
        entry = LogEntryRow(
            log=name,
            index=state.size,
            event=event,
            subject=subject,
            leaf=data,
            salt=salt,
            created_at=now,
        )
        after = LogState(name=name, size=grown.size, frontier=grown.frontier, checkpoint=note)
        tx.append_log(after, [entry], grown.hashes)
        return Recorded(state.size, name, grown.size, top)

    def _sign(self, state: checkpoint.Checkpoint, now: int) -> bytes:
        """Return the signed note of a state of a log."""
        note = checkpoint.sign(state, NoteKey(state.origin, self._public_key), self._signer)
        if self._second is None or state.origin != self._second.key.name:
            return note
        return hybrid.add_second(note, state, self._second, now // 1000)

    def had(self, tx: Transaction, partner: str, origin: str, size: int, root: bytes) -> bool:
        """Say whether the log about a partner ever had this size and root."""
        name = self.name(partner)
        if origin != name or not 0 < size <= tx.log_state(name).size:
            return False
        return root_at(tx, name, size) == root
