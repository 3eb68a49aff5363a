# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of postal data quality, from records made by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.exchange.postal_rows import ReferralRow
from gateway.model import (
    Address,
    ContentPiece,
    Dispatch,
    Event,
    Item,
    Mass,
    Money,
    Party,
    Quantity,
    Receptacle,
    ReceptacleItem,
    Release,
    ReleaseFunction,
)
from gateway.trade.postal_quality import HOUR, Tally

START = datetime(2026, 11, 3, 8, tzinfo=UTC)
DAY = date(2026, 11, 2)


def at(hours):
    """Return a moment in milliseconds, hours after the start."""
    return int((START + timedelta(hours=hours)).timestamp() * 1000)


def whole(number, **more):
    """Return an item that lacks nothing."""
    party = Party(name="Mei Lan", address=Address(lines="8 Lotus Road", city="Hangzhou", country="CN"))
    there = Party(
        name="Ada Muster",
        address=Address(lines="4 Harbour Row", city="Westport", country="NL", postcode="1013 AB"),
    )
    money = Money(amount=1, currency="EUR")
    piece = ContentPiece(
        description="table cloth",
        hs="630251",
        origin_country="CN",
        quantity=Quantity(value=1, unit="C62"),
        net_mass=Mass(value=1, unit="KGM"),
        value=money,
    )
    fields = {
        "posting_date": DAY,
        "nature_of_transaction": "11",
        "sender": party,
        "addressee": there,
        "gross_mass": Mass(value=1, unit="KGM"),
        "content": (piece,),
    }
    return Item(tracking_number=number, **fields | more)


def release(item, reference="r", function=ReleaseFunction.ORIGINAL):
    """Return a record about an item."""
    return Release(reference=reference, version=1, function=function, item=item)


def closed(*numbers, hours=0.0, posted=None):
    """Return a dispatch that was closed with items in it."""
    items = tuple(ReceptacleItem(tracking_number=one, posting_date=posted) for one in numbers)
    receptacles = (Receptacle(number="S9", items=items),)
    when = START + timedelta(hours=hours)
    return release(
        Item(dispatch=Dispatch(number="D", stage="closed", closed_at=when, receptacles=receptacles))
    )


def test_matches_are_counted_both_ways() -> None:
    """Two of three announced items are in the dispatch, and two of its four were announced."""
    tally = Tally()
    for number in "ABC":
        tally.add(release(whole(number), number), at(0))
    tally.add(closed("A", "B", "X", "Y", hours=5), at(6))
    found = tally.figures([])
    assert (found.announced, found.dispatched, found.moved) == (3, 4, 4)
    assert found.data_in_dispatches == pytest.approx(2 / 3)
    assert found.dispatches_in_data == pytest.approx(2 / 4)
    assert found.coverage == pytest.approx(2 / 4)
    assert found.lead_median == pytest.approx(5)
    assert found.missing == {}


def test_late_data_is_data_after_leaving() -> None:
    """An item whose data came after its EMC event is late; another event says nothing about leaving."""
    tally = Tally()
    left = Event(code="EMC", scheme="EMSEVT", at=START)
    tally.add(release(Item(tracking_number="A", posting_date=DAY, event=left)), at(0))
    other = Event(code="EMA", scheme="EMSEVT", at=START)
    tally.add(release(Item(tracking_number="B", posting_date=DAY, event=other)), at(0))
    tally.add(release(whole("A"), "a"), at(2))
    tally.add(release(whole("B"), "b"), at(2))
    found = tally.figures([])
    assert (found.moved, found.late) == (1, 1.0)
    assert found.lead_median == pytest.approx(-2)
    assert found.days == {"2026-11-03": (2, 1)}


def test_amendments_and_repetitions_are_told_apart() -> None:
    """An amendment is no second arrival; an original under another reference is a duplicate."""
    tally = Tally()
    tally.add(release(whole("A"), "a"), at(0))
    tally.add(release(whole("A"), "a", ReleaseFunction.AMENDMENT), at(1))
    tally.add(release(whole("A"), "other"), at(2))
    tally.add(release(whole("A", posting_date=date(2027, 12, 1)), "later"), at(3))
    found = tally.figures([])
    assert (found.announced, found.duplicates, found.reused) == (2, 1, 1)


def test_absent_fields_are_named() -> None:
    """Each obligatory or wanted field that an item lacks is counted once for the item."""
    tally = Tally()
    tally.add(release(whole("A", sender=None), "a"), at(0))
    tally.add(release(whole("B", gross_mass=None), "b"), at(0))
    missing = tally.figures([]).missing
    assert missing["sender.name"] == 1
    assert missing["gross_mass.value"] == 1
    assert "addressee.name" not in missing


def test_turnaround_is_from_question_to_answer() -> None:
    """Answered referrals give the turnaround, open ones are counted, a block is no question."""

    def asked(key, kind, state, answered=0):
        return ReferralRow(
            id=key,
            tracking_number="A",
            posting_date="",
            authority="customs",
            referral=str(key),
            kind=kind,
            state=state,
            raised_at=at(0),
            answered_at=answered,
        )

    rows = [
        asked(1, "rfi", "released", at(4)),
        asked(2, "rfs", "answered", at(8)),
        asked(3, "rfi", "open"),
        asked(4, "dnl", "blocked"),
    ]
    found = Tally().figures(rows)
    assert found.turnaround_median == pytest.approx(6)
    assert (found.unanswered, found.referrals) == (1, {"rfi": 2, "rfs": 1})


def test_nothing_gives_no_figures() -> None:
    """Shares and times of nothing are absent, not zero."""
    found = Tally().figures([])
    assert (found.coverage, found.late, found.lead_median, found.turnaround_median) == (None,) * 4


def test_movement_without_posting_date_joins_the_latest_posting() -> None:
    """A dispatch that states no posting date is about the posting of the number that there is."""
    tally = Tally()
    tally.add(closed("A", hours=HOUR / HOUR), at(1))
    tally.add(release(whole("A"), "a"), at(0))
    found = tally.figures([])
    assert (found.moved, found.coverage) == (1, 1.0)
