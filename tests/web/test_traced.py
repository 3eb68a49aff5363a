# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is done for a caller over HTTP belongs to the trace that the caller names."""

import pytest
from multidict import CIMultiDict

from gateway.config import Http
from gateway.tracing import HEADER, Place, current

NAMED = Place(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)


@pytest.fixture(name="placed")
def _placed(start, monkeypatch):
    """Give a way to start a face and post to it, which returns the status and the place of the intake."""

    async def post(*headers, traces=True, settings=None):
        face = await start(settings, traces=traces)
        seen, plain = [], face.intake.submit

        async def submit(raw, **origin):
            seen.append(current.get())
            return await plain(raw, **origin)

        monkeypatch.setattr(face.intake, "submit", submit)
        said = CIMultiDict((HEADER, one) for one in headers)
        async with face.session.post(face.url("/v1/messages"), data=b"ok", headers=said) as answer:
            await answer.read()
        return answer.status, seen

    return post


async def test_message_is_taken_in_the_trace_of_its_submitter(placed):
    """The intake stands under the span that `traceparent` names, and nothing after it does."""
    assert await placed(NAMED.header()) == (200, [NAMED])
    assert current.get() is None


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01",),
        ("anything",),
        (NAMED.header(), NAMED.header()),
    ],
    ids=["none", "zero", "no-form", "twice"],
)
async def test_header_that_names_no_place_is_as_none(placed, headers):
    """Without one good header the message is taken all the same, and begins a trace of its own."""
    assert await placed(*headers) == (200, [None])


async def test_node_that_does_not_trace_reads_no_header(placed):
    """While nothing records there is no place, so nothing is added to any call to a partner."""
    assert await placed(NAMED.header(), traces=False) == (200, [None])


async def test_stranger_names_no_trace(placed, tmp_path):
    """Who is not admitted is turned away before the header is looked at."""
    tokens = tmp_path / "tokens"
    tokens.write_text("platform-a a-token-of-the-platform-a\n")
    tokens.chmod(0o600)
    settings = Http(listen="127.0.0.1:0", token_file=str(tokens))
    assert await placed(NAMED.header(), settings=settings) == (401, [])
