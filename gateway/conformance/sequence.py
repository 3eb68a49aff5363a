# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of order: a batch follows the last one of its channel, in number and in digest."""

from functools import partial

from gateway.conformance.builders import BATCH, FLOW, STREAM, Words, case, require_refusal, worded
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import Place
from gateway.conformance.stage import Stage
from gateway.conformance.transfer import transfer
from gateway.wire.v1 import envelope_pb2

_words = partial(Words, family=Family.SEQUENCE, clause=FLOW)
_GAP = "TRUST-SEQUENCE-GAP"
_Receipt = envelope_pb2.ReceiptStatement


async def _gap(stage: Stage) -> str:
    expected = stage.place().sequence + 1
    answer = await stage.send(stage.transfer().but(sequence=expected + 3))
    require_refusal(answer, [_GAP])
    named = answer.said.expected_sequence
    require(named == expected, f"{answer.text}, expected number {named} instead of {expected}")
    return f"{answer.text}, expected number {named}"


async def _rollback(stage: Stage) -> str:
    await stage.deliver()
    await stage.deliver()
    answer = await stage.send(stage.transfer().but(sequence=1, previous_digest=b""))
    return require_refusal(answer, ["RECEIVE-CONFLICT"])


async def _confirmed(stage: Stage) -> str:
    await stage.deliver()
    confirmed = await stage.hello()
    require(confirmed == stage.place().sequence, f"confirmed {confirmed} of {stage.place().sequence}")
    return f"confirmed {confirmed}"


async def _kept(stage: Stage) -> str:
    before = await stage.hello()
    await stage.send(stage.transfer().but(sequence=before + 9))
    after = await stage.hello()
    require(before == after == stage.place().sequence, f"confirmed {before}, then {after}")
    return f"confirmed {after} before and after"


async def _pipelined(stage: Stage) -> str:
    first = stage.transfer()
    place = Place(first.statement.sequence, first.digest.hex())
    second = transfer(stage.agreement(), place, stage.kit.keys["main"].seal, stage.now)
    answers = await stage.offer(*((stage.packed(one), one.payload) for one in (first, second)))
    taken = [one.said.outcome == _Receipt.OUTCOME_ACCEPTED for one in answers]
    named = [one.said.batch_id for one in answers] == [first.statement.batch_id, second.statement.batch_id]
    require(all(taken) and named, "; ".join(one.text for one in answers))
    return "two receipts, accepted, in order"


CASES: tuple[Case, ...] = (
    case(
        _words(
            "sequence-gap",
            "A batch ahead of its turn is refused, and the refusal names the number that is expected.",
            "a batch three numbers ahead",
        ),
        f"signed refusal, {_GAP}, with the expected number",
        _gap,
    ),
    case(
        _words("sequence-rollback", "A channel does not begin anew.", "number 1 without previous digest"),
        "signed refusal, RECEIVE-CONFLICT",
        _rollback,
    ),
    worded(
        _words("sequence-zero", "Sequence numbers begin at 1.", "sequence number 0", clause=BATCH),
        lambda _: {"sequence": 0},
        "RECEIVE-MALFORMED",
    ),
    worded(
        _words("sequence-huge", "A number that no channel reaches is malformed.", "2^63", clause=BATCH),
        lambda _: {"sequence": 1 << 63},
        "RECEIVE-MALFORMED",
    ),
    worded(
        _words(
            "sequence-previous-digest",
            "A batch that names another predecessor is refused.",
            "the right number, another previous digest",
        ),
        lambda _: {"previous_digest": b"x" * 32},
        _GAP,
    ),
    case(
        _words(
            "sequence-confirmed",
            "The answer to a hello names the last number that was stored and receipted.",
            "a good transfer, then a hello",
            clause=STREAM,
        ),
        "the number of the transfer",
        _confirmed,
    ),
    case(
        _words(
            "sequence-refusal-takes-none",
            "A refused batch moves the channel nowhere.",
            "a hello, a batch that is refused, a hello",
            clause=STREAM,
        ),
        "the same number in both answers",
        _kept,
    ),
    case(
        _words(
            "sequence-window",
            "Batches sent without waiting for receipts are taken in order.",
            "two transfers on one stream, one behind the other",
            clause=STREAM,
        ),
        "two receipts, accepted, in order",
        _pipelined,
    ),
)
