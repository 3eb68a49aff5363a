# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The routes of controls: who may act, what is no question, and a node without them."""

import pytest

from gateway.errors import InputError
from gateway.finding import finding
from gateway.trade.recognition_figures import Answer, Figures
from tests.control_stage import result_of


class Steps:
    """Steps that know one item and remember what they were asked."""

    def __init__(self):
        self.asked = []

    async def page(self, after=0, limit=500):
        self.asked.append(("page", after))
        return []

    async def under(self, bill):
        self.asked.append(("under", bill))
        return []

    async def record(self, one, *, actor):
        self.asked.append(("record", one.reference, actor))
        raise InputError("no", (finding("CONTROL-ITEM"),))

    async def show(self, _number):
        return None

    async def decide(self, number, *, again=False):
        self.asked.append(("decide", number, again))
        raise InputError("no", (finding("RECOGNITION-NOTHING"),))

    async def count(self, question):
        return Answer(
            side=question.side,
            partner=question.partner,
            first=question.first,
            last=question.last,
            rows=(),
            total=Figures(by={}),
        )


@pytest.fixture(name="steps")
def _steps():
    """What the routes ask."""
    return Steps()


async def call(face, method, path, **body):
    """Call a route; return status, and the codes of a problem or the answer."""
    async with face.session.request(method, face.url(path), **body) as reply:
        found = (
            await reply.json(content_type=None) if reply.content_type.endswith("json") else await reply.text()
        )
    if isinstance(found, dict) and "findings" in found:
        return reply.status, [one["code"] for one in found["findings"]]
    return reply.status, found


async def test_only_recorders_act(start, steps) -> None:
    """Who is no recorder may read, and neither record nor decide."""
    face = await start(controls=steps, recognitions=steps, recorders=["grpc"])
    assert await call(face, "POST", "/v1/controls", json=result_of("X")) == (403, ["CONTROL-NOT-ALLOWED"])
    assert await call(face, "POST", "/v1/controls/X/decision") == (403, ["CONTROL-NOT-ALLOWED"])
    assert steps.asked == []
    assert await call(face, "GET", "/v1/controls") == (200, [])
    assert (await call(face, "GET", "/v1/controls/X"))[0] == 404


async def test_recorders_act_and_bad_bodies_are_findings(start, steps) -> None:
    """What a recorder says reaches the steps with its name; what is no result does not."""
    face = await start(controls=steps, recognitions=steps, recorders=["local"])
    assert await call(face, "POST", "/v1/controls", json=result_of("X")) == (422, ["CONTROL-ITEM"])
    for raw in (b"{", b"\xff", b"[]", b'{"reference": 1}'):
        assert await call(face, "POST", "/v1/controls", data=raw) == (422, ["CONTROL-FORM"])
    assert (await call(face, "POST", "/v1/controls", data=b" " * 300_000))[0] == 413
    assert await call(face, "POST", "/v1/controls/X/decision?again=yes") == (422, ["RECOGNITION-NOTHING"])
    assert await call(face, "POST", "/v1/controls/X/decision?again=maybe") == (422, ["CONTROL-FORM"])
    assert steps.asked == [("record", "C-X-1", "local"), ("decide", "X", True)]


async def test_questions_are_checked(start, steps) -> None:
    """Pages, bills and counts are asked for in their form, else there is a finding."""
    face = await start(controls=steps, recognitions=steps)
    assert await call(face, "GET", "/v1/controls?after=17") == (200, [])
    assert await call(face, "GET", "/v1/controls?bill=784-1") == (200, [])
    assert steps.asked == [("page", 17), ("under", "784-1")]
    for after in ("", "-1", "x", str(2**63), "9" * 30, "%C2%B2"):
        assert await call(face, "GET", f"/v1/controls?after={after}") == (422, ["CONTROL-FORM"])
    for query in (
        "colour=red",
        "format=xml",
        "from=soon",
        "by=colour",
        "side=both",
        "from=2026-02-01&to=2026-01-01",
    ):
        assert await call(face, "GET", f"/v1/controls-recognised?{query}") == (422, ["RECOGNITION-PERIOD"])
    status, answer = await call(
        face, "GET", "/v1/controls-recognised?partner=alpha&from=2026-01-01&to=2026-01-31"
    )
    assert (status, answer["partner"], answer["total"]["received"]) == (200, "alpha", 0)
    status, text = await call(face, "GET", "/v1/controls-recognised?format=csv")
    assert (status, text[:12]) == (200, "side,from,to")


async def test_a_node_without_controls_has_none(start) -> None:
    """Without the steps there are no answers."""
    face = await start(recorders=["local"])
    for path in ("/v1/controls", "/v1/controls/X", "/v1/controls-recognised"):
        assert (await call(face, "GET", path))[0] == 404
