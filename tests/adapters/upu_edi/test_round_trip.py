# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is written is read again as it was, for every message and whatever the texts hold."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.upu_edi import adapter
from gateway.sdk import (
    Address,
    Answer,
    Assessment,
    ContentPiece,
    Dispatch,
    Event,
    Item,
    Limits,
    Mass,
    Money,
    Opening,
    Party,
    PostalService,
    Quantity,
    Receptacle,
    ReceptacleItem,
    Request,
    Screening,
    Tax,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
# Letters of several scripts, and every character that means something to EDIFACT.
texts = (
    st.text(st.sampled_from("abcXYZ 0123456789'+:?*.,-éß中文"), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
words = st.text(st.sampled_from("ABCDEFGH0123456789"), min_size=1, max_size=17)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
moments = st.integers(1_577_836_800, 1_893_456_000).map(lambda one: datetime.fromtimestamp(one, UTC))
numbers = st.integers(1, 10**9).map(lambda one: Decimal(one) / 1000)
countries = st.sampled_from(["CN", "NL", "DE", "US"])
masses = numbers.map(lambda one: Mass(value=one, unit="KGM"))
moneys = st.builds(lambda one: Money(amount=one, currency="EUR"), numbers)
maybe = st.none
tracking = st.sampled_from(["LX473124829CN", "LX100000003CN", "LX100000017CN"])
addresses = st.builds(
    Address,
    lines=maybe() | texts,
    city=maybe() | texts,
    subdivision=maybe() | texts,
    postcode=maybe() | words,
    country=countries,
)
parties = st.builds(Party, name=texts, telephone=maybe() | words, email=maybe() | words, address=addresses)


@st.composite
def pieces(draw):
    """A goods line."""
    code = draw(st.sampled_from(["630251", "6302510000", "6302"]))
    return ContentPiece(
        number=draw(st.integers(1, 999)),
        description=draw(texts),
        commodity_code=code,
        hs=code[:6],
        origin_country=draw(countries),
        quantity=Quantity(value=draw(numbers), unit="C62"),
        net_mass=draw(masses),
        value=draw(moneys),
    )


@st.composite
def items(draw):
    """An item as a post says it."""
    return Item(
        tracking_number=draw(tracking),
        posting_date=draw(days),
        nature_of_transaction=draw(st.sampled_from(["11", "31", "99"])),
        destination_country=draw(countries),
        departure_country=draw(maybe() | countries),
        postal=draw(st.builds(PostalService, mail_class=words, origin_operator=words, local_number=texts)),
        gross_mass=draw(masses),
        goods_value=draw(maybe() | moneys),
        postage=draw(maybe() | moneys),
        insured_value=draw(maybe() | moneys),
        sender=draw(parties),
        addressee=draw(parties),
        note=draw(maybe() | texts),
        content=tuple(draw(st.lists(pieces(), max_size=3))),
    )


about = {"tracking_number": tracking, "posting_date": days}
assessments = st.builds(
    Item,
    **about,
    assessment=st.builds(
        Assessment,
        reference=texts,
        authority=words,
        phase=st.sampled_from(["receipt", "pre_loading", "pre_arrival", "final"]),
        outcome=st.sampled_from(["rfi", "rfs", "dnl", "amend", "complete", "release", "hold"]),
        referral=maybe() | words,
        reason=maybe() | texts,
        at=moments,
        answer_by=maybe() | moments,
        requests=st.lists(st.builds(Request, code=words, text=texts), max_size=3).map(tuple),
        screenings=st.lists(st.builds(Screening, method=words), max_size=2).map(tuple),
        taxes=st.lists(st.builds(Tax, kind=words, rate=numbers, amount=moneys), max_size=2).map(tuple),
        total=maybe() | moneys,
    ),
)
answers = st.builds(
    Item,
    **about,
    answer=st.builds(
        Answer,
        referral=words,
        kind=st.sampled_from(["data", "amendment", "screening"]),
        text=maybe() | texts,
        result=maybe() | words,
        at=moments,
        openings=st.lists(st.builds(Opening, path=words, value=texts, salt=words), max_size=2).map(tuple),
    ),
)
events = st.builds(
    Item,
    **about,
    event=st.builds(
        Event,
        code=st.sampled_from(["EMA", "EMC", "EMD", "EMI"]),
        scheme=st.just("EMSEVT"),
        at=moments,
        office=st.just("CNHGHA"),
        note=maybe() | texts,
    ),
)


def dispatches(stage):
    """Dispatches at a stage."""
    inside = st.builds(ReceptacleItem, tracking_number=tracking, posting_date=maybe() | days)
    bags = st.builds(
        Receptacle,
        number=words,
        gross_mass=maybe() | masses,
        item_count=maybe() | st.integers(0, 999),
        items=st.lists(inside, max_size=3).map(tuple),
    )
    return st.builds(
        Item,
        dispatch=st.builds(
            Dispatch,
            number=words,
            stage=st.just(stage),
            closed_at=maybe() | moments,
            origin_office=st.just("CNHGHA"),
            mail_class=maybe() | words,
            receptacles=st.lists(bags, max_size=3).map(tuple),
        ),
    )


MESSAGES = {
    "ITMATT": items(),
    "CUSITM": items(),
    "CUSRSP": assessments,
    "ITMREF": assessments,
    "REFRSP": answers,
    "EMSEVT": events,
    "PREDES": dispatches("closed"),
    "RESDES": dispatches("scanned"),
    "PRECON": dispatches("consigned"),
    "CARDIT": dispatches("consigned"),
    "RESDIT": dispatches("carried"),
}


@pytest.mark.parametrize("name", MESSAGES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_reading_undoes_writing(name, data):
    """A record that a message can carry comes back as it was, and nothing is told as lost."""
    item = data.draw(MESSAGES[name])
    encoded = adapter.encode(name, [item], NOW)
    assert encoded.losses == ()
    (document,) = adapter.decode(encoded.body, Limits()).documents
    (said,) = document.contributions
    assert said.item == item


def test_what_a_message_cannot_carry_is_told():
    """A leaf without a place in the message is a loss with its path."""
    item = Item(tracking_number="LX473124829CN", list_number="1234", package_count=2)
    lost = {one.path for one in adapter.encode("ITMATT", [item], NOW).losses}
    assert {"list_number", "package_count"} <= lost
