# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The short way of a release gives what treatment and writing give in turn, bytes and failures alike."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from gateway.agreement import compile_treatment, parse
from gateway.exchange.release import compile_short_way, prepare
from gateway.exchange.rows import ToRelease
from gateway.model import Item, Money, ReleaseFunction, pack_item
from tests.agreement.samples import field, small
from tests.agreement.test_treat import KEY, SECRET, agreements, items

# Each example compiles an agreement twice, and the first draw loads the time zones.
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def both(agreement, item, function="original"):
    """Return what the long and the short way make of an item."""
    share = ToRelease(
        share=1,
        version=3,
        function=ReleaseFunction(function),
        tracking_number="",
        secret=SECRET,
        body=pack_item(item),
    )
    treat, short = compile_treatment(agreement, KEY), compile_short_way(agreement, KEY)
    return prepare(agreement, treat, [share]), prepare(agreement, treat, [share], short=short)


@FEW
@given(agreements(), items())
def test_both_ways_give_the_same_bytes(agreement, item):
    """Whatever an agreement names and an item holds, the short way gives the payload of the long one."""
    long, short = both(agreement, item)
    assert long == short


@FEW
@given(agreements(), items())
def test_both_ways_give_the_same_cancellation(agreement, item):
    """A cancellation carries identification only, on both ways."""
    long, short = both(agreement, item, "cancellation")
    assert long == short


def test_what_cannot_be_written_fails_alike():
    """A number that is none and a text that is broken fail their share with the same findings."""
    agreement = parse(small(field(["goods_value.amount", "note"], "pass")))
    for item in (
        Item(goods_value=Money(amount=Decimal("NaN"))),
        Item(goods_value=Money(amount=Decimal("Infinity"))),
    ):
        long, short = both(agreement, item)
        assert [found[0].code for _, found in short.failed] == ["WIRE-UNWRITABLE"]
        assert long == short


def test_an_unreadable_body_fails_alike():
    """A body that is no item fails its share on both ways."""
    agreement = parse(small(field(["note"], "pass")))
    for body in (b"\xc1", b"\x81\xa4note\x01", b""):
        share = ToRelease(
            share=1,
            version=1,
            function=ReleaseFunction.ORIGINAL,
            tracking_number="",
            secret=SECRET,
            body=body,
        )
        treat, short = compile_treatment(agreement, KEY), compile_short_way(agreement, KEY)
        long = prepare(agreement, treat, [share])
        assert [found[0].code for _, found in long.failed] == ["RELEASE-FAILED"]
        assert long == prepare(agreement, treat, [share], short=short)
