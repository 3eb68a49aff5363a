# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing and reading again changes nothing that has a row."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.model import ContentPiece, Item, Mass, Money, Party, Quantity, Transport


def texts(low, high):
    """Return texts that no reader trims."""
    letters = st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
    return st.text(letters, min_size=low, max_size=high)


def numbers(whole, places, *, signed=False):
    """Return decimals within the digits."""
    limit = Decimal(10) ** whole - 1
    return st.decimals(-limit if signed else 0, limit, places=places, allow_nan=False).map(
        lambda one: one + 0
    )


FIRST, LAST = datetime(1000, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - the strategy adds the zone
SENDER = st.builds(
    Party,
    name=texts(1, 10),
    identifier=st.text("ABC12", min_size=2, max_size=5),
    identifier_scheme=st.just("syn"),
)
TRANSPORT = st.builds(
    Transport,
    bill_number=texts(1, 9),
    departed_at=st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(lambda one: one.replace(microsecond=0)),
)
LINE = st.builds(
    lambda number, currency, total, price, quantity, unit: ContentPiece(
        number=number,
        value=Money(amount=total, currency=currency),
        unit_price=Money(amount=price, currency=currency),
        quantity=Quantity(value=quantity, unit=unit),
    ),
    st.integers(0, 999),
    st.sampled_from(["CNY", "EUR", None]),
    numbers(5, 2, signed=True),
    numbers(5, 2),
    numbers(5, 2),
    st.sampled_from(["C62", "KGM", "SYN:099", None]),
)
ITEM = st.builds(
    Item,
    tracking_number=texts(1, 13),
    trade_mode=st.sampled_from(["AA", "BB", None]),
    sender=st.none() | SENDER,
    direction=st.just("export"),
    posting_date=st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    transport=st.none() | TRANSPORT,
    package_count=st.none() | st.integers(0, 9999),
    gross_mass=st.none() | st.builds(Mass, value=numbers(6, 3), unit=st.just("KGM")),
    note=st.none() | st.just("") | texts(1, 30),
    content=st.lists(LINE, max_size=3).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEM)
def test_reading_what_was_written_gives_the_same_item(syn, item):
    """Decode after encode is the identity on every mapped leaf, without loss or error."""
    document, losses, found = syn.encode(item, {"Head": {"guid": "G001"}})
    assert (losses, found) == ([], [])
    again, found = syn.decode(document)
    assert again == item
    assert {one.code for one in found} <= {"SCHEMA-CODE-UNKNOWN"}
