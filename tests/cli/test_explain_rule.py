# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway explain --rule`: what a finding about an export list rests on."""

import pytest

from adapters.gacc_ceb.b2b import rules
from gateway.demo.stage import make_parties, packaged_agreements, set_up
from gateway.errors import ConfigError
from gateway.trade.b2b_rules import PACKAGED, load_rules

OWN = """
title = "Own rules"
source = "invented"
status = "sample"

[[mode]]
code = "9710"
source = "invented"
status = "sample"

[[rule]]
id = "OWN-VALUE"
test = "value"
modes = ["9710"]
limit = 700
until = 2030-01-01
source = "an invented notice"
status = "sample"
"""


def test_a_rule_of_value_shows_limit_days_and_source(gateway, tmp_path) -> None:
    """Without a configuration the packaged rule is shown, as text and as it stands in the file."""
    config = ("--config", tmp_path / "absent.toml")
    done = gateway("explain", "--rule", "B2B-VALUE", *config)
    assert done.code == 0
    assert "value of 9710, 9810, at most 5000 CNY" in done.out
    assert "until further notice" in done.out
    assert "Announcement 2020/75" in done.out
    shown = gateway("explain", "--rule", "B2B-PAYMENT", "--json", *config).json
    rule = load_rules(PACKAGED).rule("B2B-PAYMENT")
    assert (shown["until"], shown["source"], shown["in"]) == ("2024-12-14", rule.source, PACKAGED)


def test_the_rules_of_the_node_are_shown_where_it_has_any(gateway, tmp_path) -> None:
    """A file that the configuration names takes the place of the package."""
    rules = tmp_path / "rules.toml"
    rules.write_text(OWN, "utf-8")
    here, _ = make_parties(tmp_path, packaged_agreements())
    set_up(here, {"b2b": {"rules": str(rules)}})
    done = gateway("explain", "--rule", "OWN-VALUE", "--config", here.config)
    assert "at most 700 CNY" in done.out
    assert "until 2030-01-01" in done.out
    assert gateway("explain", "--rule", "B2B-VALUE", "--config", here.config).code == 1


def test_an_unknown_rule_is_an_error(gateway, tmp_path) -> None:
    """An id that no rule has ends with 1 and names it."""
    done = gateway("explain", "--rule", "B2B-NONE", "--config", tmp_path / "absent.toml")
    assert (done.code, done.out) == (1, "")
    assert "B2B-NONE" in done.err


def test_rules_of_the_adapter_are_shown_too(gateway, tmp_path) -> None:
    """Every rule id that findings of the adapter may name is found, with its days and its source."""
    config = ("--config", tmp_path / "absent.toml")
    for one in rules():
        shown = gateway("explain", "--rule", one.id, "--json", *config).json
        assert (shown["id"], shown["code"], shown["source"], shown["in"]) == (
            one.id,
            one.code,
            one.source,
            "gacc_ceb",
        )
    limit = gateway("explain", "--rule", "B2B-02", *config).out
    assert "CEB-B2B-LIST-VALUE of 9710, 9810, at most 5000 CNY" in limit
    digits = gateway("explain", "--rule", "B2B-04", *config).out
    assert "CEB-B2B-HS-LENGTH of 9710, 9810, 6 digits" in digits
    assert "until 2024-12-14" in gateway("explain", "--rule", "B2B-05", *config).out


def test_what_is_said_of_modes_is_shown_by_the_ids_of_its_findings(gateway, tmp_path) -> None:
    """Mode, pilot and order type answer for all modes and for one, with days, offices, type and source."""
    config = ("--config", tmp_path / "absent.toml")
    modes = load_rules(PACKAGED).modes
    shown = gateway("explain", "--rule", "B2B-MODE", "--json", *config).json
    assert [one["mode"] for one in shown["modes"]] == list(modes)
    (one,) = gateway("explain", "--rule", "B2B-MODE-9710", "--json", *config).json["modes"]
    assert (one["from"], one["source"]) == ("2020-07-01", modes["9710"].source)
    (one,) = gateway("explain", "--rule", "B2B-PILOT-9810", "--json", *config).json["modes"]
    assert (one["from"], one["until"], one["offices"]) == ("2020-07-01", "2021-06-30", [])
    pilot = gateway("explain", "--rule", "B2B-PILOT", *config).out
    assert "9710: at pilot offices only: no office is named, so nothing is judged" in pilot
    assert "from 2020-07-01 until 2021-06-30" in pilot
    assert "9610" not in pilot
    types = gateway("explain", "--rule", "B2B-ORDER-TYPE", *config).out
    assert "9810: the order is of type W" in types
    assert "1210" not in types
    for name in ("B2B-PILOT-9610", "B2B-ORDER-TYPE-1210", "B2B-MODE-0000"):
        assert gateway("explain", "--rule", name, *config).code == 1


def test_a_rule_may_not_take_the_id_of_what_is_said_of_modes(tmp_path) -> None:
    """A file whose rule has such an id is refused, since an explanation could not tell them apart."""
    rules = tmp_path / "rules.toml"
    rules.write_text(OWN.replace("OWN-VALUE", "B2B-MODE-9710"), "utf-8")
    with pytest.raises(ConfigError, match="B2B-MODE-9710"):
        load_rules(str(rules))
