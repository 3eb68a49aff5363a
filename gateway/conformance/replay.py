# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of repetition: the same again changes nothing, something else under the same name is a conflict."""

import asyncio
from functools import partial

from gateway.conformance.builders import FLOW, Words, case, require_refusal
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import BYSTANDER, MAIN
from gateway.conformance.stage import Stage
from gateway.wire.v1 import envelope_pb2

_words = partial(Words, family=Family.REPLAY, clause=FLOW)
_SAME = "the stored receipt, byte for byte"
_Receipt = envelope_pb2.ReceiptStatement


async def _again(stage: Stage) -> str:
    one, first = await stage.deliver()
    again = await stage.send(one)
    require(again.envelope == first.envelope, f"another receipt: {again.text}")
    return "the same bytes"


async def _other_signature(stage: Stage) -> str:
    one = stage.transfer()
    first, second = stage.packed(one), stage.packed(one)
    require(first != second, "the kit signed twice with the same result")
    answers = await stage.offer((first, one.payload), (second, one.payload))
    require(answers[0].said.outcome == _Receipt.OUTCOME_ACCEPTED, answers[0].text)
    require(answers[0].envelope == answers[1].envelope, f"another receipt: {answers[1].text}")
    return "the same bytes"


async def _new_connection(stage: Stage) -> str:
    one, first = await stage.deliver()
    envelope = stage.packed(one)
    async with stage.connect(stage.kit.keys[MAIN]) as peer:
        (again,) = await stage.offer((envelope, one.payload), peer=peer)
    require(again.envelope == first.envelope, f"another receipt: {again.text}")
    return "the same bytes"


async def _at_once(stage: Stage) -> str:
    one = stage.transfer()
    pair = (stage.packed(one), one.payload)
    answers = await asyncio.gather(*(stage.offer(pair) for _ in range(4)))
    require(answers[0][0].said.outcome == _Receipt.OUTCOME_ACCEPTED, answers[0][0].text)
    different = {one.envelope for (one,) in answers}
    require(len(different) == 1, f"{len(different)} different receipts")
    return "one receipt, four times"


async def _same_id(stage: Stage) -> str:
    one, _ = await stage.deliver()
    other = stage.transfer().but(batch_id=one.statement.batch_id)
    return require_refusal(await stage.send(other), ["RECEIVE-CONFLICT"])


async def _same_number(stage: Stage) -> str:
    one, _ = await stage.deliver()
    other = stage.transfer().but(sequence=one.statement.sequence)
    return require_refusal(await stage.send(other), ["RECEIVE-CONFLICT"])


async def _other_payload(stage: Stage) -> str:
    one, _ = await stage.deliver()
    (answer,) = await stage.offer((stage.packed(one), stage.transfer().payload))
    return require_refusal(answer, ["RECEIVE-PAYLOAD"])


async def _after_refusal(stage: Stage) -> str:
    one = stage.transfer()
    (bad,) = await stage.offer((stage.packed(one), one.payload + b"x"))
    require(bad.said.outcome == _Receipt.OUTCOME_REFUSED, bad.text)
    good = await stage.send(one)
    require(good.said.outcome == _Receipt.OUTCOME_ACCEPTED, good.text)
    return good.text


async def _refused_again(stage: Stage) -> str:
    one = stage.transfer().but(commitment_root=bytes(32))
    first, second = await stage.send(one), await stage.send(one)
    require_refusal(first, ["RECEIVE-COMMITMENT"])
    return require_refusal(second, ["RECEIVE-COMMITMENT"])


async def _to_another(stage: Stage) -> str:
    one, _ = await stage.deliver()
    (answer,) = await stage.offer((stage.packed(one), one.payload), which=BYSTANDER)
    return require_refusal(answer, ["TRUST-KEY-OWNER"])


CASES: tuple[Case, ...] = (
    case(
        _words(
            "replay-same-bytes", "The same transfer again gets the stored receipt.", "a good transfer, twice"
        ),
        _SAME,
        _again,
    ),
    case(
        _words(
            "replay-other-signature",
            "Another signature over the same statement is the same batch.",
            "a good transfer, then its statement signed anew",
        ),
        _SAME,
        _other_signature,
    ),
    case(
        _words(
            "replay-new-connection",
            "The stored receipt does not depend on the connection.",
            "a good transfer, then the same on a new connection",
        ),
        _SAME,
        _new_connection,
    ),
    case(
        _words(
            "replay-at-once",
            "Copies that arrive at the same time are one batch.",
            "one good transfer on four streams at once",
        ),
        "one receipt, byte for byte, on every stream",
        _at_once,
    ),
    case(
        _words(
            "replay-id-with-other-words",
            "A batch id that was used for other words is a conflict.",
            "the id of a batch taken before, another statement",
        ),
        "signed refusal, RECEIVE-CONFLICT",
        _same_id,
    ),
    case(
        _words(
            "replay-number-with-other-words",
            "A sequence number that was used before is a conflict.",
            "the number of the batch taken last, another statement",
        ),
        "signed refusal, RECEIVE-CONFLICT",
        _same_number,
    ),
    case(
        _words(
            "replay-with-other-payload",
            "A known statement over another payload is no repetition.",
            "the envelope of a batch taken before, another payload",
        ),
        "signed refusal, RECEIVE-PAYLOAD",
        _other_payload,
    ),
    case(
        _words(
            "replay-after-refusal",
            "A refused first try does not spoil id and number: the good transfer is taken after it.",
            "a good envelope over a broken payload, then over its own",
        ),
        "receipt: accepted",
        _after_refusal,
    ),
    case(
        _words(
            "replay-of-refusal",
            "What was refused is refused again when it comes again.",
            "a transfer with a wrong root, twice",
        ),
        "signed refusal, RECEIVE-COMMITMENT, both times",
        _refused_again,
    ),
    case(
        _words(
            "replay-as-another-partner",
            "What one partner has sent another cannot send again as its own.",
            "a transfer taken from us, on the bystander's connection",
        ),
        "signed refusal, TRUST-KEY-OWNER",
        _to_another,
    ),
)
