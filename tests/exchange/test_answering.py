# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from importlib import resources

import msgspec
import pytest

from gateway.exchange.answering import foreseen, taken, with_answer
from gateway.exchange.rows import ForeseenAnswer
from gateway.finding import finding, has_errors
from gateway.jobs import pack_message
from gateway.model import DocumentOutcome
from gateway.registry import load_adapters
from gateway.sdk import Limits
from tests.partner_messages import contribution, message

NAMES = ("gacc_ceb", "supplement")
ADAPTERS = load_adapters(NAMES)
NOW = datetime(2026, 11, 20, 8, 30, 0, 123000, UTC)
SAMPLES = [
    (name, one.read_bytes())
    for name in NAMES
    for one in sorted(
        resources.files(f"adapters.{name}").joinpath("samples").iterdir(), key=lambda one: one.name
    )
    if one.name.endswith((".xml", ".json"))
]


def _decoded(name, raw):
    """Return a sample as a worker hands it on."""
    return pack_message(ADAPTERS[name].decode(raw, Limits()))


@pytest.mark.parametrize(("name", "raw"), SAMPLES)
def test_the_foreseen_answer_is_the_one_that_intake_writes(name, raw) -> None:
    """Good and bad samples alike: the bytes are those of an answer written after judging."""
    packed = _decoded(name, raw)
    refused = has_errors(packed.findings)
    outcomes = [
        DocumentOutcome(
            position=one.position,
            accepted=not (refused or has_errors(one.findings)),
            echo=one.echo,
            findings=one.findings,
        )
        for one in packed.documents
    ]
    given = taken(ADAPTERS[name], with_answer(ADAPTERS[name], packed, NOW), outcomes, NOW)
    assert given == taken(ADAPTERS[name], packed, outcomes, NOW)


def test_an_answer_that_foresaw_less_is_written_anew() -> None:
    """One more finding about one document, and the answer says it."""
    name, raw = next(
        one for one in SAMPLES if b"CEB603Message" in one[1] and not has_errors(_decoded(*one).findings)
    )
    packed = with_answer(ADAPTERS[name], _decoded(name, raw), NOW)
    first, *others = foreseen(packed)
    more = msgspec.structs.replace(
        first, accepted=False, findings=(*first.findings, finding("ASSEMBLE-DUPLICATE"))
    )
    body = taken(ADAPTERS[name], packed, (more, *others), NOW).body
    assert body != packed.answer.body
    assert b"ASSEMBLE-DUPLICATE" in body


def _foreseeing(workers, at=0):
    """Return a decoder that adds an answer as of the time it was asked, or another."""
    decode = workers.decode

    async def answered(adapter, raw, now=0):
        answer = ForeseenAnswer(at=at or now, body=b"foreseen", content_type="text/plain")
        return msgspec.structs.replace(await decode(adapter, raw), answer=answer)

    return answered


async def test_intake_gives_the_answer_that_came_along(pair) -> None:
    """What the worker wrote is stored and given, until the transaction finds something."""
    pair.alpha.workers.decode = _foreseeing(pair.alpha.workers)

    def take(raw):
        return pair.alpha.intake.submit(raw, source="test", submitter="tester")

    first = await take(message(contribution(1)))
    assert (first.acknowledgement, first.content_type) == (b"foreseen", "text/plain")
    second = await take(message(contribution(1, package_count=3), contribution(2), number="m2"))
    assert msgspec.json.decode(second.acknowledgement) == [[1, False, ["ASSEMBLE-DUPLICATE"]], [2, True, []]]


async def test_intake_gives_no_answer_of_another_time(pair) -> None:
    """An answer as of another moment is written anew."""
    pair.alpha.workers.decode = _foreseeing(pair.alpha.workers, at=1)
    done = await pair.alpha.intake.submit(message(contribution(1)), source="test", submitter="tester")
    assert msgspec.json.decode(done.acknowledgement) == [[1, True, []]]
