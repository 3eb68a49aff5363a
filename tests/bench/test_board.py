# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The bench of the console asks every question of a store whose answers are known."""

import asyncio

from bench import board

ITEMS = 4000


def test_every_question_is_asked_of_what_lies_there(tmp_path) -> None:
    """A store made by SQL gives the board and lists that its rows make, and each question has a time."""
    store = board.make_store(tmp_path / "store.sqlite", ITEMS)
    asked = board.questions(store, ITEMS)

    async def answers():
        return {name: await question() for name, question in asked.items()}

    found = asyncio.run(answers())
    (partner,) = found["board"].partners
    assert partner.waiting.count == ITEMS // 40
    assert sum(one.count for one in found["waiting, grouped"]) == ITEMS // 40
    assert partner.rejected.count + partner.accepted.count == ITEMS - ITEMS // 40
    assert len(found["list of accepted"].rows) == 100
    assert [one.count for one in found["dead letters, grouped"]] == [partner.rejected.count]
    assert [one.tracking_number for one in found["search by number"].rows] == [f"LX{ITEMS // 2}CN"]
    assert len(found["search by enterprise"].rows) == ITEMS // 1000
    times = asyncio.run(board.ask(store, ITEMS, 1))
    assert times.keys() == asked.keys()
    assert min(times.values()) > 0
