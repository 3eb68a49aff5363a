# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rules of export lists that need rates, tables or other documents, on a real store."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

import adapters.gacc_ceb
from adapters.gacc_ceb import adapter
from gateway.clock import milliseconds
from gateway.dated_rule import dated_rule
from gateway.errors import ConfigError
from gateway.exchange.assemble import assemble, judge
from gateway.exchange.rows import MessageRow, PackedContribution, PackedDocument
from gateway.exchange.touched import Arrival
from gateway.model import pack_contribution
from gateway.sdk import Limits
from gateway.store import TimeIds, open_store
from gateway.trade.b2b_export import B2bExport
from gateway.trade.b2b_rules import FILE, Rules, load_rules
from gateway.trade.exchange_rates import load_rates

SAMPLES = Path(adapters.gacc_ceb.__file__).parent / "samples"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
PACKAGED = Path(adapters.gacc_ceb.__file__).parents[2] / "gateway" / "trade" / "data" / FILE
RATES = """
title = "rates of the test"
source = "invented"
status = "verified"
currency = "CNY"
rates = [{currency = "USD", from = 2026-11-01, until = 2026-11-30, rate = 7}]
"""
GOODS = """
[[goods]]
about = "tax"
from = 2024-01-01
source = "invented"
status = "sample"
headings = ["2709"]

[[goods]]
about = "inspection"
from = 2024-01-01
source = "invented"
status = "sample"
headings = ["6109"]
"""
STANDING = {"B2B-NOT-TESTED"}


def sample(name, **changes):
    """Return a sample with the text of elements changed."""
    text = (SAMPLES / f"{name}.xml").read_text("utf-8")
    for element, (old, new) in changes.items():
        assert f"{element}>{old}<" in text
        text = text.replace(f"{element}>{old}<", f"{element}>{new}<")
    return text.encode()


def packed(raw):
    """Return the documents of a message as they cross to the store."""
    return [
        PackedDocument(
            position=one.position,
            reference=one.reference,
            echo=dict(one.echo),
            contributions=tuple(
                PackedContribution(
                    kind=each.kind,
                    function=each.function,
                    reference=each.reference,
                    keys=each.keys,
                    body=pack_contribution(each),
                )
                for each in one.contributions
            ),
            findings=tuple(one.findings),
        )
        for one in adapter.decode(raw, Limits()).documents
    ]


def message_row(number, raw):
    """Return the row of a message that was taken."""
    return MessageRow(
        id=number,
        digest=number.to_bytes(32, "big"),
        source="http",
        submitter="local",
        adapter="gacc_ceb",
        message_type="CEB603",
        message_id="",
        received_at=milliseconds(NOW),
        outcome="accepted",
        documents=1,
        accepted=1,
        raw=raw,
        acknowledgement=b"",
        content_type="",
        findings=b"\x90",
    )


class Intake:
    """Checks messages, and keeps what is accepted."""

    def __init__(self, folder):
        self.store = open_store(f"sqlite:///{folder / 'b2b.sqlite'}")
        self.ids = TimeIds(1, lambda: NOW, self.store.highest_id)
        self.folder = folder

    def checks(self, extra="", *, rates=""):
        """Return what judges, with more in the file of rules."""
        rules, table = self.folder / "rules.toml", self.folder / "rates.toml"
        head, tail = PACKAGED.read_text("utf-8"), ""
        if extra.startswith(("zones", "pilot")):
            key = extra.split(" =")[0]
            head = head.replace(f"{key} = []", extra)
        else:
            tail = extra
        rules.write_text(head + tail, "utf-8")
        table.write_text(rates or RATES, "utf-8")
        return B2bExport(load_rules(str(rules)), load_rates(str(table)))

    def take(self, raw, checks=None):
        """Return the codes of a message; keep what was not refused. What B2B rules say can be explained."""
        checks = checks or self.checks()

        def work(tx):
            arrival = Arrival(self.ids.take(1)[0], "local", milliseconds(NOW), self.ids, os.urandom)
            documents = checks.checked(tx, packed(raw), arrival)
            for each in (one for document in documents for one in document.findings):
                if each.code.startswith("B2B-"):
                    assert dated_rule(each.rule, str(self.folder / "rules.toml"), adapter), each
            judged = judge(tx, documents, arrival)
            tx.add_message(message_row(arrival.message, raw))
            assemble(tx, judged, arrival)
            return {one.code for each in judged.outcomes for one in each.findings}, judged.outcomes[
                0
            ].accepted

        return self.store.run(work)


@pytest.fixture(name="intake")
def _intake(tmp_path):
    """An empty intake."""
    intake = Intake(tmp_path)
    yield intake
    intake.store.shut()


@pytest.mark.parametrize(
    ("order", "mode", "fits"),
    [("ceb303", "9610", True), ("ceb303_b2b", "9710", True), ("ceb303", "9710", False),
     ("ceb303_b2b", "9610", False), ("ceb303_b2b", "9810", False), ("ceb303", "1210", True)],
)  # fmt: skip
@pytest.mark.parametrize("order_first", [True, False])
def test_whichever_of_list_and_order_comes_second_must_fit(*, intake, order, mode, fits, order_first) -> None:
    """E belongs to 9610 and B to 9710; the first is taken, the second refused where they differ."""
    raw = sample(order).decode()
    number = raw.split("orderNo>")[1].split("<")[0]
    platform = raw.split("ebpCode>")[1].split("<")[0]
    listed = sample("ceb603", tradeMode=("9610", mode)).decode()
    named = listed.split("orderNo>")[1].split("<")[0]
    listed = listed.replace(f"orderNo>{named}<", f"orderNo>{number}<")
    listed = listed.replace("ebpCode>3301960001<", f"ebpCode>{platform}<").encode()
    first, second = (sample(order), listed) if order_first else (listed, sample(order))
    found, accepted = intake.take(first)
    assert accepted
    assert "B2B-ORDER-TYPE" not in found
    found, accepted = intake.take(second)
    assert (accepted, "B2B-ORDER-TYPE" in found) == (fits, not fits)


@pytest.mark.parametrize(
    ("price", "good"), [("714.28", True), ("714.29", False), ("9999", False), ("1", True)]
)
def test_foreign_value_is_compared_in_yuan(*, intake, price, good) -> None:
    """At 7 yuan a dollar 714.28 dollars may go by list, 714.29 may not; the notice of the adapter goes."""
    text = sample("ceb603_9710", currency=("142", "502")).decode()
    head, _, rest = text.partition("<ceb:InventoryList>")
    lines = rest.replace("price>28<", f"price>{price}<").replace("totalPrice>56<", f"totalPrice>{price}<")
    first, _, rest = lines.replace("<ceb:qty>2<", "<ceb:qty>1<", 1).partition("</ceb:InventoryList>")
    _, _, tail = rest.partition("</ceb:InventoryList>")
    found, accepted = intake.take(
        (head + "<ceb:InventoryList>" + first + "</ceb:InventoryList>" + tail).encode()
    )
    assert "CEB-B2B-VALUE-CURRENCY" not in found
    assert (accepted, "CEB-B2B-LIST-VALUE" in found) == (good, not good)


@pytest.mark.parametrize(
    "rates", [RATES.replace("verified", "sample"), RATES.replace("2026-11-01", "2026-11-10"),
              RATES.replace("USD", "EUR")]
)  # fmt: skip
def test_without_a_rate_of_the_day_the_value_is_not_compared(intake, rates) -> None:
    """Invented rates, rates of other days and other currencies compare nothing, and the notice stays."""
    raw = sample("ceb603_9710", currency=("142", "502"), price=("28", "28"))
    found, accepted = intake.take(raw, intake.checks(rates=rates))
    assert accepted
    assert "CEB-B2B-VALUE-CURRENCY" in found


def test_goods_under_tax_or_inspection_are_refused_and_a_missing_table_is_named(intake) -> None:
    """A heading of a table refuses a B2B list; without tables both tests are named; retail is free."""
    assert intake.take(sample("ceb603_9810"), intake.checks(GOODS)) == ({"B2B-LIST-GOODS"}, False)
    assert intake.take(sample("ceb603_9810"), intake.checks(GOODS.replace("6109", "0101"))) == (set(), True)
    assert intake.take(sample("ceb603_9810")) == (STANDING | {"ASSEMBLE-REPEATED"}, True)
    free, accepted = intake.take(sample("ceb603").replace(b"COP2", b"COR2"), intake.checks(GOODS))
    assert accepted
    assert "B2B-LIST-GOODS" not in free


@pytest.mark.parametrize(("moment", "asked"), [("20241214235959", True), ("20241215000000", False)])
def test_a_payment_receipt_is_asked_for_until_14_december_2024(*, intake, moment, asked) -> None:
    """Before the 15th a list without receipt is refused, with one it is taken; later none is asked for."""
    listed = sample("ceb603", appTime=("20261102103000", moment))
    found, accepted = intake.take(listed)
    assert (accepted, "B2B-PAYMENT" in found) == (not asked, asked)
    assert intake.take(sample("ceb403"))[1]
    found, accepted = intake.take(listed)
    assert accepted
    assert not {"B2B-PAYMENT", "CEB-B2B-PAYMENT-BEFORE"} & found


def test_a_mode_that_the_rules_do_not_name_is_refused(intake) -> None:
    """CEB knows 1239; where the operator takes it out of the rules, lists of it are refused."""
    checks = intake.checks()
    raw = sample("ceb603", tradeMode=("9610", "1239"))
    del checks._rules.modes["1239"]
    assert intake.take(raw, checks) == ({"B2B-MODE"}, False)
    assert intake.take(raw) == (set(), True)


@pytest.mark.parametrize(
    ("moment", "extra", "code"),
    [("20210630235959", 'pilot_offices = ["29"]', "B2B-PILOT"),
     ("20210630235959", 'pilot_offices = ["51"]', ""),
     ("20210701000000", 'pilot_offices = ["29"]', ""), ("20210630235959", "", "")],
)  # fmt: skip
def test_before_the_modes_were_nationwide_only_pilot_offices_took_lists(
    *, intake, moment, extra, code
) -> None:
    """Until 30 June 2021 the office counts, where the operator names pilot offices."""
    assert intake.take(sample("ceb403"))[1]
    raw = sample("ceb603_9710", appTime=("20261102103000", moment))
    found, _ = intake.take(raw, intake.checks(extra))
    assert ("B2B-PILOT" in found) is bool(code)


def test_outside_pilot_zones_all_ten_digits_are_asked_for(intake) -> None:
    """7323930000 warns at an office outside the zones, not inside, and not where no zone is named."""
    raw = sample("ceb603_9710")
    outside, accepted = intake.take(raw, intake.checks('zones = ["29"]'))
    assert accepted
    assert "B2B-HS-DIGITS" in outside
    assert "B2B-HS-DIGITS" not in intake.take(raw, intake.checks('zones = ["5165"]'))[0]
    assert "B2B-HS-DIGITS" not in intake.take(raw)[0]


def test_rules_that_contradict_themselves_are_refused(tmp_path) -> None:
    """A mode twice, a rule of an unknown mode, one that ends before it begins, an unknown key, no file."""
    text = PACKAGED.read_text("utf-8")
    for old, new in (
        ('code = "1239"', 'code = "1210"'),
        ('modes = ["9610", "9710", "9810"]', 'modes = ["9611"]'),
        ("until = 2024-12-14", "from = 2024-12-15\nuntil = 2024-12-14"),
        ("digits = 10", "digit = 10"),
    ):
        assert old in text
        (tmp_path / "wrong.toml").write_text(text.replace(old, new), "utf-8")
        with pytest.raises(ConfigError):
            load_rules(str(tmp_path / "wrong.toml"))
    with pytest.raises(ConfigError):
        load_rules(str(tmp_path / "absent.toml"))
    assert load_rules("") is None
    assert isinstance(load_rules("packaged"), Rules)
