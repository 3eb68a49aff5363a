# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of erasure: a signed notice erases our record at the target, once, and gets a signed answer."""

import hashlib
import os
from collections.abc import Sequence
from functools import partial

from gateway.client.raw import OK, Ended
from gateway.clock import milliseconds
from gateway.conformance.builders import Words, case, require_status
from gateway.conformance.case import Case, Departure, Family, require
from gateway.conformance.kit import BYSTANDER, MAIN
from gateway.conformance.stage import Stage, codes_of, told
from gateway.conformance.transfer import Transfer, records, release
from gateway.envelope import policy
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import seal, unseal
from gateway.envelope.signer import Signer
from gateway.errors import GatewayError
from gateway.wire.convert import pack_envelope, parse_erasure_confirmation, unpack_envelope
from gateway.wire.statement import ERASURE_CONFIRMATION_TYPE, ERASURE_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2, peer_pb2

_words = partial(Words, family=Family.ERASURE, clause="envelope.proto ErasureStatement; peer.proto Notify")
_Confirmation = envelope_pb2.ErasureConfirmation
_Notice = envelope_pb2.ErasureStatement


def _notice(stage: Stage, one: Transfer, reference: str, **changes: object) -> _Notice:
    """Return a notice that the first record of a transfer was erased."""
    sent = one.statement
    record = envelope_pb2.ErasedRecord(
        batch_id=sent.batch_id, channel=sent.channel, sequence=sent.sequence, index=0, reference=reference
    )
    fields = {
        "version": STATEMENT_VERSION,
        "notice_id": os.urandom(8).hex(),
        "sender": stage.own,
        "recipient": stage.target,
        "records": [record],
        "created_at_ms": milliseconds(stage.now),
        "key_ids": sorted(each.key_id for each in stage.kit.keys[MAIN].seal),
    }
    return _Notice(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of the message


async def _notify(stage: Stage, notice: _Notice, signers: Sequence[Signer] | None = None) -> Ended:
    """Hand in a notice."""
    chosen = stage.kit.keys[MAIN].seal if signers is None else signers
    envelope = pack_envelope(seal(ERASURE_TYPE, notice.SerializeToString(deterministic=True), chosen))
    return await stage.ask("Notify", peer_pb2.NotifyRequest(notice=envelope).SerializeToString())


async def _confirmed(stage: Stage, notice: _Notice) -> tuple[bytes, str]:
    """Hand in a notice; return the confirmation and its one outcome, once its seal is proved."""
    ended = await _notify(stage, notice)
    require(ended.status == OK, told(ended))
    raw = peer_pb2.NotifyReply.FromString(ended.messages[0]).confirmation
    try:
        proved = unseal(
            unpack_envelope(raw),
            payload_type=ERASURE_CONFIRMATION_TYPE,
            keyring=stage.keyring,
            owner=stage.target,
            purpose=Purpose.RECEIPT,
            policy=policy.HYBRID,
            at=stage.now,
        )
        said = parse_erasure_confirmation(proved.statement)
    except GatewayError as error:
        raise Departure(f"a confirmation that does not hold: {codes_of(error)}") from error
    digest = hashlib.sha256(notice.SerializeToString(deterministic=True)).digest()
    ends = (said.issuer, said.recipient, said.notice_id) == (stage.target, stage.own, notice.notice_id)
    require(
        ends and said.notice_digest == digest and len(said.outcomes) == 1, "a confirmation of something else"
    )
    return raw, _Confirmation.Outcome.Name(said.outcomes[0]).removeprefix("OUTCOME_").lower()


async def _sent(stage: Stage) -> tuple[Transfer, str]:
    """Send a batch of one record; return it with the reference of the record."""
    record = release()
    one, _ = await stage.deliver(records(record))
    return one, record.reference


async def _erased(stage: Stage) -> str:
    one, reference = await _sent(stage)
    _, outcome = await _confirmed(stage, _notice(stage, one, reference))
    require(outcome == "erased", outcome)
    return outcome


async def _unknown(stage: Stage) -> str:
    one, _ = await _sent(stage)
    _, outcome = await _confirmed(stage, _notice(stage, one, "another-reference"))
    require(outcome == "unknown", outcome)
    return outcome


async def _again(stage: Stage) -> str:
    notice = _notice(stage, *await _sent(stage))
    first, _ = await _confirmed(stage, notice)
    again, outcome = await _confirmed(stage, notice)
    require(first == again, f"another confirmation: {outcome}")
    return "the same bytes"


async def _conflict(stage: Stage) -> str:
    one, reference = await _sent(stage)
    notice = _notice(stage, one, reference)
    await _confirmed(stage, notice)
    other = _notice(stage, one, reference, notice_id=notice.notice_id, created_at_ms=notice.created_at_ms + 1)
    return require_status(await _notify(stage, other), "UNAUTHENTICATED", "ERASE-NOTICE-CONFLICT")


async def _receipt_after(stage: Stage) -> str:
    record = release()
    one, receipt = await stage.deliver(records(record))
    await _confirmed(stage, _notice(stage, one, record.reference))
    again = await stage.send(one)
    require(again.envelope == receipt.envelope, f"another receipt: {again.text}")
    return "the same receipt"


async def _of_another(stage: Stage) -> str:
    notice = _notice(stage, *await _sent(stage))
    ended = await _notify(stage, notice, stage.kit.keys[BYSTANDER].seal)
    return require_status(ended, "UNAUTHENTICATED", "TRUST-KEY-OWNER")


async def _to_another(stage: Stage) -> str:
    notice = _notice(stage, *await _sent(stage), recipient=stage.kit.party(BYSTANDER))
    return require_status(await _notify(stage, notice), "INVALID_ARGUMENT", "ERASE-NOTICE")


CASES: tuple[Case, ...] = (
    case(
        _words(
            "erasure-confirmed",
            "A record that was erased at its sender is erased, and this is confirmed.",
            "a notice",
        ),
        "signed confirmation: erased",
        _erased,
    ),
    case(
        _words(
            "erasure-unknown",
            "A notice erases only the record that bears its reference.",
            "another reference",
        ),
        "signed confirmation: unknown",
        _unknown,
    ),
    case(
        _words("erasure-again", "The same notice again gets the stored confirmation.", "a notice, twice"),
        "the stored confirmation, byte for byte",
        _again,
    ),
    case(
        _words(
            "erasure-id-with-other-words",
            "An id that was used for another notice is a conflict.",
            "a used id, another time",
        ),
        "status UNAUTHENTICATED ERASE-NOTICE-CONFLICT",
        _conflict,
    ),
    case(
        _words(
            "erasure-keeps-receipt",
            "A batch keeps its receipt when a record of it is erased.",
            "a notice, then the transfer again",
        ),
        "the stored receipt, byte for byte",
        _receipt_after,
    ),
    case(
        _words(
            "erasure-of-another",
            "Nobody erases what another partner has sent.",
            "a notice sealed by the bystander",
        ),
        "status UNAUTHENTICATED TRUST-KEY-OWNER",
        _of_another,
    ),
    case(
        _words(
            "erasure-to-another",
            "A notice to another recipient erases nothing.",
            "the bystander as recipient",
        ),
        "status INVALID_ARGUMENT ERASE-NOTICE",
        _to_another,
    ),
)
