# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The stored form of the records keeps every value."""

import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model import (
    Contribution,
    Item,
    Mass,
    Record,
    pack_contribution,
    pack_item,
    unpack_contribution,
    unpack_item,
)

LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**31), 2**31 - 1),
    Decimal: st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=5),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}
SLOW = settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)


def anything(annotation: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for an annotation of a record."""
    if isinstance(annotation, UnionType):
        return st.one_of(*(anything(one) for one in typing.get_args(annotation)))
    if annotation is type(None):
        return st.none()
    if typing.get_origin(annotation) is tuple:
        return st.lists(anything(typing.get_args(annotation)[0]), max_size=2).map(tuple)
    if issubclass(annotation, Record):
        return records(annotation)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return LEAVES[annotation]


def records(record: type[Record]) -> st.SearchStrategy[Any]:
    """Return a strategy that fills every field of a record."""
    fields = {one.name: anything(one.type) for one in msgspec.structs.fields(record)}
    return st.fixed_dictionaries(fields).map(lambda values: record(**values))


@SLOW
@given(records(Item))
def test_item_comes_back_as_it_was(item: Item) -> None:
    """Packing and unpacking an item is the identity, decimals and moments included."""
    assert unpack_item(pack_item(item)) == item


@SLOW
@given(records(Contribution))
def test_contribution_comes_back_as_it_was(contribution: Contribution) -> None:
    """Packing and unpacking a contribution is the identity."""
    assert unpack_contribution(pack_contribution(contribution)) == contribution


def test_absent_fields_take_no_room() -> None:
    """An item that says one thing is stored as one thing."""
    assert msgspec.msgpack.decode(pack_item(Item(note="x"))) == {"note": "x"}


def test_digits_of_a_decimal_are_kept() -> None:
    """Trailing zeros are part of what was said."""
    item = Item(gross_mass=Mass(value=Decimal("12.50"), unit="KGM"))
    mass = unpack_item(pack_item(item)).gross_mass
    assert mass is not None
    assert str(mass.value) == "12.50"
