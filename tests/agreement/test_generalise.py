# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rules of generalisation: examples, and that a rule leaves its own result unchanged."""

import datetime as dt
import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.generalise import rule

TIME = dt.datetime(2026, 11, 22, 1, 30, 5, tzinfo=dt.timezone(dt.timedelta(hours=8)))
TEXT_RULES = ("hs2", "hs4", "hs6", "country", "prefix:1", "prefix:35")
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=5)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("hs6", "6205200099", "620520"),
        ("hs6", "6205", "6205"),
        ("hs4", "620520", "6205"),
        ("hs2", "620520", "62"),
        ("hs6", "6205.20", None),
        ("hs6", "\u0666\u0662", None),
        ("country", "NL-UT", "NL"),
        ("country", "NL", "NL"),
        ("country", "Utrecht", None),
        ("prefix:2", "3511AA", "35"),
        ("prefix:9", "3511AA", "3511AA"),
        ("month", dt.date(2026, 11, 22), dt.date(2026, 11, 1)),
        ("year", dt.date(2026, 11, 22), dt.date(2026, 1, 1)),
        ("day", TIME, dt.datetime(2026, 11, 21, tzinfo=dt.UTC)),
        ("month", TIME, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
        ("year", TIME, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ("day", TIME.replace(tzinfo=None), None),
        ("day", dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-9))), None),
        ("band:50", Decimal("90.00"), Decimal(100)),
        ("band:50", Decimal(100), Decimal(100)),
        ("band:0.5", Decimal("0.1"), Decimal("0.5")),
        ("band:100", Decimal(0), Decimal(0)),
        ("band:100", Decimal(-1), Decimal(-100)),
        ("band:100", Decimal("NaN"), None),
        ("band:100", Decimal("sNaN"), None),
        ("band:100", Decimal("Infinity"), None),
        ("band:1", Decimal("1e70"), None),
        ("band:10", 3, 10),
        ("band:10", 10, 10),
    ],
)
def test_examples(name, value, expected):
    """Each rule does what its name says, and withholds a value that it cannot read."""
    assert rule(name, type(value))(value) == expected


@given(st.sampled_from(TEXT_RULES), st.text("0123456789NLUT-", max_size=12) | st.text(max_size=12))
def test_text_rules_are_idempotent(name, value):
    """A generalised text is unchanged by its rule, and never longer than before."""
    coarse = rule(name, str)(value)
    if coarse is not None:
        assert rule(name, str)(coarse) == coarse
        assert value.startswith(coarse)


@given(st.sampled_from(["band:1", "band:50", "band:0.3", "band:1000"]), numbers)
def test_bands_are_idempotent_and_keep_zero_apart(name, value):
    """The end of a band is unchanged by its rule, is a multiple, and is zero only for zero."""
    coarse = rule(name, Decimal)(value)
    width = Decimal(name.partition(":")[2])
    assert rule(name, Decimal)(coarse) == coarse
    assert coarse % width == 0
    assert abs(value) <= abs(coarse) < abs(value) + width
    assert bool(coarse) == bool(value)


@given(
    st.datetimes(timezones=st.sampled_from([dt.UTC, TIME.tzinfo])), st.sampled_from(["year", "month", "day"])
)
def test_time_rules_are_idempotent(value, name):
    """A generalised time is unchanged by its rule."""
    coarse = rule(name, dt.datetime)(value)
    if coarse is not None:
        assert rule(name, dt.datetime)(coarse) == coarse


def test_result_does_not_depend_on_the_thread():
    """A narrow decimal context of the caller does not change a band."""
    with decimal.localcontext() as context:
        context.prec = 2
        assert rule("band:0.01", Decimal)(Decimal("123456.789")) == Decimal("123456.79")


@pytest.mark.parametrize(
    ("name", "kind"), [("hs6", int), ("band:5", str), ("day", dt.date), ("", str), ("hs6", bytes)]
)
def test_unknown_rules_say_what_is_known(name, kind):
    """A rule that does not exist for the type is refused with those that do."""
    with pytest.raises(ValueError, match=r"band|hs6|year|no rule"):
        rule(name, kind)
