# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of an item is shown without its persons."""

from dataclasses import replace

import msgspec

from gateway.exchange.query import ReceivedRecord, Trace
from gateway.explanation import Explanation, FieldWay
from gateway.finding import finding
from gateway.model import MASK, Address, Item, Party, Release, ReleaseFunction
from gateway.trade.masking import mask_timeline, mask_trace
from gateway.trade.timeline import Timeline

NAME, STREET = "Quillonby Zaepfelstedt", "Nowhere Lane 1"
CHANNEL = "customs-nl/customs-cn/item"
ITEM = Item(
    tracking_number="LX000000009CN",
    addressee=Party(name=NAME, address=Address(lines=STREET, country="NL")),
    platform=Party(name="Some Platform Ltd"),
    note=f"for {NAME}",
)
TRACE = Trace(7, "LX000000009CN", "open", 1, ITEM, (), (), {}, ())


def way(path, value, **more):
    """Return the way of a released field."""
    return FieldWay(path, value, "supplement", (), "pass", "4(1)", "released", value, **more)


def timeline(*fields):
    """Return all that is known of an item that left and came back."""
    release = Release(reference="r", version=1, function=ReleaseFunction.ORIGINAL, item=ITEM)
    received = ReceivedRecord(
        "customs-nl", "customs-nl/customs-cn/item", 1, "b", 0, 5, "accepted", 3, release
    )
    told = Explanation("LX000000009CN", "customs-nl", "a", 1, "sent", True, "", fields)
    return Timeline(
        tracking_number="LX000000009CN",
        moments=(),
        trace=TRACE,
        fields=(told,),
        received=(received,),
        referrals=(),
        controls=None,
        returns=(),
        account=(),
        bundle="/v1/items/LX000000009CN/bundle",
    )


def test_nothing_of_a_timeline_names_the_person():
    """Neither item, nor fields, nor what came tells name or street; the firm, the country and states stay."""
    cut = way("addressee.name", NAME, change=f"shortened [rule 1] {NAME} to {NAME[:9]}")
    shown = mask_timeline(timeline(cut, way("platform.name", "Some Platform Ltd"), way("note", NAME)))
    text = msgspec.json.encode(shown).decode()
    assert NAME[:9] not in text
    assert STREET not in text
    assert text.count("Some Platform Ltd") == 4
    assert shown.masked
    assert shown.trace.masked
    assert shown.received[0].masked
    name, firm, _ = shown.fields[0].fields
    assert (name.value, name.released, name.change, name.masked) == (MASK, MASK, "shortened [rule 1]", True)
    assert (firm.value, firm.masked) == ("Some Platform Ltd", False)


def test_what_is_withheld_shows_its_commitment_still():
    """The digest that stands for a committed name is no name, and is shown."""
    committed = replace(way("addressee.name", NAME), outcome="committed", released="ab" * 32)
    (shown,) = mask_timeline(timeline(committed)).fields[0].fields
    assert (shown.value, shown.released) == (MASK, "ab" * 32)


def test_findings_quote_nobody():
    """A finding about a person, or in the terms of a format, quotes nothing; one about a count does."""
    of_person = finding("XML-DTD", path="addressee.name", actual=NAME, expected="a name")
    of_format = finding("XML-DTD", path="Order[1]/buyerName", actual=NAME)
    of_count = finding("XML-DTD", path="package_count", actual="0", expected="1")
    shown = mask_trace(replace(TRACE, findings=(of_person, of_format, of_count))).findings
    assert [(one.actual, one.expected) for one in shown] == [(MASK, MASK), (MASK, ""), ("0", "1")]


def test_an_item_that_was_erased_is_shown_as_nothing():
    """Where there is no item there is nothing to mask."""
    assert mask_trace(replace(TRACE, item=None)).item is None
