# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages come in once, within bounds, and are answered."""

import asyncio
import gzip

import msgspec
import pytest
import zstandard

from gateway.errors import GatewayError, InputError
from gateway.exchange.intake import Busy, Sizes, expand
from gateway.fairness import Places
from gateway.finding import finding
from tests.partner_messages import contribution, message, tracking

SMALL = Sizes(max_compressed_bytes=1000, max_bytes=10_000, max_in_flight=2)


def take(gateway, raw, **options):
    """Submit bytes."""
    return gateway.intake.submit(raw, source="test", submitter="tester", **options)


async def test_message_is_kept_verbatim_and_answered(pair):
    """The row holds the bytes as they came and the answer that was given."""
    raw = message(contribution(1), contribution(2))
    done = await take(pair.alpha, raw)
    assert (done.outcome, done.documents, done.accepted) == ("accepted", 2, 2)
    assert msgspec.json.decode(done.acknowledgement) == [[1, True, []], [2, True, []]]
    (row,) = pair.alpha.store.tables.messages.values()
    assert (row.raw, row.acknowledgement, row.submitter) == (raw, done.acknowledgement, "tester")


async def test_same_bytes_get_the_stored_answer(pair):
    """The same bytes again have no second effect and get the same answer."""
    raw = message(contribution(1))
    first = await take(pair.alpha, raw)
    again = await take(pair.alpha, raw)
    assert again.outcome == "repeated"
    assert (again.id, again.acknowledgement) == (first.id, first.acknowledgement)
    assert len(pair.alpha.store.tables.messages) == 1


async def test_same_bytes_at_once_have_one_effect(pair):
    """Of identical messages at the same moment one has effect, all get its answer."""
    raw = message(contribution(1))
    done = await asyncio.gather(*(take(pair.alpha, raw) for _ in range(20)))
    assert sorted(one.outcome for one in done) == ["accepted"] + ["repeated"] * 19
    assert len({one.acknowledgement for one in done}) == 1
    tables = pair.alpha.store.tables
    assert (len(tables.messages), len(tables.contributions), len(tables.shares)) == (1, 1, 1)


async def test_compressed_message_is_the_same_message(pair):
    """What counts is the message, not how it was compressed."""
    raw = message(contribution(1))
    assert (await take(pair.alpha, gzip.compress(raw), encoding="gzip")).outcome == "accepted"
    assert (await take(pair.alpha, zstandard.compress(raw), encoding="zstd")).outcome == "repeated"


async def test_refused_documents_leave_the_others(pair):
    """The answer says which documents were refused and why; the others have their effect."""
    await take(pair.alpha, message(contribution(1)))
    done = await take(pair.alpha, message(contribution(1, package_count=3), contribution(2), number="m2"))
    assert (done.outcome, done.accepted) == ("partial", 1)
    assert msgspec.json.decode(done.acknowledgement) == [[1, False, ["ASSEMBLE-DUPLICATE"]], [2, True, []]]
    assert await pair.alpha.query.trace(tracking(2))


async def test_message_refused_whole_is_kept(pair):
    """A message with an error of its own has no effect, but is stored and answered."""
    raw = message(contribution(1), findings=[finding("SCHEMA-FORMAT")])
    done = await take(pair.alpha, raw)
    assert (done.outcome, done.accepted) == ("refused", 0)
    tables = pair.alpha.store.tables
    assert [row.raw for row in tables.messages.values()] == [raw]
    assert not tables.contributions


async def test_message_that_breaks_its_reader_is_kept(pair):
    """A message that its adapter cannot survive is refused, kept and answered."""

    async def breaks(*_):
        raise GatewayError("worker lost")

    pair.alpha.workers.decode = breaks
    done = await take(pair.alpha, b"poison")
    assert done.outcome == "refused"
    assert msgspec.json.decode(done.acknowledgement)[0]["code"] == "INTAKE-UNREADABLE"
    assert [row.raw for row in pair.alpha.store.tables.messages.values()] == [b"poison"]


async def test_unknown_adapter_is_an_error(pair):
    """An adapter that is not enabled is refused before anything is kept."""
    with pytest.raises(InputError) as caught:
        await take(pair.alpha, b"x", adapter="other")
    assert caught.value.findings[0].code == "INTAKE-ADAPTER"
    assert not pair.alpha.store.tables.messages


async def test_too_many_at_once_are_told_to_come_again(pair):
    """Beyond the bound a message is not queued but told when to come again; later it is taken."""
    pair.alpha.intake._places = Places(SMALL.max_in_flight)
    held = asyncio.Event()
    decode = pair.alpha.workers.decode

    async def waits(*asked):
        await held.wait()
        return await decode(*asked)

    pair.alpha.workers.decode = waits
    first = [asyncio.ensure_future(take(pair.alpha, message(contribution(one)))) for one in (1, 2)]
    await asyncio.sleep(0.01)
    with pytest.raises(Busy) as caught:
        await take(pair.alpha, message(contribution(3)))
    assert caught.value.retry_seconds > 0
    held.set()
    await asyncio.gather(*first)
    assert (await take(pair.alpha, message(contribution(3)))).outcome == "accepted"


async def test_no_submitter_has_all_places(pair):
    """While one submitter floods the intake, another finds a place at once."""
    pair.alpha.intake._places = Places(8)
    held = asyncio.Event()
    decode = pair.alpha.workers.decode

    async def waits(*asked):
        await held.wait()
        return await decode(*asked)

    pair.alpha.workers.decode = waits
    flood = [asyncio.ensure_future(take(pair.alpha, message(contribution(one)))) for one in range(1, 20)]
    await asyncio.sleep(0.01)
    modest = pair.alpha.intake.submit(message(contribution(50)), source="http", submitter="modest")
    modest = asyncio.ensure_future(modest)
    await asyncio.sleep(0.01)
    held.set()
    assert (await modest).outcome == "accepted"
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(one, Busy) for one in answers) == 19 - 7


BOMB = b"\0" * 50_000_000


@pytest.mark.parametrize(
    ("raw", "encoding", "code"),
    [
        (b"", "", "INTAKE-EMPTY"),
        (b"x" * 10_001, "", "INTAKE-TOO-LARGE"),
        (b"x" * 1001, "gzip", "INTAKE-TOO-LARGE"),
        (gzip.compress(b"x" * 10_001, mtime=0), "gzip", "INTAKE-TOO-LARGE"),
        (zstandard.compress(b"x" * 10_001), "zstd", "INTAKE-TOO-LARGE"),
        (b"x", "br", "INTAKE-ENCODING"),
        (b"x", "gzip", "INTAKE-COMPRESSION"),
        (b"x", "zstd", "INTAKE-COMPRESSION"),
        (gzip.compress(b"x", mtime=0)[:-1], "gzip", "INTAKE-COMPRESSION"),
        (gzip.compress(b"x", mtime=0) + b"y", "gzip", "INTAKE-COMPRESSION"),
        (zstandard.compress(b"x")[:-1], "zstd", "INTAKE-COMPRESSION"),
        (zstandard.compress(b"x") + b"y", "zstd", "INTAKE-COMPRESSION"),
    ],
)
def test_bad_sizes_and_encodings_are_refused(raw, encoding, code):
    """What is too large or does not decompress is refused before it is accepted."""
    with pytest.raises(InputError) as caught:
        expand(raw, encoding, SMALL)
    assert [one.code for one in caught.value.findings] == [code]


@pytest.mark.parametrize(("pack", "encoding"), [(gzip.compress, "gzip"), (zstandard.compress, "zstd")])
def test_bombs_are_refused_while_they_expand(pack, encoding):
    """A small message that expands beyond the bound is stopped on the way."""
    sizes = Sizes(max_compressed_bytes=100_000, max_bytes=100_000)
    with pytest.raises(InputError) as caught:
        expand(pack(BOMB), encoding, sizes)
    assert caught.value.findings[0].code == "INTAKE-TOO-LARGE"


@pytest.mark.parametrize(("pack", "encoding"), [(gzip.compress, "gzip"), (zstandard.compress, "zstd")])
def test_message_at_the_bound_is_taken(pack, encoding):
    """A message of exactly the largest size is taken."""
    raw = b"x" * SMALL.max_bytes
    assert expand(pack(raw), encoding, SMALL) == raw
