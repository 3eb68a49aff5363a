# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""GET /v1/statistics takes the questions of the command line, and refuses others as findings."""

import json

import pytest

from gateway.store import open_store
from gateway.trade.exchange_rates import load_rates
from gateway.trade.statistics import Statistics


@pytest.fixture(name="counted")
async def _counted(start, tmp_path):
    """A face before a store with one cell."""
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    cell = ("total", 20261103, "export", "9610", "", "CNY")
    await store.transact(lambda tx: tx.add_cells({cell: [3, 12_345_000, 3, 250_000]}))
    yield await start(statistics=Statistics(store, load_rates()))
    await store.close()


async def get(face, query):
    """Return status and body of a question."""
    async with face.session.get(face.url(f"/v1/statistics{query}")) as answer:
        return answer.status, json.loads(await answer.read())


async def test_a_question_is_answered_with_what_it_rests_on(counted) -> None:
    """Figures, rates with their mark and coverage come together."""
    status, found = await get(counted, "?by=month,mode&from=2026-11&to=2026-11&direction=export")
    assert status == 200
    assert found["rows"][0]["by"] == {"month": "2026-11", "mode": "9610"}
    assert (found["total"]["items"], found["total"]["converted"]) == (3, "123.45")
    assert found["rates"]["status"] == "sample"
    assert found["coverage"]["statement"]


@pytest.mark.parametrize(
    ("query", "path"), [("?by=planet", "by"), ("?from=soon", "from"), ("?until=2026", "query")]
)
async def test_a_wrong_question_is_a_finding(counted, query, path) -> None:
    """The problem names the part of the question that is wrong."""
    status, found = await get(counted, query)
    assert status == 400
    assert (found["findings"][0]["code"], found["findings"][0]["path"]) == ("TRADE-QUESTION", path)


async def test_a_node_without_statistics_has_none(face) -> None:
    """The route is there, the figures are not."""
    assert (await get(face, ""))[0] == 404
