# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from collections import Counter
from datetime import UTC, datetime

import pytest

from adapters.gacc_ceb import adapter, b2b
from gateway.sdk import Limits, has_errors


def _said(message) -> set[str]:
    """Return the codes of declaration by list that a message draws."""
    found = (one.code for document in message.documents for one in document.findings)
    return {one for one in found if one.startswith("CEB-B2B")}


def _on(raw: str, moment: str) -> str:
    """Return a message applied for at another moment."""
    return raw.replace("<ceb:appTime>20261102103000<", f"<ceb:appTime>{moment}<")


@pytest.mark.parametrize("mode", ["9710", "9810"])
@pytest.mark.parametrize(
    ("total", "good"), [("4954", True), ("4954.01", False), ("4953.99", True), ("100000", False)]
)
def test_a_b2b_list_is_worth_at_most_5000_yuan(*, decode, text, mode, total, good) -> None:
    """5,000 is allowed with its second line of 46 yuan, a cent more is not."""
    raw = text(f"ceb603_{mode}").replace("price>28<", f"price>{total}<").replace(">56<", f">{total}<")
    message = decode(raw.replace("<ceb:qty>2<", "<ceb:qty>1<"))
    assert ("CEB-B2B-LIST-VALUE" not in _said(message)) is good
    assert has_errors(message.documents[0].findings) is not good


def test_a_retail_list_has_no_such_limit(decode, text) -> None:
    """Mode 9610 may be worth more."""
    raw = text("ceb603").replace("price>28<", "price>9000<").replace("totalPrice>56<", "totalPrice>18000<")
    assert _said(decode(raw)) == set()


def test_a_licence_forbids_a_b2b_list(decode, text) -> None:
    """Goods under licence go by full declaration in 9710 and 9810, and are free in 9610."""
    filled = "licenseNo>LIC1<"
    assert _said(decode(text("ceb603_9710").replace("licenseNo><", filled))) == {"CEB-B2B-LIST-LICENCE"}
    assert _said(decode(text("ceb603").replace("licenseNo><", filled))) == set()


def test_another_currency_is_not_compared(decode, text) -> None:
    """Without a rate of exchange nothing is judged, and that is said."""
    message = decode(text("ceb603_9710").replace("currency>142<", "currency>502<"))
    assert _said(message) == {"CEB-B2B-VALUE-CURRENCY"}
    assert message.documents[0].contributions


@pytest.mark.parametrize(
    ("mode", "hs"),
    [("9610", ["6109", "7323"]), ("9710", ["610910", "732393"]), ("9810", ["610910", "732393"])],
)
def test_simplified_goods_keep_four_digits_in_retail_and_six_in_b2b(decode, text, mode, hs) -> None:
    """How long a commodity code means something depends on the trade mode."""
    message = decode(text("ceb603").replace("tradeMode>9610<", f"tradeMode>{mode}<"))
    assert [one.hs for one in message.documents[0].contributions[0].item.content] == hs


def test_a_b2b_code_of_four_digits_and_zeros_warns(decode, text) -> None:
    """A heading filled up with zeros is no subheading, unless it happens to be one."""
    raw = text("ceb603").replace("6109100010", "6109000000")
    assert _said(decode(raw)) == set()
    message = decode(raw.replace("tradeMode>9610<", "tradeMode>9710<"))
    assert _said(message) == {"CEB-B2B-HS-LENGTH"}
    assert message.documents[0].contributions


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("20241214000000", True),
        ("20241214235959", True),
        ("20241215000000", False),
        ("20241216120000", False),
    ],
)
def test_the_payment_receipt_was_dropped_on_15_december_2024(*, decode, text, moment, before) -> None:
    """The day is that of China: a list needed a receipt until the 14th, a receipt is idle from the 15th."""
    asked = "CEB-B2B-PAYMENT-BEFORE" in _said(decode(_on(text("ceb603"), moment)))
    idle = "CEB-B2B-PAYMENT-DROPPED" in _said(decode(_on(text("ceb403"), moment)))
    assert (asked, idle) == (before, not before)


@pytest.mark.parametrize("name", ["ceb303_stocking", "ceb603_9810"])
@pytest.mark.parametrize(("moment", "before"), [("20241214235959", True), ("20241215000000", False)])
def test_the_filing_of_overseas_warehouses_was_abolished_on_15_december_2024(
    *, decode, text, name, moment, before
) -> None:
    """Stocking orders and 9810 lists say until the 14th that the filing is not judged, then nothing."""
    message = decode(_on(text(name), moment))
    assert ("CEB-B2B-WAREHOUSE-FILING" in _said(message)) is before
    assert message.documents[0].contributions


@pytest.mark.parametrize(("moment", "good"), [("20200630235959", False), ("20200701000000", True)])
def test_the_b2b_modes_began_on_1_july_2020(*, decode, text, moment, good) -> None:
    """A 9710 list of the day before is refused."""
    assert ("CEB-B2B-MODE-DATE" not in _said(decode(_on(text("ceb603_9710"), moment)))) is good


@pytest.mark.parametrize(("name", "kind"), [("ceb303", "E"), ("ceb303_b2b", "B"), ("ceb303_stocking", "W")])
def test_order_types_survive_the_way_out_and_back(decode, text, now, name, kind) -> None:
    """Retail, B2B and stocking orders keep their type; a foreign warehouse may have no code."""
    items = adapter.items(text(name).encode(), Limits())
    assert items[0].order_type == kind
    assert adapter.items(adapter.encode("CEB303", items, now).body, Limits()) == items
    keys = decode(text(name)).documents[0].contributions[0].keys
    platform, seller = items[0].platform.identifier, items[0].seller or items[0].sender
    place = f"无@{seller.identifier}" if platform == "无" else platform
    assert keys == (f"ord:{place}|{items[0].order_number}",)


def test_every_rule_has_a_source_and_says_whether_it_was_read() -> None:
    """No rule stands without source, and none of them is called verified that only second-hand texts tell."""
    assert all(one.source for one in b2b.rules())
    assert Counter(one.code for one in b2b.rules()).most_common(1)[0][1] == 1
    assert b2b.rules()[0].holds(datetime(2020, 6, 30, 15, 59, 59, tzinfo=UTC))
    assert not b2b.rules()[0].holds(datetime(2020, 6, 30, 16, tzinfo=UTC))
