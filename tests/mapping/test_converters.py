# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Converters on their own."""

from datetime import UTC, date, datetime

import pytest

from gateway.codelists import load
from gateway.mapping import UnknownCode, code_list_map, code_map
from gateway.mapping.converters import BUILT_IN


def test_the_first_code_of_several_is_written():
    """Several codes may read as one value; the way back is the first of them."""
    units = code_map("units", [("007", "C62"), ("011", "C62")])
    assert (units.decode("011"), units.encode("C62")) == ("C62", "007")


def test_an_unknown_code_raises_both_ways():
    """A code map never guesses."""
    units = code_map("units", {"007": "C62"})
    for ask in (units.decode, units.encode):
        with pytest.raises(UnknownCode, match="units"):
            ask("x")


@pytest.mark.parametrize("pairs", [[("", "a")], [("a", "")], [("a", "b"), ("a", "c")]])
def test_a_contradictory_code_map_is_refused(pairs):
    """Empty codes and codes that stand twice are faults."""
    with pytest.raises(ValueError, match="empty or repeated"):
        code_map("x", pairs)


def test_a_code_list_becomes_a_map():
    """A loaded list keeps its own way back."""
    currency = code_list_map(load("ceb_currency", on=date(2026, 1, 1)))
    assert (currency.decode("502"), currency.encode("CNY")) == ("USD", "142")


def test_times_are_read_in_china_and_kept_in_utc():
    """The fourteen digits are China time."""
    time = BUILT_IN["datetime14"]
    moment = datetime(2025, 12, 31, 16, 0, 1, tzinfo=UTC)
    assert time.decode("20260101000001") == moment
    assert time.encode(moment) == "20260101000001"


@pytest.mark.parametrize("text", ["2026W011", "20261301", "2026010", "٢٠٢٦٠١٠١", "20260229"])
def test_only_dates_of_the_calendar_pass(text):
    """Week dates, foreign digits and days that do not exist are refused."""
    with pytest.raises(ValueError, match="a date YYYYMMDD"):
        BUILT_IN["date8"].decode(text)


@pytest.mark.parametrize("text", ["20260101240000", "20260101006000", "00010101000000", "2026010100000"])
def test_only_times_of_the_clock_pass(text):
    """Hours and minutes that do not exist, and times before the calendar, are refused."""
    with pytest.raises(ValueError, match="a time YYYYMMDDhhmmss"):
        BUILT_IN["datetime14"].decode(text)
