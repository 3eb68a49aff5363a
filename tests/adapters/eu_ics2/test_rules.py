# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The low-value rules of the EU on the day before and the day after they change."""

import itertools
from datetime import date
from decimal import Decimal

import pytest

from adapters.eu_ics2.rules import Covers, Treatment, count_items, judge, low_value_rules
from gateway.sdk import ContentPiece, Money

LAST, FIRST = date(2026, 6, 30), date(2026, 7, 1)
SILK = ContentPiece(hs="620610", description="silk blouse")
WOOL = ContentPiece(hs="620620", description="wool blouse")
LONG = ContentPiece(commodity_code="6206109000")


def euros(amount):
    """Return an amount in euro."""
    return Money(amount=Decimal(amount), currency="EUR")


@pytest.mark.parametrize(
    ("content", "items"),
    [
        ((SILK, WOOL), 2),
        ((SILK, SILK), 1),
        ((SILK, LONG), 1),
        ((), 0),
        ((SILK, ContentPiece(hs="6206")), None),
    ],
)
def test_items_are_distinct_subheadings(content, items) -> None:
    """Lines of one subheading are one item; a line without six digits makes the number unknown."""
    assert count_items(content) == items


@pytest.mark.parametrize("covers", Covers)
def test_relief_ends_and_the_flat_duty_begins(covers) -> None:
    """A silk and a wool blouse are free on 30 June 2026 and cost EUR 6 on 1 July."""
    before = judge(euros("80"), (SILK, WOOL), LAST, covers=covers, under_ioss=True)
    after = judge(euros("80"), (SILK, WOOL), FIRST, covers=covers, under_ioss=True)
    assert (before.treatment, before.duty, before.rule) == (Treatment.RELIEF, euros("0"), "EU-LV-RELIEF")
    assert (after.treatment, after.items, after.duty) == (Treatment.FLAT, 2, euros("6.00"))


def test_the_sources_differ_on_goods_outside_ioss() -> None:
    """The chosen reading decides; neither is chosen silently."""
    narrow = judge(euros("80"), (SILK,), FIRST, covers=Covers.IOSS, under_ioss=False)
    wide = judge(euros("80"), (SILK,), FIRST, covers=Covers.ALL, under_ioss=False)
    assert narrow.treatment is Treatment.STANDARD
    assert (wide.treatment, wide.duty) == (Treatment.FLAT, euros("3.00"))


@pytest.mark.parametrize("day", [LAST, FIRST])
def test_the_threshold_belongs_to_low_value(day) -> None:
    """EUR 150.00 is low value, a cent more is not."""
    assert (
        judge(euros("150.00"), (SILK,), day, covers=Covers.ALL, under_ioss=True).treatment
        is not Treatment.STANDARD
    )
    assert (
        judge(euros("150.01"), (SILK,), day, covers=Covers.ALL, under_ioss=True).treatment
        is Treatment.STANDARD
    )


def test_what_cannot_be_known_is_said_so() -> None:
    """Another currency, a line without a subheading and a day without a rule give no duty and a reason."""
    cases = (
        (Money(amount=Decimal(80), currency="CNY"), (SILK,), FIRST, "the value is not in EUR"),
        (euros("80"), (ContentPiece(),), FIRST, "a line states no subheading of six digits"),
        (euros("80"), (SILK,), date(2028, 7, 1), "no rule for the day"),
    )
    for value, content, day, reason in cases:
        found = judge(value, content, day, covers=Covers.ALL, under_ioss=True)
        assert (found.treatment, found.duty, found.reason) == (Treatment.UNKNOWN, None, reason)


def test_every_rule_names_its_source_and_no_day_has_two() -> None:
    """For each reading the days of the rules do not overlap."""
    assert all(one.source for one in low_value_rules())
    for covers in Covers:
        spans = sorted((one.valid_from, one.valid_to) for one in low_value_rules() if covers in one.covers)
        assert all(end < begin for (_, end), (begin, _) in itertools.pairwise(spans))
