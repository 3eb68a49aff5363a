# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway explain --for` and `gateway replay` on the store of a real node that has sent."""

import json
import re
import shutil
import sqlite3
import time

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.registry import installed
from gateway.sample import generate
from tests.system.submitting import submit

PARTNER = "customs-nl"


@pytest.fixture(scope="module", name="node")
def _node(tmp_path_factory):
    """A node that has sent four parcels, one of them amended, and is no longer running; what was said."""
    here, there = make_parties(tmp_path_factory.mktemp("replay"), packaged_agreements())
    set_up(here, {"": {"adapters": ["gacc_ceb", "supplement"]}})
    messages = list(generate(7, 4, destinations=["NL"]))
    with running([here, there]):
        for one in messages:
            assert submit(here.url, one.raw, adapter=one.adapter).status == 200
        supplement = next(json.loads(one.raw) for one in messages if one.adapter == "supplement")
        number = supplement["items"][0]["tracking_number"]
        _settled(here, 4)
        changed = {**supplement["items"][0], "function": "change", "note": "said later"}
        changed["addressee"] = {**changed["addressee"], "name": "Somebody Else"}
        more = {**supplement, "message_id": "LATER-1", "items": [changed]}
        assert submit(here.url, json.dumps(more).encode()).status == 200
        _settled(here, 5)
    return here, number


def _settled(party, count):
    """Wait until so many releases are acknowledged."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with sqlite3.connect(party.folder / "data" / "gateway.sqlite") as base:
            (found,) = base.execute("select sum(accepted) from batch").fetchone()
        if (found or 0) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(f"{found} of {count} acknowledged")


def test_an_item_is_explained_to_its_partner(node, gateway) -> None:
    """Each field shows source and rule, treatment and article, what left, and the partner's path."""
    here, number = node
    done = gateway(
        "explain", number, "--for", PARTNER, "--format", "ead_json", "--config", here.config, "--json"
    )
    assert done.code == 0, done.err
    (one,) = done.json
    assert (one["agreement"], one["sent"], one["partner_type"]) == ("cn-nl-export", True, "EAD")
    fields = {field["path"]: field for field in one["fields"]}
    name = fields["addressee.name"]
    assert name["value"] == name["released"] == "Somebody Else"
    assert (name["said_by"], name["outcome"]) == ("supplement", "released")
    assert [place["outside_path"] for place in name["sources"]] == ["addressee/name"]
    assert name["sources"][0]["rule"].startswith("SUP-")
    assert name["article"]
    assert name["treatment"].startswith("truncate")
    assert [place["rule"] for place in name["partner"]] == ["EADJ-addressee.name"]
    order = fields["order_number"]
    assert (order["outcome"], order["treatment"], order["partner"]) == ("committed", "commit", [])
    assert len(order["released"]) == 64
    withheld = [field for field in one["fields"] if field["outcome"] == "withheld"]
    assert withheld
    assert not any(field["released"] or field["partner"] for field in withheld)
    code = fields["content[0].commodity_code"]
    assert code["treatment"] == "generalise hs6"
    assert code["released"] == code["value"][:6]
    assert any(place["message_type"] == "gacc_ceb CEB603" for place in code["sources"])


def test_the_explanation_is_told_for_people(node, gateway) -> None:
    """The text names source, treatment with its article, and the rule of the partner's field."""
    here, number = node
    done = gateway("explain", number, "--for", PARTNER, "--format", "ead_json", "--config", here.config)
    assert f"{number} to {PARTNER} under cn-nl-export version 1: amendment v2, accepted" in done.out
    assert re.search(r"treatment  commit  \[Article [^]]+\] -> committed [0-9a-f]{64}", done.out)
    assert "partner    EAD data/addressee.name  [EADJ-addressee.name;" in done.out


def test_nothing_is_explained_to_a_stranger(node, gateway) -> None:
    """An organisation to which nothing goes gets no explanation, and so does an unknown number."""
    here, number = node
    assert gateway("explain", number, "--for", "customs-xx", "--config", here.config).code == 1
    assert gateway("explain", "NO-SUCH", "--for", PARTNER, "--config", here.config).code == 1


def test_a_release_that_a_format_cannot_hold_is_told(node, gateway) -> None:
    """The findings of the partner's format stand in the explanation."""
    here, number = node
    words = ("explain", number, "--for", PARTNER, "--format", "gacc_ceb", "--type", "CEB505")
    (one,) = gateway(*words, "--config", here.config, "--json").json
    assert any("SCHEMA-MISSING" in problem for problem in one["problems"])


def test_everything_comes_out_again(node, gateway) -> None:
    """Every batch of the node, from verbatim messages to payload, is made again byte for byte."""
    here, _ = node
    done = gateway("replay", "--config", here.config, "--json")
    assert done.code == 0, [one for one in done.json["steps"] if one["verdict"] != "same"]
    what = {one["what"].partition(",")[0].rpartition(" of ")[0] or one["what"] for one in done.json["steps"]}
    assert {"pinned versions", "payload digest as signed", "payload"} <= what
    assert (
        gateway("replay", "--config", here.config).out.rstrip().splitlines()[-1].startswith("the same bytes")
    )


def test_an_item_with_an_amendment_comes_out_again(node, gateway) -> None:
    """Both releases of an item that has changed are made again, each from what was known then."""
    here, number = node
    done = gateway("replay", number, "--config", here.config, "--json")
    assert done.code == 0, done.out
    what = [one["what"] for one in done.json["steps"]]
    assert sum(one.endswith(", record") for one in what) == 2
    assert any("original v1" in one for one in what)
    assert any("amendment v2" in one for one in what)


@pytest.fixture(name="copied")
def _copied(node, tmp_path):
    """Return a copy of the node's folder, to be spoilt."""
    here, number = node
    folder = shutil.copytree(here.folder, tmp_path / "node")
    return folder, number


def _change(folder, statement, *values):
    with sqlite3.connect(folder / "data" / "gateway.sqlite") as base:
        assert base.execute(statement, values).rowcount


def test_another_message_is_found_out(copied, gateway) -> None:
    """A changed verbatim message gives other bytes: exit 1 names the message."""
    folder, number = copied
    other = "(select raw from message where message_type = 'CEB303' limit 1)"
    _change(folder, f"update message set raw = {other} where adapter = 'supplement'")
    done = gateway("replay", number, "--config", folder / "gateway.toml")
    assert done.code == 1
    assert "differs" in done.out
    assert "SUPPLEMENT verbatim, by digest" in done.out


def test_another_payload_is_found_out(copied, gateway) -> None:
    """A payload that is not what the records give ends with 1."""
    folder, _ = copied
    _change(folder, "update contribution set body = substr(body, 1, length(body) - 1)")
    assert gateway("replay", "--config", folder / "gateway.toml").code == 1


def test_an_agreement_that_is_gone_is_named(copied, gateway) -> None:
    """Without the pinned agreement nothing is proved, and it is said which one is missing: exit 2."""
    folder, number = copied
    for file in (folder / "agreements").glob("cn-nl-export*"):
        file.unlink()
    done = gateway("replay", number, "--config", folder / "gateway.toml")
    assert done.code == 2
    assert "no longer installed: agreement cn-nl-export version 1" in done.out


def test_an_adapter_that_is_gone_is_named(node, gateway, monkeypatch) -> None:
    """Without an adapter its messages cannot be read nor its pinned tables be found: exit 2 names them."""
    here, number = node
    left = [one for one in installed() if one.name != "gacc_ceb"]
    monkeypatch.setattr("gateway.replay.installed", lambda: left)
    done = gateway("replay", number, "--config", here.config)
    assert done.code == 2
    assert "adapter gacc_ceb is no longer installed" in done.out
    whole = gateway("replay", "--config", here.config)
    assert whole.code == 2
    assert "no longer installed: mapping table with sha256 " in whole.out


def test_an_erased_item_cannot_be_proved(copied, gateway) -> None:
    """What was erased cannot be made again, which is said: exit 2."""
    folder, number = copied
    _change(folder, "update item set body = x'', secret = x'' where tracking_number = ?", number)
    done = gateway("replay", number, "--config", folder / "gateway.toml")
    assert (done.code, "it was erased" in done.out) == (2, True)


def test_an_unknown_item_or_batch_proves_nothing(node, gateway) -> None:
    """Nothing to compare is no proof: exit 2."""
    here, _ = node
    assert gateway("replay", "NO-SUCH", "--config", here.config).code == 2
    assert gateway("replay", "--batch", "NO-SUCH", "--config", here.config).code == 2
