# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write to the audit logs, in the transaction of what is logged. No log, no action.

There is one log per partner, `<us>/<partner>`. Every entry brings the new complete subtree hashes and a new
signed checkpoint with it. What is logged is a salted digest: without the stored salt it says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit import checkpoint, tree
from gateway.audit.entry import SALT_LENGTH, Event, leaf, salted_digest
from gateway.audit.note import NoteKey, NoteSigner
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow, LogState

STRANGERS = "unknown"


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
        self, organisation: str, signer: NoteSigner, public_key: bytes, random: Callable[[int], bytes]
    ) -> None:
        """Take the log key: its signer and its 32 raw public bytes (Ed25519)."""
        self._organisation = organisation
        self._signer = signer
        self._public_key = public_key
        self._random = random

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
        name = self.name(partner)
        state = tx.log_state(name)
        salt = self._random(SALT_LENGTH)
        data = leaf(event, salted_digest(salt, statement), root)
        grown = tree.append(state.size, state.frontier, [tree.leaf_hash(data)])
        top = tree.root(grown.frontier)
        note = checkpoint.sign(
            checkpoint.Checkpoint(name, grown.size, top), NoteKey(name, self._public_key), self._signer
        )
        entry = LogEntryRow(
            log=name,
            index=state.size,
            event=event.value,
            subject=subject,
            leaf=data,
            salt=salt,
            created_at=now,
        )
        after = LogState(name=name, size=grown.size, frontier=grown.frontier, checkpoint=note)
        tx.append_log(after, [entry], grown.hashes)
        return Recorded(state.size, name, grown.size, top)

    def had(self, tx: Transaction, partner: str, origin: str, size: int, root: bytes) -> bool:
        """Say whether the log about a partner ever had this size and root."""
        name = self.name(partner)
        if origin != name or not 0 < size <= tx.log_state(name).size:
            return False
        frontier, start = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                frontier.append(tx.log_hash(name, level, start >> level))
                start += 1 << level
        return tree.root(tuple(frontier)) == root
