# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make cases of the shapes that most have: a transfer to be refused, a record, a call with a status."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.message import Message

from gateway.client.raw import Ended
from gateway.conformance.case import Case, Family, Play, require
from gateway.conformance.kit import MAIN
from gateway.conformance.stage import SECONDS, Answer, Stage, told
from gateway.conformance.transfer import Transfer, records, release
from gateway.wire.v1 import envelope_pb2

Forge: TypeAlias = Callable[[Stage, Transfer], bytes]
Change: TypeAlias = Callable[[Stage], Mapping[str, Any]]
Make: TypeAlias = Callable[[Stage], Transfer]
Frames: TypeAlias = Callable[[Stage], Sequence[bytes]]

_Receipt = envelope_pb2.ReceiptStatement
FLOW = "docs/flow.md 7. Receive"
DSSE = "DSSE v1.0.2 protocol; envelope.proto Envelope"
BATCH = "envelope.proto BatchStatement"
STREAM = "peer.proto Deliver"


def require_refusal(answer: Answer, codes: Sequence[str]) -> str:
    """Return what came, if it is a refusal for one of these reasons."""
    found = {*answer.codes} & {*codes}
    require(answer.said.outcome == _Receipt.OUTCOME_REFUSED and bool(found), answer.text)
    return answer.text


@dataclass(frozen=True, slots=True)
class Words:
    """What every case says of itself."""

    id: str
    sentence: str
    sends: str
    family: Family
    clause: str


def case(words: Words, expects: str, play: Play) -> Case:
    """Return a case of its own shape."""
    return Case(words.id, words.family, words.sentence, words.clause, words.sends, expects, play)


def forged(words: Words, forge: Forge, *codes: str) -> Case:
    """Return the case of an envelope that must be refused."""

    async def play(stage: Stage) -> str:
        one = stage.transfer()
        (answer,) = await stage.offer((forge(stage, one), one.payload))
        return require_refusal(answer, codes)

    return case(words, f"signed refusal, {' or '.join(codes)}", play)


def made(words: Words, make: Make, *codes: str) -> Case:
    """Return the case of a transfer, well sealed as it is, that must be refused."""

    async def play(stage: Stage) -> str:
        return require_refusal(await stage.send(make(stage)), codes)

    return case(words, f"signed refusal, {' or '.join(codes)}", play)


def worded(words: Words, change: Change, code: str) -> Case:
    """Return the case of a well signed statement that is wrong in one word."""
    return made(words, lambda stage: stage.transfer().but(**change(stage)), code)


def rejected(words: Words, exact: Callable[[], bytes], code: str) -> Case:
    """Return the case of a batch of three whose middle record alone must be rejected."""

    async def play(stage: Stage) -> str:
        first, last = records(release(), release())
        answer = await stage.send(stage.transfer([first, exact(), last]))
        said = answer.said
        bad = {one.index: {each.code for each in one.findings} for one in said.records if not one.accepted}
        partial = said.outcome == _Receipt.OUTCOME_PARTIAL
        require(partial and [*bad] == [1] and code in bad[1], answer.text)
        return answer.text

    return case(words, f"receipt: partial, record 1 alone rejected, {code}", play)


def streamed(words: Words, frames: Frames, status: str, code: str = "") -> Case:
    """Return the case of frames that must end their stream of deliveries with a status."""

    async def play(stage: Stage) -> str:
        ended = await stage.peers[MAIN].stream("Deliver", frames(stage), seconds=SECONDS)
        return require_status(ended, status, code)

    return case(words, f"status {status} {code}".rstrip(), play)


def called(words: Words, call: Callable[[Stage], tuple[str, Message]], status: str, code: str = "") -> Case:
    """Return the case of a unary call that must end with a status."""

    async def play(stage: Stage) -> str:
        method, message = call(stage)
        return require_status(await stage.ask(method, message.SerializeToString()), status, code)

    return case(words, f"status {status} {code}".rstrip(), play)


def require_status(ended: Ended, status: str, code: str = "") -> str:
    """Return what came, if it is a status with a finding code."""
    require(ended.status == status and (not code or code in ended.codes), told(ended))
    return told(ended)
