# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which items fall under an agreement, and what they lack."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement import compile_match, missing, parse
from gateway.model import Item, is_present, leaf_types
from tests.agreement.samples import REST, VALUES, build, field, small

ALL = field(list(leaf_types()), "pass")
GOOD = {
    "destination_country": "NL",
    "departure_country": "CN",
    "transport.mode": "4",
    "direction": "export",
    "trade_mode": "9610",
    "nature_of_transaction": "11",
    "goods_value.amount": Decimal("150.00"),
    "goods_value.currency": "EUR",
}
CONDITIONS = """\
[match]
destinations = ["NL", "BE"]
departures = ["CN"]
modes = ["4", "5"]
directions = ["export"]
trade_modes = ["9610"]
natures = ["11"]
[[match.value]]
currency = "EUR"
minimum = "10"
maximum = "150.00"
[[match.value]]
currency = "CNY"
""" + REST.partition('destinations = ["NL"]\n')[2]


@pytest.fixture(name="matches", scope="module")
def _matches():
    return compile_match(parse(small(ALL, rest=CONDITIONS)))


def test_all_conditions_met(matches):
    """An item that meets every condition falls under the agreement."""
    assert matches(build(GOOD))
    assert matches(build(GOOD | {"goods_value.amount": Decimal(10), "destination_country": "BE"}))
    assert matches(build(GOOD | {"goods_value.amount": Decimal(10**6), "goods_value.currency": "CNY"}))


@pytest.mark.parametrize("path", GOOD)
def test_absent_value_does_not_match(matches, path):
    """A condition on a value that the item lacks is not met."""
    assert not matches(build({key: value for key, value in GOOD.items() if key != path}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("destination_country", "DE"),
        ("departure_country", "NL"),
        ("transport.mode", "1"),
        ("direction", "import"),
        ("trade_mode", "9810"),
        ("nature_of_transaction", "21"),
        ("goods_value.amount", Decimal("150.01")),
        ("goods_value.amount", Decimal("9.99")),
        ("goods_value.amount", Decimal("NaN")),
        ("goods_value.currency", "USD"),
    ],
)
def test_other_value_does_not_match(matches, path, value):
    """One condition that is not met is enough."""
    assert not matches(build(GOOD | {path: value}))


def test_item_without_anything_matches_nothing(matches, export, returns):
    """An empty item falls under no agreement."""
    assert not any(one(Item()) for one in (matches, compile_match(export), compile_match(returns)))


@given(st.data())
def test_missing_is_what_is_not_present(data):
    """The compiled search finds exactly the leaves that the model says are not present, in order."""
    required = data.draw(st.lists(st.sampled_from(list(leaf_types())), max_size=12, unique=True))
    there = data.draw(st.lists(st.sampled_from(list(leaf_types())), max_size=40, unique=True))
    pieces = data.draw(st.integers(0, 2))
    item = build({path: VALUES[leaf_types()[path]] for path in there}, pieces=pieces)
    agreement = parse(small(ALL, rest=REST.replace("required = []", f"required = {required!r}")))
    assert missing(agreement, item) == tuple(path for path in required if not is_present(item, path))


def test_one_piece_without_the_value_is_missing():
    """A repeated field is there only if every piece has it."""
    agreement = parse(small(ALL, rest=REST.replace("required = []", 'required = ["content[].value.amount"]')))
    whole = build({"content[].value.amount": Decimal(1)})
    part = Item(content=(*whole.content, *build({"content[].hs": "6205"}, pieces=1).content))
    assert missing(agreement, whole) == ()
    assert missing(agreement, part) == ("content[].value.amount",)
    assert missing(agreement, Item()) == ("content[].value.amount",)
