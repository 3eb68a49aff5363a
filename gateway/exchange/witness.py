# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cosign partners' checkpoints, and know which keys speak for which log (C2SP tlog-witness).

The rules:

1. A partner's logs are the one about us, `<partner>/<us>`, and its anchor log; no other is witnessed.
2. Nothing is cosigned without a proof that it continues what was cosigned before. State is read, decided on
   and saved in one transaction, before the cosignature leaves.
3. Two signed states that cannot both be true: alarm, evidence, every channel with the partner stops. A
   smaller checkpoint that is merely brought to us may have come late: it is stale, and `gossip` looks itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from gateway.audit import checkpoint as checkpoints
from gateway.audit import cosign, witness
from gateway.audit.compare import Head
from gateway.audit.hybrid import Cosigner
from gateway.audit.note import KeyType, NoteKey, add_signatures, read_note
from gateway.audit.witness import Decision, Outcome, Request
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.keys import Algorithm, Purpose, verify_ml_dsa_44
from gateway.envelope.material import require_usable
from gateway.envelope.trust import Keyring, TrustedKey
from gateway.errors import CouldNotCheck, VerificationError
from gateway.exchange.alarm import Alarm
from gateway.exchange.cosigners import witness_name
from gateway.exchange.journal import ANCHOR
from gateway.exchange.log_rows import WitnessedRow
from gateway.exchange.ports import Store, Transaction
from gateway.finding import Finding

_ALARMS = {Outcome.SPLIT_VIEW: "AUDIT-SPLIT-VIEW", Outcome.ROLLBACK: "AUDIT-ROLLBACK"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness says: `line` of each of its keys if it cosigned, `size` the one it cosigned last."""

    outcome: Outcome
    size: int
    line: bytes = b""
    findings: tuple[Finding, ...] = ()


class NoteKeys:
    """The keys of logs and witnesses, from the key ring."""

    def __init__(self, organisation: str, keyring: Keyring) -> None:
        """Take the ring; `organisation` is this one."""
        self._organisation = organisation
        self._keyring = keyring

    def logs_of(self, partner: str) -> tuple[str, str]:
        """Return the logs of a partner that are witnessed here."""
        return f"{partner}/{self._organisation}", f"{partner}/{ANCHOR}"

    def log_keys(self, partner: str, at: datetime) -> list[NoteKey]:
        """Return the keys that sign a partner's logs now; those of ML-DSA-44 sign its anchor log alone."""
        usable = self._usable(partner, Purpose.LOG, at)
        plain = [one for one in usable if one.algorithm is Algorithm.ED25519]
        second = [one for one in usable if one.algorithm is Algorithm.ML_DSA_44]
        return [
            *(NoteKey.of(log, key.public_key) for log in self.logs_of(partner) for key in plain),
            *(NoteKey.of(f"{partner}/{ANCHOR}", key.public_key, KeyType.ML_DSA_44) for key in second),
        ]

    def keys_of(self, owner: str, log: str, at: datetime) -> list[NoteKey]:
        """Return the keys that sign one log of an organisation now."""
        usable = self._usable(owner, Purpose.LOG, at)
        return [NoteKey.of(log, one.public_key) for one in usable if one.algorithm is Algorithm.ED25519]

    def witness_keys(self, partner: str, at: datetime) -> list[NoteKey]:
        """Return the keys with which a partner cosigns now."""
        return [
            NoteKey.of(witness_name(partner), key.public_key, cosign.KIND_OF[key.algorithm])
            for key in self._usable(partner, Purpose.WITNESS, at)
        ]

    def _usable(self, partner: str, purpose: Purpose, at: datetime) -> list[TrustedKey]:
        """Return the keys of a purpose that sign notes and may be used now."""
        found = []
        for key in self._keyring.of(partner, purpose):
            if key.algorithm in cosign.KIND_OF:
                try:
                    require_usable(key, owner=partner, purpose=purpose, at=at)
                except (VerificationError, CouldNotCheck):
                    continue
                found.append(key)
        return found


class Witness:
    """The witness of one gateway."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        keys: NoteKeys,
        cosigners: Sequence[Cosigner],
        alarm: Alarm,
        suspect: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the doors; every one of `cosigners` adds its line.

        `suspect` is told of a partner that brings a smaller checkpoint than the one cosigned last, or no
        proof.
        """
        self._store = store
        self._clock = clock
        self._keys = keys
        self._cosigners = cosigners
        self._alarm = alarm
        self._suspect = suspect

    async def add_checkpoint(self, partner: str, raw: bytes) -> Answer:
        """Answer an add-checkpoint request that a partner brought; never raises for what it holds."""
        try:
            request = witness.parse_request(raw)
        except VerificationError as error:
            return Answer(Outcome.BAD_REQUEST, 0, findings=error.findings)
        answer = await self._store.transact(lambda tx: self._decide(tx, partner, request))
        late = answer.outcome is Outcome.STALE and answer.size > _size(request)
        if late or answer.outcome is Outcome.BAD_PROOF:
            self._suspect(partner)
        return answer

    async def judge(self, partner: str, request: Request, known: WitnessedRow | None) -> Answer:
        """Take a checkpoint that was fetched after `known` was the state; a rollback is told as such.

        The answer is stale if the state is another one now.
        """
        return await self._store.transact(
            lambda tx: self._decide(tx, partner, request, fetched=True, known=known)
        )

    def _decide(
        self,
        tx: Transaction,
        partner: str,
        request: Request,
        *,
        fetched: bool = False,
        known: WitnessedRow | None = None,
    ) -> Answer:
        """Read the state, decide, save."""
        now = milliseconds(self._clock())
        log = _origin(request)
        row = tx.witnessed(log)
        if fetched and row != known:
            return Answer(Outcome.STALE, row.size if row else 0)
        state = Head() if row is None else Head(row.size, row.root, row.note)
        keys = self._keys.log_keys(partner, moment(now))
        decision = witness.consider(state, request, keys, ml_dsa_44=verify_ml_dsa_44)
        if decision.outcome is Outcome.ROLLBACK and not fetched:
            decision = replace(decision, outcome=Outcome.STALE)
        if decision.outcome in _ALARMS:
            self._tell(tx, partner, decision, request=request, now=now)
        if not decision.body:
            return Answer(decision.outcome, state.size, findings=decision.findings)
        lines = b"".join(
            cosign.cosign(decision.body, one.key, one.signer, now // 1000) for one in self._cosigners
        )
        head = decision.state
        note = add_signatures(request.checkpoint, [lines])
        new = WitnessedRow(
            log=log, partner=partner, size=head.size, root=head.root, note=note, cosigned_at=now
        )
        if row is None or decision.outcome is Outcome.COSIGN:
            tx.put_witnessed(new)
        else:
            tx.put_witnessed(msgspec.structs.replace(row, cosigned_at=now))
        return Answer(decision.outcome, head.size, lines)

    def _tell(self, tx: Transaction, partner: str, decision: Decision, *, request: Request, now: int) -> None:
        """Keep both notes and stop the channels."""
        claimed = checkpoints.parse(read_note(request.checkpoint).text)
        self._alarm.contradiction(
            tx,
            partner,
            _ALARMS[decision.outcome],
            log=claimed.origin,
            first=decision.state.note,
            second=request.checkpoint,
            claimed=(claimed.size, claimed.root),
            now=now,
        )


def _origin(request: Request) -> str:
    """Return the log that a request is about, empty if it cannot be read."""
    try:
        return checkpoints.parse(read_note(request.checkpoint).text).origin
    except VerificationError:
        return ""


def _size(request: Request) -> int:
    """Return the size of the checkpoint in a request that was read before."""
    return checkpoints.parse(read_note(request.checkpoint).text).size


def cosignature_lines(note: bytes, keys: Sequence[NoteKey], lines: bytes) -> bytes:
    """Return a note with the cosignatures of known witnesses that an answer holds.

    Raises:
        VerificationError: there is none, or one is wrong.
    """
    whole = add_signatures(note, [lines])
    cosign.require_quorum(read_note(whole), keys, 1, ml_dsa_44=verify_ml_dsa_44)
    return whole
