# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Round trips over values that hypothesis chooses, judged by a field diff of its own."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

import adapters.eu_ics2
from adapters.eu_ics2 import Ics2Adapter
from gateway.sdk import (
    Address,
    ContentPiece,
    Item,
    Limits,
    LineFiling,
    Mass,
    Money,
    Party,
    leaf_types,
    values,
)

ADAPTER = Ics2Adapter.with_declared(Path(adapters.eu_ics2.__file__).parent / "samples" / "declared.toml")
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TEXT = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), min_size=1, max_size=90
).filter(lambda text: text == text.strip())
CODE = st.text("ABCDEFGHJK0123456789", min_size=1, max_size=17)
COUNTRY = st.text("ABCDEFGH", min_size=2, max_size=2)
MONEY = st.builds(
    Money,
    amount=st.decimals(Decimal("0.01"), Decimal(99999), allow_nan=False, places=3),
    currency=st.text("ABC", min_size=3, max_size=3),
)
MASS = st.builds(
    Mass,
    value=st.decimals(Decimal("0.001"), Decimal(9999), allow_nan=False, places=3),
    unit=st.just("KGM"),
)
PARTY = st.builds(
    Party,
    name=TEXT,
    identifier=st.none() | CODE,
    address=st.builds(Address, city=TEXT, country=COUNTRY, lines=st.none() | TEXT, postcode=st.none() | CODE),
    telephone=st.none() | CODE,
    email=st.none() | CODE,
    person_type=st.none() | st.sampled_from("123"),
)
PIECES = st.lists(
    st.builds(
        ContentPiece,
        description=TEXT,
        hs=st.none() | st.text("0123456789", min_size=4, max_size=10),
        commodity_code=st.none() | st.text("0123456789", min_size=4, max_size=10),
        origin_country=st.none() | COUNTRY,
        net_mass=st.none() | MASS,
        value=st.none() | MONEY,
        note=st.none() | TEXT,
        filing=st.builds(LineFiling, package_count=st.integers(1, 9)),
    ),
    min_size=1,
    max_size=3,
)
ITEMS = st.builds(
    Item,
    tracking_number=CODE,
    ucr=st.none() | CODE,
    direction=st.none() | st.just("export"),
    gross_mass=MASS,
    postage=st.none() | MONEY,
    sender=PARTY,
    addressee=PARTY,
    content=PIECES.map(tuple),
)


def numbered(item: Item) -> Item:
    """Return the item with its lines numbered, which the schema demands."""
    lines = [msgspec.structs.replace(one, number=number) for number, one in enumerate(item.content, 1)]
    return msgspec.structs.replace(item, content=tuple(lines))


def differences(before: Item, after: Item) -> dict[str, tuple[list[object], list[object]]]:
    """Return the leaf paths at which two items differ: the independent diff that losses are judged by."""
    both = {path: (values(before, path), values(after, path)) for path in leaf_types(Item)}
    return {
        path: pair
        for path, pair in both.items()
        if pair[0] != pair[1] and any(map(_there, (*pair[0], *pair[1])))
    }


def _there(value: object) -> bool:
    return value is not None


def plain(path: str) -> str:
    """Return a path without the numbers of its repetitions."""
    return "".join(
        part if "]" not in part else "]" + part.split("]")[1] for part in path.replace("[", "[\0").split("\0")
    )


@settings(max_examples=150, deadline=None)
@given(ITEMS.map(numbered))
def test_every_difference_is_a_told_loss_and_every_told_loss_is_a_difference(item) -> None:
    """What comes back differs exactly where the loss report says; it is neither silent nor alarmist."""
    encoded = ADAPTER.encode("postal_house", [item], NOW)
    (document,) = ADAPTER.decode(encoded.body, Limits()).documents
    (contribution,) = document.contributions
    told = {plain(one.path) for one in encoded.losses}
    assert set(differences(item, contribution.item)) == told


@settings(max_examples=50, deadline=None)
@given(ITEMS.map(numbered))
def test_writing_what_was_read_changes_nothing(item) -> None:
    """The second document equals the first to the byte, and nothing more is lost."""
    first = ADAPTER.encode("postal_house", [item], NOW)
    again = ADAPTER.decode(first.body, Limits()).documents[0].contributions[0].item
    second = ADAPTER.encode("postal_house", [again], NOW)
    assert second.body == first.body
    assert second.losses == ()
