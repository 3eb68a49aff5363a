# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A running node counts what it takes in, over HTTP and on the command line."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format

from gateway.demo.stage import make_parties, packaged_agreements, set_up
from gateway.envelope.identity import KeySet
from gateway.wire.v1 import statistics_pb2 as wire
from tests.system.books import Books
from tests.system.submitting import ask, submit

SAMPLES = Path(__file__).parents[2] / "adapters" / "gacc_ceb" / "samples"
RATES = """
title = "rates of the test"
source = "invented"
status = "sample"
currency = "CNY"
rates = [{ currency = "USD", from = 2026-01-01, until = 2026-12-31, rate = "7" }]
"""
QUESTION = "/v1/statistics?by=direction,mode,country&from=2026&to=2026"


@pytest.fixture(scope="module", name="node")
def _node(tmp_path_factory):
    """One running gateway with rates of its own; its partner is not there, which must not matter."""
    here, _ = make_parties(tmp_path_factory.mktemp("stats"), packaged_agreements())
    here.config.with_name("rates.toml").write_text(RATES, "utf-8")
    set_up(here, {"statistics": {"rates": "rates.toml"}})
    here.start()
    yield here
    assert here.stop() == 0


def figures(node):
    """Return items and converted value by direction, mode and country."""
    rows = ask(node.url, QUESTION)["rows"]
    return {tuple(one["by"].values()): (one["items"], one["converted"]) for one in rows}


def call(node, **asked):
    """Ask over gRPC with the certificate of the own organisation."""
    keys = KeySet.load(node.folder / "keys")
    credentials = grpc.ssl_channel_credentials(keys.ca, keys.tls_key, keys.tls_certificate)
    with grpc.secure_channel(node.grpc, credentials) as channel:
        method = channel.unary_unary("/customs.ead.v1.Statistics/Answer")
        raw = method(wire.StatisticsRequest(**asked).SerializeToString(), timeout=20)
    return json_format.MessageToDict(wire.StatisticsAnswer.FromString(raw), preserving_proto_field_name=True)


def command(node, *words):
    """Run the command line beside the running node."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *words, "--config", str(node.config)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_a_node_counts_corrects_and_keeps_sums_when_items_are_erased(node) -> None:
    """Exports, imports and returns are counted; a cancellation takes back; erasure leaves the sums."""
    for name in ("ceb303", "ceb505", "ceb603", "ceb621", "ceb213", "ceb215"):
        assert submit(node.url, (SAMPLES / f"{name}.xml").read_bytes()).outcome == "accepted"
    found = figures(node)
    assert found["export", "9610", "DE"] == (1, "102.00")
    assert found["import", "9610", "JP"] == (1, "124.00")
    assert found["import", "export-returns", "DE"] == (1, "0.00")
    told = json.loads(
        command(node, "stats", "--by", "mode", "--from", "2026", "--to", "2026", "--format", "json")
    )
    assert told["rates"]["title"] == "rates of the test"
    assert told["total"]["items"] == 3
    assert submit(node.url, (SAMPLES / "ceb605.xml").read_bytes()).outcome == "accepted"
    assert ("export", "9610", "DE") not in figures(node)
    kept = figures(node)
    command(node, "audit", "erase", "--item", "SF0000000000007", "--reason", "test")
    assert figures(node) == kept
    (gone,) = [row for row in Books(node).rows("item") if row["state"] == "erased"]
    assert gone["counted"] == ""


def test_what_was_spoilt_is_found_made_anew_and_logged(tmp_path) -> None:
    """A spoilt cell ends a check with 1; rebuild mends and logs it, and refuses once a record was erased."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    set_up(here, {})
    here.start()
    for name in ("ceb303", "ceb505", "ceb603", "ceb621", "ceb625", "ceb213"):
        assert submit(here.url, (SAMPLES / f"{name}.xml").read_bytes()).outcome == "accepted"
    assert here.stop() == 0

    def stats(verb):
        place = ("--json", "--config", str(here.config))
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "stats", verb, *place],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def spoil():
        with sqlite3.connect(next(here.folder.rglob("gateway.sqlite"))) as database:
            database.execute("update rollup set items = items - 1, mass = mass + 1 where cube = 'office'")
        database.close()

    code, clean = stats("check")
    assert (code, clean["different"], clean["erased"]) == (0, 0, 0)
    assert clean["records"] >= 4
    spoil()
    code, found = stats("check")
    assert code == 1
    assert {one["cell"][0] for one in found["differences"]} == {"office"}
    code, done = stats("rebuild")
    assert (code, done["rebuilt"], done["different"]) == (0, True, found["different"])
    assert stats("check")[1]["different"] == 0
    said = [row["statement"] for row in Books(here).rows("decision")]
    assert any(b"statistics made anew" in one for one in said)
    report = json.loads(command(here, "audit", "fsck", "--json"))
    assert report["findings"] == []
    command(here, "audit", "erase", "--item", "SF0000000000007", "--reason", "test")
    code, kept = stats("check")
    assert (code, kept["different"]) == (0, 0)
    assert kept["erased"] > 0
    spoil()
    assert stats("check")[0] == 1
    code, error = stats("rebuild")
    assert code != 0
    assert "TRADE-REBUILD" in error


def test_grpc_answers_as_http_does(node) -> None:
    """The same question has the same figures, rates and coverage by gRPC; a wrong one is refused."""
    submit(node.url, (SAMPLES / "ceb621.xml").read_bytes())
    by_http = ask(node.url, QUESTION)
    by_grpc = call(node, by="direction,mode,country", **{"from": "2026", "to": "2026"})
    assert by_http["total"]["items"] > 0
    for one, other in zip(by_http["rows"], by_grpc["rows"], strict=True):
        assert other["by"] == one["by"]
        assert (int(other["items"]), other["converted"]) == (one["items"], one["converted"])
        assert other.get("value", {}) == one["value"]
        assert other.get("growth_items") == one["growth_items"]
    assert by_grpc["rates"] == by_http["rates"]
    assert by_grpc["tables"] == by_http["tables"]
    assert by_grpc["coverage"]["statement"] == by_http["coverage"]["statement"]
    assert int(by_grpc["total"]["items"]) == by_http["total"]["items"]
    with pytest.raises(grpc.RpcError) as raised:
        call(node, by="colour")
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
