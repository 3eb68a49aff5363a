# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Flags of facilitation: which rule says what, on which day, for which enterprise and value."""

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from gateway.clock import milliseconds
from gateway.config import Enterprises
from gateway.errors import ConfigError
from gateway.exchange.rows import ContributionRow
from gateway.model import (
    ContentPiece,
    Contribution,
    ContributionKind,
    Facilitation,
    Function,
    Item,
    Money,
    Party,
    pack_contribution,
)
from gateway.trade.enterprise import Credit
from gateway.trade.enterprise_file import as_amendment
from gateway.trade.exchange_rates import load_rates
from gateway.trade.facilitation import Facilitator
from gateway.trade.facilitation_pins import changed
from gateway.trade.facilitation_rules import load_rules
from tests.enterprise_stage import FIRST, NOW, code_of, customs_code_of, registration
from tests.pace import slower

SAMPLE_FILE = Path(__file__).parents[2] / "docs" / "examples" / "facilitation_rules.toml"
SAMPLE = str(SAMPLE_FILE)
TODAY, SELLER = date(2026, 11, 20), customs_code_of(1)
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
until = 2026-01-01
source = "invented"
status = "sample"
headings = ["0101"]
"""


def row(reference="local|x", kind=ContributionKind.LIST, said=None):
    """Return a contribution row that says nothing but facilitation, if that."""
    words = Contribution(
        kind=kind, function=Function.NEW, reference="x", keys=("trk:1",), item=Item(facilitation=said)
    )
    return ContributionRow(
        id=1,
        message_row=1,
        position=1,
        kind=kind,
        function=Function.NEW,
        reference=reference,
        join_key="trk:1",
        keys=("trk:1",),
        body=pack_contribution(words),
    )


def item(mode="9710", amount="4999.99", currency="CNY", seller=SELLER, code="9503008900", **fields):
    """Return an export item of one line."""
    piece = ContentPiece(commodity_code=code, value=Money(amount=Decimal(amount), currency=currency))
    chosen = {
        "direction": "export",
        "trade_mode": mode,
        "declared_on": TODAY,
        "sender": Party(name="样例电商", identifier=seller) if seller else None,
        "content": (piece,),
    }
    return Item(**chosen | fields)


@pytest.fixture(name="judge")
def _judge(register, tmp_path):
    """Judge an item with four enterprises registered: ordinary, advanced, dishonest, misspelt."""
    register.load(
        [
            registration(1),
            registration(2, credit=(Credit(level="advanced", first=FIRST),), areas=()),
            registration(3, credit=(Credit(level="dishonest", first=FIRST),)),
            registration(4, credit=(Credit(level="dishonnest", first=FIRST),)),
        ]
    )

    def judge(one, rows=None, rules=SAMPLE):
        facilitator = Facilitator(load_rules(rules), load_rates())
        return register.store.run(lambda tx: facilitator.begin(tx, milliseconds(NOW))(one, rows or [row()]))

    return judge


def flags(one):
    """Return the three flags."""
    said = one.facilitation
    return said and (said.simplified, said.priority_inspection, said.transfer)


@pytest.mark.parametrize(
    ("one", "expected", "reason"),
    [
        (item(), ("yes", "yes", "yes"), "SIMPLE-B2B (sample after GACC announcements 2020/75 and 2021/47"),
        (item("9810", seller=code_of(1)), ("yes", "yes", "yes"), "transfer yes: TRANSFER-B2B"),
        (item("9610"), ("yes", "no", "no"), "transfer no: no rule for mode 9610 on 2026-11-20"),
        (item(amount="5000"), ("yes", "yes", "yes"), "gives list with 6-digit headings"),
        (item(amount="5000.01"), ("no", "yes", "yes"), "lacks a value up to RMB 5000"),
        (item(currency="XAU"), ("no", "yes", "yes"), "lacks a value in RMB"),
        (item(goods_value=Money(amount=Decimal(6000), currency="CNY")), ("no", "yes", "yes"), "RMB 5000"),
        (item(licence_number="L1"), ("no", "yes", "yes"), "lacks freedom from licence"),
        (item(seller=customs_code_of(2)), ("no", "yes", "yes"), "lacks a zone or pilot area"),
        (item("9610", seller=customs_code_of(2)), ("no", "yes", "no"), "PRIORITY-HIGH (sample, invented"),
        (item(seller=customs_code_of(3)), ("no", "no", "no"), "lacks the credit level"),
        (item(seller="4403999999"), ("no", "no", "no"), "lacks a registered enterprise"),
        (item(seller=None), ("no", "no", "no"), "lacks a registered enterprise"),
        (item(declared_on=date(2021, 6, 30)), ("no", "no", "no"), "no rule for mode 9710 on 2021-06-30"),
        (item(declared_on=date(2023, 12, 31)), ("no", "no", "no"), "lacks a registered enterprise"),
        (item("1210"), None, ""),
        (item(direction="import"), None, ""),
    ],
)
def test_flags_follow_the_rules(judge, one, expected, reason) -> None:
    """Each flag is yes or no by the sample rules, with rule, source and first day in the reason."""
    judged = judge(one)
    assert flags(judged) == expected
    if expected:
        assert reason in judged.facilitation.reason
    else:
        assert judged is one


def test_the_reason_pins_the_rules_and_the_rates_that_were_used(judge, tmp_path) -> None:
    """Flags on yuan rest on the rules, on dollars on the rates too; each change is named by its digest."""
    rules, rates = load_rules(SAMPLE).sha256, load_rates().about.sha256
    at_home = judge(item()).facilitation.reason
    abroad = judge(item(amount="1", currency="USD")).facilitation.reason
    assert at_home.endswith(f"; by rules {rules}")
    assert abroad.endswith(f"; by rules {rules} and rates {rates}")
    assert list(changed(at_home, rules, "0")) == list(changed(abroad, rules, rates)) == []
    assert list(changed(abroad, rules, "0")) == [f"rates with sha256 {rates}"]
    assert list(changed(at_home, "", rates)) == [f"facilitation rules with sha256 {rules}"]
    assert len(list(changed("made before digests were kept", rules, rates))) == 1
    copy = tmp_path / "rules.toml"
    copy.write_text(SAMPLE_FILE.read_text("utf-8") + "# one more line\n", "utf-8")
    again = judge(item(), rules=str(copy))
    assert flags(again) == flags(judge(item()))
    assert list(changed(at_home, load_rules(str(copy)).sha256, rates)) == list(changed(at_home, "", rates))


def test_what_is_not_checked_is_said(judge) -> None:
    """Without a table of taxed and inspected goods the reason says that neither was checked."""
    assert "not checked: tax and inspection" in judge(item()).facilitation.reason


def test_goods_under_tax_or_inspection_are_not_simplified(judge, tmp_path) -> None:
    """A heading in a table in force takes the simplified declaration away; a table that ended does not."""
    rules = tmp_path / "rules.toml"
    rules.write_text(SAMPLE_FILE.read_text("utf-8") + GOODS, "utf-8")
    taxed, inspected = item(code="2709000000"), item(code="0101210010")
    assert flags(judge(taxed, rules=str(rules)))[0] == "no"
    ended = judge(inspected, rules=str(rules))
    assert (flags(ended)[0], "not checked: inspection;" in ended.facilitation.reason) == ("yes", True)
    before = msgspec.structs.replace(inspected, declared_on=date(2025, 6, 1))
    assert "lacks freedom from inspection" in judge(before, rules=str(rules)).facilitation.reason


def test_only_our_own_lists_are_judged(judge) -> None:
    """What a partner sent keeps what it came with, and an item without a list of ours gets nothing."""
    one = item()
    assert judge(one, [row("partner:beta|a|x")]) is one
    assert judge(one, [row(kind=ContributionKind.ORDER)]) is one
    assert flags(judge(one, [row("partner:beta|a|x"), row()])) == ("yes", "yes", "yes")


def test_claims_of_submitters_do_not_count(judge) -> None:
    """Flags in a message of our own are replaced by ours or dropped; those of a partner are kept."""
    claimed = Facilitation(simplified="yes", priority_inspection="yes", transfer="yes", reason="we say so")
    assert flags(judge(item(seller="4403999999", facilitation=claimed))) == ("no", "no", "no")
    assert judge(item("1210", facilitation=claimed)).facilitation is None
    assert (
        judge(item("1210", facilitation=claimed), [row("partner:beta|a|x", said=claimed)]).facilitation
        == claimed
    )
    both = [row("partner:beta|a|x"), row("local|x", said=claimed)]
    assert judge(item("1210", facilitation=claimed), both).facilitation is None


def test_a_party_known_by_code_alone_gets_its_registered_name(judge) -> None:
    """A missing name is filled from the register, a stated one and an unknown code are left alone."""
    one = judge(
        item(
            platform=Party(identifier=code_of(2)),
            carrier=Party(identifier="4403999999"),
            declarant=Party(identifier=code_of(2), name="as declared"),
        )
    )
    assert (one.platform.name, one.carrier.name, one.declarant.name) == ("样例电商 2", None, "as declared")
    assert flags(one) == ("yes", "yes", "yes")


def test_nothing_is_judged_while_nobody_is_registered(register) -> None:
    """An empty register gives items no flags, not even a no."""
    facilitator = Facilitator(load_rules(SAMPLE), load_rates())
    one = item()
    assert register.store.run(lambda tx: facilitator.begin(tx, 0)(one, [row()])) is one


def test_a_change_of_the_register_changes_verdicts(register) -> None:
    """The same item is judged anew once its enterprise has become dishonest."""
    facilitator = Facilitator(load_rules(SAMPLE), load_rates())

    def judged():
        return flags(register.store.run(lambda tx: facilitator.begin(tx, milliseconds(NOW))(item(), [row()])))

    register.register(registration(1))
    assert judged() == ("yes", "yes", "yes")
    change = {
        "valid_from": "2025-01-01",
        "source": "s",
        "credit": [{"level": "dishonest", "from": "2025-01-01"}],
    }
    register.change(code_of(1), as_amendment(change))
    assert judged() == ("no", "no", "no")


def test_judging_costs_less_than_five_microseconds(register) -> None:
    """Amortised over a message of a hundred items the flags cost less than five microseconds each."""
    register.load([registration(number) for number in range(1, 101)])
    facilitator = Facilitator(load_rules(SAMPLE), load_rates())
    items, rows, now = (
        [item(seller=customs_code_of(number)) for number in range(1, 101)],
        [row()],
        milliseconds(NOW),
    )

    def work(tx):
        best = float("inf")
        for _ in range(30):
            begin = time.thread_time()
            judge = facilitator.begin(tx, now)
            for one in items:
                judge(one, rows)
            best = min(best, time.thread_time() - begin)
        return best / len(items)

    assert register.store.run(work) < 5e-6 * slower()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("from = 2021-07-01", "from = 'soon'"), "facilitation rules"),
        (("SIMPLE-B2C", "SIMPLE-B2B"), "twice"),
        (('["dishonest"]', '["gold"]'), "unknown credit level"),
        (("gives =", "until = 2020-01-01\ngives ="), "ends before"),
        (('flag = "simplified"', 'flag = "other"'), "facilitation rules"),
    ],
)
def test_wrong_rules_stop_the_start(tmp_path, change, match) -> None:
    """A file of rules that says nonsense is a configuration error, and so is an absent one."""
    wrong = tmp_path / "rules.toml"
    wrong.write_text(SAMPLE_FILE.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(ConfigError, match=match):
        load_rules(str(wrong))
    with pytest.raises(ConfigError, match="cannot read"):
        load_rules(str(tmp_path / "absent.toml"))


def test_the_sample_rules_say_that_they_are_a_sample() -> None:
    """No rule claims to be law, each says what it follows, and no rules at all are the default."""
    rules = load_rules(SAMPLE)
    assert load_rules(Enterprises().facilitation) is None
    for one in (rule for group in rules._by_flag.values() for rule in group):
        assert one.source.startswith("sample")
        assert one.status == "sample"


def test_a_level_that_the_rules_do_not_know_gets_nothing(judge) -> None:
    """An enterprise whose level the rules do not list gets no flag that asks for levels or shuts one out."""
    said = judge(item(seller=customs_code_of(4)))
    assert flags(said) == ("no", "no", "no")
    assert "lacks a credit level that the rules know" in said.facilitation.reason
