# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Lookups of enterprises on the hot path: fresh, bounded, fast."""

import time
from datetime import date, timedelta

import pytest

from gateway.store import open_store
from gateway.trade.enterprise import Amendment
from gateway.trade.enterprise_directory import Directory
from tests.enterprise_stage import FIRST, code_of, customs_code_of, registration
from tests.pace import slower

LATER = date(2025, 1, 1)


def find(register, directory, identifier, day=LATER):
    """Look up inside a unit of work, as intake does."""

    def work(tx):
        directory.refresh(tx)
        return directory.find(tx, identifier, day)

    return register.store.run(work)


def test_a_lookup_sees_every_act_before_it(register) -> None:
    """Registration, change and withdrawal count from the next unit of work, also those of another node."""
    directory, store = Directory(), open_store(register.url)
    register.beside(store, 2)
    assert find(register, directory, code_of(1)) is None
    assert find(register, directory, "0000000000") is None
    register.register(registration())
    assert find(register, directory, code_of(1)).name == find(register, directory, customs_code_of(1)).name
    register.change(code_of(1), Amendment(valid_from=LATER, source="s", customs_code="4403999999"))
    assert find(register, directory, customs_code_of(1)) is None
    assert find(register, directory, customs_code_of(1), FIRST).version == 1
    assert find(register, directory, "4403999999").version == 2
    register.withdraw(code_of(1), LATER + timedelta(days=9))
    assert find(register, directory, code_of(1), LATER + timedelta(days=9)) is None
    assert find(register, directory, code_of(1)).version == 2
    store.shut()


def test_what_was_undone_is_forgotten(register) -> None:
    """A lookup inside a unit of work that fails leaves nothing behind that was never committed."""
    directory = Directory()
    register.register(registration(1))
    find(register, directory, code_of(1))

    def failing(tx):
        row = tx.enterprise_versions(code_of(1))[0]
        tx.add_enterprises(
            [
                type(row)(
                    **{one: getattr(row, one) for one in row.__struct_fields__}
                    | {
                        "id": 77,
                        "revision": 2,
                        "version": 2,
                        "valid_from": "2024-02-01",
                        "body": row.body.replace(b"2024-01-01", b"2024-02-01"),
                    }
                )
            ]
        )
        directory.refresh(tx)
        assert directory.find(tx, code_of(1), LATER).valid_from == date(2024, 2, 1)
        raise LookupError

    with pytest.raises(LookupError):
        register.store.run(failing)
    assert find(register, directory, code_of(1)).valid_from == FIRST
    register.change(code_of(1), Amendment(valid_from=LATER, source="s", name="other"))
    assert find(register, directory, code_of(1)).name == "other"


def test_the_directory_is_bounded(register) -> None:
    """However many identifiers are asked for, no more than the limit are kept."""
    directory = Directory(largest=10)
    for number in range(35):
        find(register, directory, f"44030{number:05d}")
        assert len(directory._known) <= 10


def test_a_lookup_costs_less_than_a_microsecond(register) -> None:
    """Amortised over a message of a hundred items a lookup stays below one microsecond."""
    directory = Directory()
    register.load([registration(number) for number in range(1, 101)])
    codes = [code_of(number) for number in range(1, 101)]

    def work(tx):
        best = float("inf")
        for _ in range(20):
            begin = time.thread_time()
            directory.refresh(tx)
            for one in codes:
                directory.find(tx, one, LATER)
            best = min(best, time.thread_time() - begin)
        return best / len(codes)

    assert register.store.run(work) < 1e-6 * slower()
