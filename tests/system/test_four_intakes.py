# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP, gRPC, watched folder and command line are one intake: same outcome, same answer, same rows."""

import json
import re
import subprocess
import sys
import urllib.request

import grpc
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.envelope.identity import KeySet
from gateway.sample import generate
from gateway.wire.v1 import intake_pb2
from tests.system.books import Books
from tests.system.submitting import ask, eventually, submit

WAYS = ("http", "grpc", "folder", "cli")
# What depends on the moment of the answer: the guid and the time of a CEB receipt, the time of a JSON one.
MOMENT = re.compile(rb'(Message [^>]*guid=")[^"]+|(returnTime>)[0-9]+|("received_at":")[^"]+')


def messages():
    """Return good, partly good and refused messages by what becomes of them."""
    good = [one for one in generate(31, 3, destinations=["NL"]) if "CEB603" not in one.name]
    (partial,) = (
        one
        for one in generate(31, 3, fault_rate=0.5, faults=["wrong_total"], destinations=["NL"])
        if "CEB603" in one.name
    )
    assert 0 < partial.expectation.accepted < partial.expectation.documents
    broken = next(
        one
        for one in generate(31, 3, fault_rate=1, faults=["wrong_namespace"], destinations=["NL"])
        if one.expectation.whole
    )
    return [*good, partial, broken, good[0], broken]


MESSAGES = messages()
OUTCOMES = ["accepted", "accepted", "accepted", "partial", "refused", "repeated", "repeated"]


def over_http(party, message, _):
    """Submit over HTTP."""
    answer = submit(party.url, message.raw)
    return answer.outcome, answer.body


def over_grpc(party, message, _):
    """Submit over gRPC with the certificate of the node's own organisation."""
    keys = KeySet.load(party.folder / "keys")
    credentials = grpc.ssl_channel_credentials(keys.ca, keys.tls_key, keys.tls_certificate)
    with grpc.secure_channel(party.grpc, credentials) as channel:
        request = intake_pb2.SubmitRequest(message=message.raw).SerializeToString()
        raw = channel.unary_unary("/customs.ead.v1.Intake/Submit")(request, timeout=20)
    reply = intake_pb2.SubmitReply.FromString(raw)
    return reply.outcome, reply.acknowledgement


def over_folder(party, message, number):
    """Put a file into the watched folder and wait for its receipt; the outcome stands in the node's rows."""
    name = f"{number}-{message.name}"
    part = party.inbox / f".{name}.part"
    part.write_bytes(message.raw)
    part.rename(party.inbox / name)

    def taken():
        return [
            file
            for place in ("done", "refused", "failed")
            for file in (party.inbox / place).glob(f"{name}.*")
            if ".tmp" not in file.name
        ]

    (receipt,) = eventually(taken)
    eventually(lambda: not (party.inbox / name).exists())

    # The line is written after the file has moved: its own is there once there are as many as messages.
    def told():
        log = (party.folder / "gateway.log").read_text().split("\n")[:-1]
        events = [json.loads(line) for line in log if '"folder.taken"' in line]
        return events if len(events) > number else []

    return eventually(told)[number]["outcome"], receipt.read_bytes()


def over_cli(party, wanted):
    """Submit with one command while the node is serving."""
    folder = party.folder / "cli"
    folder.mkdir()
    files = [folder / f"{number}-{message.name}" for number, message in enumerate(wanted)]
    for file, message in zip(files, wanted, strict=True):
        file.write_bytes(message.raw)
    command = ["submit", *files, "--config", party.config, "--receipts", folder, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *command], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    receipts = [next(folder.glob(f"{file.name}.receipt.*")) for file in files]
    rows = json.loads(done.stdout)
    return [(row["outcome"], one.read_bytes()) for row, one in zip(rows, receipts, strict=True)]


def each(take):
    """Return a way that takes messages one by one as one that takes them all."""
    return lambda party, wanted: [take(party, message, number) for number, message in enumerate(wanted)]


TAKERS = {"http": each(over_http), "grpc": each(over_grpc), "folder": each(over_folder), "cli": over_cli}


@pytest.fixture(scope="module", name="answers")
def _answers(tmp_path_factory):
    """What each way answered to each message, and the books of each node afterwards."""
    parties = {}
    for way in WAYS:
        parties[way], _ = make_parties(tmp_path_factory.mktemp(way), packaged_agreements())
        set_up(parties[way], {"intake": {"folders": [{"path": "inbox", "poll_seconds": 0.05}]}})
    found = {}
    with running(list(parties.values())):
        for way, party in parties.items():
            found[way] = TAKERS[way](party, MESSAGES)
            eventually(lambda url=party.url: not ask(url, "/v1/ledger")["counts"]["shares"].get("ready", 0))
        figures = {way: read_figures(party.url) for way, party in parties.items()}
        assert [party.stop() for party in parties.values()] == [0] * len(parties)
    return {way: (found[way], Books(party), figures[way]) for way, party in parties.items()}


def read_figures(url):
    """Return what a node shows to Prometheus, by name and labels."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=20) as reply:
        text = reply.read().decode()
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def timeless(raw):
    """Return an acknowledgement without what depends on its moment."""
    return MOMENT.sub(lambda match: next(one for one in match.groups() if one is not None), raw)


@pytest.mark.parametrize("way", WAYS)
def test_outcomes_are_the_same(answers, way) -> None:
    """The same messages have the same outcomes."""
    assert [outcome for outcome, _ in answers[way][0]] == OUTCOMES


@pytest.mark.parametrize("way", WAYS)
def test_acknowledgements_are_the_same(answers, way) -> None:
    """The same messages get the same acknowledgements but for their time, and repeats the very same bytes."""
    bodies = [body for _, body in answers[way][0]]
    assert [timeless(one) for one in bodies] == [timeless(one) for _, one in answers["http"][0]]
    assert bodies[-2:] == [bodies[0], bodies[4]]


def picture(books):
    """Return the rows of a node without ids, times, secrets and the name of the way."""
    items = {row["id"]: row["tracking_number"] for row in books.rows("item")}
    names = {row["id"]: row["message_id"] for row in books.rows("message")}
    kept = ("digest", "adapter", "message_type", "message_id", "outcome", "documents", "accepted", "raw")
    return {
        "messages": [
            [row[name] for name in kept] + [msgspec.msgpack.decode(row["findings"])]
            for row in books.rows("message", "id")
        ],
        "contributions": [
            (
                names[row["message_row"]],
                row["position"],
                row["kind"],
                row["function"],
                row["reference"].partition("|")[2],
                row["join_key"],
                row["keys"],
                row["body"],
                row["retired"],
            )
            for row in books.rows("contribution", "id")
        ],
        "items": [
            [row[name] for name in ("tracking_number", "order_key", "list_key", "state", "version", "body")]
            for row in books.rows("item", "id")
        ],
        "shares": [
            [items[row["item"]]]
            + [row[name] for name in ("agreement", "state", "version", "function", "missing")]
            for row in books.rows("share", "id")
        ],
    }


@pytest.mark.parametrize("way", WAYS)
def test_rows_are_the_same(answers, way) -> None:
    """Each way leaves the same messages, contributions, items and shares behind."""
    mine, others = picture(answers[way][1]), picture(answers["http"][1])
    for table in mine:
        assert mine[table] == others[table], table
    assert mine["shares"]
    assert {row["source"] for row in answers[way][1].rows("message")} == {way}


@pytest.mark.parametrize("way", WAYS)
def test_figures_are_those_of_the_rows(answers, way) -> None:
    """What a node shows to Prometheus counts its rows, names its partner, and holds no number of an item."""
    _, books, figures = answers[way]
    rows = books.rows("message")
    assert figures["gateway_messages_total",] == len(rows)
    accepted = sum(row["accepted"] for row in rows)
    assert figures["gateway_documents_total", "accepted"] == accepted
    assert figures["gateway_documents_total", "refused"] == sum(row["documents"] for row in rows) - accepted
    assert figures["gateway_ledger_faults",] == 0
    assert figures["gateway_ready",] == 1
    assert 0 < figures["gateway_certificate_days_left", "customs-nl", "tls"] < 400
    shown = {part for key in figures for part in key}
    assert not shown & {row["tracking_number"] for row in books.rows("item")}
