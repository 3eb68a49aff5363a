# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Simulation and comparison, and the commands that print them."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from typer.testing import CliRunner

from gateway.agreement import countersign, diff, parse, sign, simulate
from gateway.agreement.check import present
from gateway.cli.agreement import app
from gateway.envelope.bundle import export_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.partners import import_bundle
from gateway.errors import ConfigError
from gateway.model import Item
from tests.agreement.samples import HEAD, REST, SAMPLES, field, small

EXPORT = SAMPLES / "cn-nl-export-v1.toml"


def run(*arguments):
    """Run `gateway agreement`."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_simulation_shows_every_value(export, full):
    """Each value of the item stands there once with treatment, article and result."""
    simulation = simulate(export, full)
    rows = {one.path: one for one in simulation.fields}
    assert set(rows) == {path for path, _, _ in present(full)}
    assert (rows["payer.name"].treatment, rows["payer.name"].result) == ("omit", "")
    assert (rows["note"].treatment, rows["note"].article, rows["note"].result) == ("not named", "", "")
    assert rows["content[1].commodity_code"].treatment == "generalise hs6"
    assert rows["content[1].commodity_code"].article == "Article 4(2)"
    assert rows["border_date"].result == "2026-11-01"
    assert rows["list_number"].result.startswith("sha256:")
    assert len(rows["seller.identifier"].result) == 26
    assert not simulation.matches


def test_simulation_says_what_is_missing(export):
    """The fields for which an item would wait are named."""
    simulation = simulate(export, Item(destination_country="NL", direction="export"))
    assert simulation.matches
    assert simulation.missing == tuple(path for path in export.required if path != "destination_country")
    assert any("waits for tracking_number" in line for line in simulation.lines())


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (("pass", {}), None, "narrower"),
        (None, ("pass", {}), "wider"),
        (("pass", {}), ("commit", {}), "narrower"),
        (("omit", {}), ("commit", {}), "wider"),
        (("truncate", {"length": 10}), ("truncate", {"length": 20}), "wider"),
        (("truncate", {"length": 20}), ("truncate", {"length": 10}), "narrower"),
        (("truncate", {"length": 20}), ("pseudonymise", {}), "changed"),
        (("pseudonymise", {}), ("pass", {}), "wider"),
        (("generalise", {"rule": "hs4"}), ("generalise", {"rule": "hs6"}), "wider"),
        (("generalise", {"rule": "prefix:4"}), ("generalise", {"rule": "prefix:2"}), "narrower"),
        (("generalise", {"rule": "country"}), ("generalise", {"rule": "prefix:2"}), "changed"),
        (("pseudonymise", {}), ("pseudonymise", {"length": 30}), "changed"),
    ],
)
def test_direction_of_a_change(before, after, direction):
    """A change of treatment is wider or narrower where that is certain, else just changed."""
    one, other = (
        parse(small(field(["ucr"], "pass"), *([field(["note"], row[0], **row[1])] if row else [])))
        for row in (before, after)
    )
    difference = diff(one, other)
    assert [(change.path, change.direction) for change in difference.fields] == [("note", direction)]
    assert difference.wider == (direction != "narrower")
    assert difference.terms == ()


def test_terms_are_compared():
    """Terms beside the fields are listed with both values; version and digest are not terms."""
    one = parse(small(field(["ucr"], "pass")))
    head = HEAD.replace("retention_days = 30", "retention_days = 60").replace("version = 1", "version = 2")
    other = parse(small(field(["ucr"], "pass"), head=head, rest=REST.replace('["NL"]', '["NL", "BE"]')))
    changes = {change.path: (change.before, change.after) for change in diff(one, other).terms}
    assert changes["retention_days"] == ("30", "60")
    assert set(changes) == {"retention_days", "match"}
    assert "BE, NL" in changes["match"][1]


def test_check_command(tmp_path):
    """A good text exits 0, a bad one 1 with its findings."""
    assert run("check", EXPORT).exit_code == 0
    assert json.loads(run("check", EXPORT, "--json").output)["good"] is True
    bad = tmp_path / "bad.toml"
    bad.write_bytes(small(field(["sender.nam"], "pass")))
    assert run("check", bad).exit_code == 1
    answer = json.loads(run("check", bad, "--json").output)
    assert [one["code"] for one in answer["findings"]] == ["AGREEMENT-UNKNOWN-PATH"]


def test_sign_command(tmp_path, parties):
    """Each party signs in turn with its keys folder; a stranger cannot."""
    sets, _ = parties
    text = tmp_path / "small.toml"
    text.write_bytes(small(field(["ucr"], "pass")))
    signed = tmp_path / "small-v1.agreement.json"
    assert run("sign", text, "--keys", sets["customs-cn"].folder).exit_code == 0
    assert run("sign", signed, "--keys", sets["customs-nl"].folder).exit_code == 0
    assert run("sign", signed, "--keys", sets["customs-xx"].folder).exit_code == 1
    assert len(json.loads(signed.read_text())["signatures"]) == 4
    assert "small version 1: good" in run("check", signed).output


def test_check_command_with_trusted_keys(tmp_path):
    """With the configuration of a node, only a file that both parties have signed is good."""
    now = datetime.now(UTC)
    for name in ("customs-cn", "customs-nl"):
        write_keys(tmp_path / name / "keys", name, now)
    partner = KeySet.load(tmp_path / "customs-nl/keys")
    bundle = export_bundle(partner, name="Sample", endpoint="localhost:7443", now=now)
    import_bundle(bundle, tmp_path / "customs-cn/partners", now=now)
    config = tmp_path / "customs-cn/gateway.toml"
    config.write_text('[node]\norganisation = "customs-cn"\n')
    signed = tmp_path / "small-v1.agreement.json"
    signed.write_bytes(sign(small(field(["ucr"], "pass")), KeySet.load(tmp_path / "customs-cn/keys").seal))
    refused = run("check", signed, "--config", config, "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.output)["findings"][0]["code"] == "AGREEMENT-NOT-SIGNED"
    signed.write_bytes(countersign(signed.read_bytes(), partner.seal))
    assert json.loads(run("check", signed, "--config", config, "--json").output)["verified"] is True


def test_show_command():
    """Groups are shown expanded, and what is required is marked."""
    output = run("show", EXPORT).output
    assert "sender.address.postcode  pass  [Article 5(1)]" in output
    assert "content[].hs  pass  [Article 4(1)(d)]  required" in output
    shown = json.loads(run("show", SAMPLES / "nl-cn-returns-v1.toml", "--json").output)
    assert shown["goods_value"] == ["EUR any to 1000.00", "CNY any to 8000.00"]
    assert len(shown["fields"]) == 29


def test_simulate_command(tmp_path, full):
    """Items as JSON, one or a list, are simulated; other files are refused."""
    file = tmp_path / "items.json"
    file.write_bytes(msgspec.json.encode([full]))
    assert "border_date  generalise month  [Article 4(3)]" in run("simulate", EXPORT, file).output
    file.write_bytes(msgspec.json.encode(full))
    assert json.loads(run("simulate", EXPORT, file, "--json").output)[0]["agreement"] == "cn-nl-export"
    file.write_text("[3]")
    assert isinstance(run("simulate", EXPORT, file).exception, ConfigError)


def test_diff_command(tmp_path):
    """A comparison exits 1 if more may leave, 0 if not."""
    narrow, wide = tmp_path / "narrow.toml", tmp_path / "wide.toml"
    narrow.write_bytes(small(field(["ucr"], "pass")))
    wide.write_bytes(small(field(["ucr", "note"], "pass")))
    assert run("diff", narrow, wide).exit_code == 1
    assert run("diff", wide, narrow).exit_code == 0
    assert json.loads(run("diff", wide, narrow, "--json").output)["fields"][0]["direction"] == "narrower"
    assert "no difference" in run("diff", wide, wide).output
