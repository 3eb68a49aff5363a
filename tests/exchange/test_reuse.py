# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Items that bear one number after another are kept apart by their posting dates."""

import itertools
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Party
from tests.document_bench import DocumentBench
from tests.partner_messages import said

NUMBER = "RX000000001CN"
FIRST, SECOND, THIRD = date(2023, 3, 1), date(2025, 6, 1), date(2026, 11, 1)


def posted(day, reference, kind="postal", function="new", **fields):
    """Return words about one posting of the number."""
    return said(kind, function, reference, tracking_number=NUMBER, posting_date=day, **fields)


def undated(reference, day=None, **fields):
    """Return words that state no posting date, issued on a day if one is given."""
    issued = None if day is None else datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return said("waybill", reference=reference, issued_at=issued, tracking_number=NUMBER, **fields)


def after(*messages):
    """Return the postings after messages that came one by one."""
    bench = DocumentBench()
    for one in messages:
        bench.take(one)
    return bench.postings()


def test_two_posting_dates_make_two_items():
    """One number with two posting dates is two items, each with its own words and nothing of the other's."""
    found = after(
        posted(SECOND, "A", note="second", sender=Party(name="Ada")), posted(FIRST, "B", note="first")
    )
    assert {day: item.note for (_, day), (_, item, _) in found.items()} == {FIRST: "first", SECOND: "second"}
    assert found[NUMBER, FIRST][1].sender is None


def test_words_of_the_same_posting_are_merged():
    """Two sources that state the same posting date speak of one item."""
    found = after(posted(FIRST, "A", note="one"), posted(FIRST, "F", kind="filing", mrn="26NL1"))
    ((_, item, codes),) = found.values()
    assert (item.note, item.mrn, codes) == ("one", "26NL1", ())


@pytest.mark.parametrize(
    ("later", "code"),
    [
        (date(2024, 2, 29), "ASSEMBLE-REUSED-EARLY"),
        (date(2024, 3, 1), "ASSEMBLE-REUSED"),
        (date(2023, 3, 2), "ASSEMBLE-REUSED-EARLY"),
    ],
)
def test_reuse_is_flagged_by_calendar(later, code):
    """Twelve months are counted by the calendar, leap days too; only the later item bears the finding."""
    found = after(posted(FIRST, "A"), posted(later, "B"))
    assert [found[NUMBER, day][2] for day in (FIRST, later)] == [(), (code,)]


def test_earlier_posting_that_turns_up_late_flags_the_later_one():
    """The finding is on the later item even if the earlier one becomes known after it; its version stays."""
    bench = DocumentBench()
    bench.take(posted(SECOND, "B"))
    bench.take(posted(FIRST, "A"))
    assert bench.postings()[NUMBER, SECOND][2] == ("ASSEMBLE-REUSED",)
    assert [row.version for row in bench.rows()] == [1, 1]


def test_undated_words_belong_to_the_posting_before_them():
    """Undated words go to the latest posting not after their issue, else to the first or the last."""
    between, before, timeless = (
        undated("W1", date(2025, 1, 1), order_type="B"),
        undated("W2", date(2020, 1, 1), area_code="x"),
        undated("W3", area_name="y"),
    )
    found = after(posted(FIRST, "A"), posted(SECOND, "B"), between, before, timeless)
    first, second = found[NUMBER, FIRST][1], found[NUMBER, SECOND][1]
    assert (first.order_type, first.area_code, first.area_name) == ("B", "x", None)
    assert (second.order_type, second.area_code, second.area_name) == (None, None, "y")


def test_deleting_one_posting_leaves_the_other():
    """A deletion that states no date deletes the item whose document it names."""
    bench = DocumentBench()
    bench.take(posted(FIRST, "A", note="first"), posted(SECOND, "B", note="second"))
    bench.take(posted(None, "A", function="delete"))
    assert {day: one[0] for (_, day), one in bench.postings().items()} == {FIRST: "deleted", SECOND: "open"}


def test_no_item_is_left_behind_when_dates_are_corrected():
    """Whatever way posting dates are corrected, only postings that somebody states now stay open."""
    bench = DocumentBench()
    bench.take(posted(FIRST, "A"), posted(SECOND, "B"))
    for day, reference in itertools.product((None, FIRST, THIRD, SECOND), "AB"):
        bench.take(posted(day, reference, function="change", note=f"{day} {reference}"))
        stated = {row.body for row in bench.rows() if row.state == "open"}
        assert len(stated) == sum(row.state == "open" for row in bench.rows())
    assert [day for (_, day), one in bench.postings().items() if one[0] == "open"] == [SECOND]


WORDS = [
    posted(FIRST, "A", note="first"),
    posted(SECOND, "B", note="second"),
    posted(THIRD, "C", note="third"),
    posted(SECOND, "F", kind="filing", mrn="25NL1"),
    undated("W1", date(2023, 5, 1), order_type="B"),
    undated("W2", date(2026, 11, 2), area_code="x"),
    undated("W3", area_name="y"),
]


@settings(max_examples=80, deadline=None)
@given(st.permutations(WORDS), st.lists(st.integers(1, 3), max_size=5))
def test_order_of_arrival_never_matters(words, cuts):
    """However words about three postings are ordered and grouped, the same three items result."""
    expected = after(*WORDS)
    assert len(expected) == 3
    bench, rest = DocumentBench(), list(words)
    for cut in [*cuts, len(rest)]:
        bench.take(*rest[:cut])
        rest = rest[cut:]
    found = bench.postings()
    assert found == expected
    assert found[NUMBER, THIRD][1].note == "third"
