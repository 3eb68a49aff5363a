# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of questions: who asks, under what, by what and how often; an answer tells no more than it must."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from gateway.client.raw import OK, Ended
from gateway.clock import milliseconds
from gateway.conformance import drafts
from gateway.conformance.builders import Words, case, require_status
from gateway.conformance.case import Case, Departure, Family, require
from gateway.conformance.kit import BYSTANDER, MAIN
from gateway.conformance.stage import Stage, codes_of, told
from gateway.envelope import policy
from gateway.envelope.dsse import Envelope
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import seal, unseal
from gateway.envelope.signer import Signer
from gateway.errors import GatewayError
from gateway.wire.convert import pack_envelope, parse_query_answer, unpack_envelope
from gateway.wire.statement import QUERY_ANSWER_TYPE, QUERY_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2, peer_pb2

_words = partial(
    Words, family=Family.QUERY, clause="envelope.proto QueryStatement; docs/writing-an-agreement.md"
)
_Answer = envelope_pb2.QueryAnswer
_Query = envelope_pb2.QueryStatement
TOO_MANY = 101


def _key(scheme: str = "tracking_number", value: str = "KTNOSUCHITEM") -> envelope_pb2.AskedKey:
    return envelope_pb2.AskedKey(scheme=scheme, value=value)


def _query(stage: Stage, which: str = drafts.ANSWERS, **changes: Any) -> _Query:
    """Return a good question, with other values for those given."""
    agreement = stage.agreement(which)
    fields: Mapping[str, Any] = {
        "version": STATEMENT_VERSION,
        "query_id": os.urandom(8).hex(),
        "sender": stage.own,
        "recipient": stage.target,
        "agreement_id": agreement.id,
        "agreement_version": agreement.version,
        "agreement_digest": agreement.digest,
        "keys": [_key()],
        "reason": "conformance test",
        "created_at_ms": milliseconds(stage.now),
        "key_ids": sorted(one.key_id for one in stage.kit.keys[MAIN].seal),
    }
    return _Query(**{**fields, **changes})


def _sealed(stage: Stage, query: _Query, signers: Sequence[Signer] | None = None) -> Envelope:
    """Seal a question, with our seal keys if not told otherwise."""
    chosen = stage.kit.keys[MAIN].seal if signers is None else signers
    return seal(QUERY_TYPE, query.SerializeToString(deterministic=True), chosen)


async def _ask(stage: Stage, envelope: Envelope) -> Ended:
    """Hand in a question."""
    request = peer_pb2.InquireRequest(query=pack_envelope(envelope))
    return await stage.ask("Inquire", request.SerializeToString())


async def _answered(stage: Stage, query: _Query) -> tuple[bytes, _Answer]:
    """Ask; return the answer, once its seal and what it answers are proved."""
    envelope = _sealed(stage, query)
    ended = await _ask(stage, envelope)
    require(ended.status == OK, told(ended))
    raw = peer_pb2.InquireReply.FromString(ended.messages[0]).answer
    try:
        proved = unseal(
            unpack_envelope(raw),
            payload_type=QUERY_ANSWER_TYPE,
            keyring=stage.keyring,
            owner=stage.target,
            purpose=Purpose.RECEIPT,
            policy=policy.HYBRID,
            at=stage.now,
        )
        said = parse_query_answer(proved.statement)
    except GatewayError as error:
        raise Departure(f"an answer that does not hold: {codes_of(error)}") from error
    ends = (said.issuer, said.recipient, said.query_id) == (stage.target, stage.own, query.query_id)
    bound = said.query_digest == hashlib.sha256(envelope.statement).digest()
    require(ends and bound and tuple(sorted(said.key_ids)) == proved.key_ids, "an answer to something else")
    return raw, said


def _text(said: _Answer) -> str:
    """Return what came, in one line."""
    counts = Counter(_Answer.Outcome.Name(one).removeprefix("OUTCOME_").lower() for one in said.outcomes)
    outcomes = [f"{count} {name}" for name, count in counts.items()]
    return f"answer: {', '.join([*outcomes, *(one.code for one in said.findings)])}"


def _refused(words: Words, make: Callable[[Stage], _Query], code: str) -> Case:
    """Return the case of a question that must be refused in a signed answer."""

    async def play(stage: Stage) -> str:
        _, said = await _answered(stage, make(stage))
        require(not said.outcomes and code in {one.code for one in said.findings}, _text(said))
        return _text(said)

    return case(words, f"signed answer without outcomes, {code}", play)


def _distrusted(words: Words, make: Callable[[Stage], Envelope], status: str, code: str) -> Case:
    """Return the case of a question that must get a status."""

    async def play(stage: Stage) -> str:
        return require_status(await _ask(stage, make(stage)), status, code)

    return case(words, f"status {status} {code}", play)


async def _nothing(stage: Stage) -> str:
    _, said = await _answered(stage, _query(stage))
    require([*said.outcomes] == [_Answer.OUTCOME_NOTHING] and not said.findings, _text(said))
    return _text(said)


async def _again(stage: Stage) -> str:
    query = _query(stage)
    first, _ = await _answered(stage, query)
    again, said = await _answered(stage, query)
    require(first == again, f"another {_text(said)}")
    return "the same bytes"


async def _conflict(stage: Stage) -> str:
    query = _query(stage)
    await _answered(stage, query)
    other = _query(stage, query_id=query.query_id, reason="another reason")
    return require_status(await _ask(stage, _sealed(stage, other)), "UNAUTHENTICATED", "QUERY-CONFLICT")


async def _each(stage: Stage) -> str:
    _, said = await _answered(stage, _query(stage, keys=[_key(), _key(value="KTNORTHISONE")]))
    require([*said.outcomes] == [_Answer.OUTCOME_NOTHING] * 2, _text(said))
    return _text(said)


CASES: tuple[Case, ...] = (
    case(
        _words(
            "query-nothing",
            "A question about a number that nothing bears gets a signed answer.",
            "an unknown number",
        ),
        "signed answer: nothing, bound to the question",
        _nothing,
    ),
    case(
        _words(
            "query-each-number", "An answer has an outcome for each number, in order.", "two unknown numbers"
        ),
        "signed answer: nothing, nothing",
        _each,
    ),
    case(
        _words("query-again", "The same question again gets the stored answer.", "a question, twice"),
        "the stored answer, byte for byte",
        _again,
    ),
    case(
        _words(
            "query-id-with-other-words",
            "An id that was used for another question is a conflict.",
            "a used id, another reason",
        ),
        "status UNAUTHENTICATED QUERY-CONFLICT",
        _conflict,
    ),
    _refused(
        _words("query-scope", "It is asked only by what the agreement allows.", "a UCR"),
        lambda stage: _query(stage, keys=[_key("ucr", "INVENTED")]),
        "QUERY-SCOPE",
    ),
    _refused(
        _words(
            "query-rate",
            "More numbers an hour than the agreement allows are refused.",
            "three numbers where two an hour are agreed",
        ),
        lambda stage: _query(stage, drafts.FEW, keys=[_key()] * (drafts.FEW_AN_HOUR + 1)),
        "QUERY-RATE",
    ),
    _refused(
        _words("query-too-many", "A question has a bounded number of numbers.", f"{TOO_MANY} numbers"),
        lambda stage: _query(stage, keys=[_key()] * TOO_MANY),
        "QUERY-FORM",
    ),
    _refused(
        _words("query-without-reason", "A question gives its reason.", "no reason"),
        lambda stage: _query(stage, reason=""),
        "QUERY-FORM",
    ),
    _refused(
        _words("query-without-numbers", "A question asks for something.", "no numbers"),
        lambda stage: _query(stage, keys=[]),
        "QUERY-FORM",
    ),
    _refused(
        _words("query-stale", "A question of long ago is refused.", "asked two hours ago"),
        lambda stage: _query(stage, created_at_ms=milliseconds(stage.now - timedelta(hours=2))),
        "QUERY-CLOCK",
    ),
    _refused(
        _words("query-future", "A question from the future is refused.", "asked in an hour"),
        lambda stage: _query(stage, created_at_ms=milliseconds(stage.now + timedelta(hours=1))),
        "QUERY-CLOCK",
    ),
    _refused(
        _words(
            "query-agreement",
            "It is asked only under an agreement for questions.",
            "the agreement for deliveries",
        ),
        lambda stage: _query(stage, drafts.ITEM),
        "QUERY-AGREEMENT",
    ),
    _refused(
        _words(
            "query-agreement-text",
            "The agreement counts by the digest of its text.",
            "another agreement digest",
        ),
        lambda stage: _query(stage, agreement_digest=b"x" * 32),
        "QUERY-AGREEMENT",
    ),
    _distrusted(
        _words("query-unsigned", "An unsigned question is not answered.", "no signatures"),
        lambda stage: Envelope(QUERY_TYPE, _sealed(stage, _query(stage)).statement, ()),
        "UNAUTHENTICATED",
        "TRUST-UNSIGNED",
    ),
    _distrusted(
        _words(
            "query-of-another",
            "A question under the keys of another partner is not answered.",
            "sealed by the bystander",
        ),
        lambda stage: _sealed(stage, _query(stage), stage.kit.keys[BYSTANDER].seal),
        "UNAUTHENTICATED",
        "TRUST-KEY-OWNER",
    ),
    _distrusted(
        _words(
            "query-to-another",
            "A question to another recipient is not answered.",
            "the bystander as recipient",
        ),
        lambda stage: _sealed(stage, _query(stage, recipient=stage.kit.party(BYSTANDER))),
        "INVALID_ARGUMENT",
        "QUERY-FORM",
    ),
    _distrusted(
        _words("query-keys-named-otherwise", "A question names the keys that signed it.", "another key id"),
        lambda stage: _sealed(stage, _query(stage, key_ids=["0" * 64])),
        "UNAUTHENTICATED",
        "RECEIVE-KEYS",
    ),
)
