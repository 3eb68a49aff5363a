# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The list of stocking orders, which every face shows, on a real store."""

import pytest

from gateway.trade.stock import Orders, stocked
from tests.trade.test_b2b_export import Intake, sample


@pytest.fixture(name="intake")
def _intake(tmp_path):
    """An intake with five orders, of which two, not next to each other, ship into a stock."""
    intake = Intake(tmp_path)
    for number, name in enumerate(("9710", "9810", "9710", "9710", "9810")):
        raw = sample(f"ceb603_{name}").decode()
        order = raw.split("orderNo>")[1].split("<")[0]
        reference = raw.split("copNo>")[1].split("<")[0]
        tracking = raw.split("logisticsNo>")[1].split("<")[0]
        for old, new in ((order, f"LIST{number}"), (reference, f"COPL{number}"), (tracking, f"TRL{number}")):
            raw = raw.replace(f">{old}<", f">{new}<")
        assert intake.take(raw.encode())[1]
    yield intake
    intake.store.shut()


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6])
def test_pages_of_any_size_join_to_the_same_list(intake, most) -> None:
    """Pages are cut by orders looked at: some are empty, none is lost, and the last says so."""
    orders, after, pages = [], "", []
    while not pages or after:
        page = intake.store.run_read(lambda tx, after=after: stocked(tx, after, most))
        pages.append(page)
        orders, after = orders + list(page.orders), page.next
    assert orders == ["ord:3301960001|LIST1", "ord:3301960001|LIST4"]
    assert pages[-1].next == ""
    if most == 1:
        assert pages[0] == Orders(orders=(), next="ord:3301960001|LIST0")
