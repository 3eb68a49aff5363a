# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Say in every log that the keys of this gateway have changed.

At each start, and when a rotation switches or ends, the set of present keys is compared with the one noted
before. If it differs, a statement of the new set, by purpose and key id, is sealed with the old keys as long
as they are there (rotation overlaps), else with the new ones. Its envelope is kept as a file, and every log
about a partner gets an entry of its digest in one transaction; only then the new set is noted, so a crash
says it twice rather than never.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import structlog

from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.envelope import dsse
from gateway.envelope.identity import KeySet
from gateway.envelope.key_moves import OLD
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import seal
from gateway.envelope.signer import Signer
from gateway.envelope.whole_file import write_file
from gateway.exchange.journal import ANCHOR, Journal
from gateway.exchange.ports import Store, Transaction

KEY_SET_TYPE = "application/vnd.customs-ead.key-set.v1+json"
NOTED = "present.json"
_log = structlog.get_logger()


class KeyChange:
    """The comparison of the keys in use with those that were noted."""

    def __init__(
        self, own: Callable[[], KeySet], *, store: Store, journal: Journal, clock: Clock, folder: Path
    ) -> None:
        """Take the doors; `own` returns the keys in use, `folder` is where key sets are kept."""
        self._own = own
        self._store = store
        self._journal = journal
        self._clock = clock
        self._folder = folder

    async def record(self) -> int:
        """Log a change if there is one; return in how many logs that was."""
        own = self._own()
        present = key_set(own)
        noted = await asyncio.to_thread(_read, self._folder / NOTED)
        if noted == present:
            return 0
        logs = 0
        if noted:
            now = milliseconds(self._clock())
            statement = msgspec.json.encode(
                {
                    "organisation": own.organisation,
                    "changed_at_ms": now,
                    "keys": present,
                    "before": hashlib.sha256(msgspec.json.encode(noted)).hexdigest(),
                }
            )
            envelope = dsse.to_json(seal(KEY_SET_TYPE, statement, _signers(own)))
            digest = hashlib.sha256(statement).hexdigest()
            await asyncio.to_thread(_write, self._folder / f"{digest}.json", envelope)
            logs = await self._store.transact(lambda tx: self._tell(tx, envelope, f"keys:{digest}", now))
            _log.info("keys.changed", digest=digest, logs=logs)
        await asyncio.to_thread(_write, self._folder / NOTED, msgspec.json.encode(present))
        return logs

    def _tell(self, tx: Transaction, envelope: bytes, subject: str, now: int) -> int:
        """Append an entry to every log about a partner."""
        prefix = f"{self._own().organisation}/"
        partners = [one.name.removeprefix(prefix) for one in tx.log_states() if one.name.startswith(prefix)]
        chosen = [one for one in partners if one != ANCHOR]
        for partner in chosen:
            self._journal.record_event(
                tx, partner, Event.KEY_CHANGE, statement=envelope, subject=subject, now=now
            )
        return len(chosen)


def key_set(own: KeySet) -> dict[str, list[str]]:
    """Return the ids of the present keys by purpose."""
    ids: dict[str, list[str]] = {purpose.value: [] for purpose in Purpose}
    for one in own.keys:
        if one.signer is not None and not one.slot:
            ids[one.purpose.value].append(one.signer.key_id)
    return {purpose: sorted(found) for purpose, found in sorted(ids.items())}


def _signers(own: KeySet) -> Sequence[Signer]:
    """Return the seal keys before the present ones if they are still there, else the present ones."""
    old = [
        one.signer
        for one in own.keys
        if one.purpose is Purpose.SEAL and one.slot == OLD and one.signer is not None
    ]
    return old or own.seal


def _read(file: Path) -> Mapping[str, list[str]]:
    """Return the noted key set, an empty one if there is none or it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, list[str]])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def _write(file: Path, raw: bytes) -> None:
    """Write a file whole."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(file, raw)
