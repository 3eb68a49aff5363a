# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Persons and secrets stay out of logs, problems and figures, whatever is sent in and whatever is asked.

An acknowledgement goes back to the sender of the message and may quote it, so it is not searched.
"""

import base64
import itertools
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest
from lxml import etree

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import FAULTS, generate
from gateway.wire.v1 import intake_pb2
from tests.system.node_faces import call
from tests.system.submitting import eventually, settled, submit, submit_until_answered

pytestmark = pytest.mark.long

TOKENS = {"duty": "Seeded-token-of-the-duty-officer", "audit": "Seeded-token-of-the-auditor-7741"}
WRONG_TOKEN = "Seeded-token-that-nobody-gave-0417"
PERSON = "Quillonby Zäpfelstedt"
PHONE = "+99 8817 264 9031"
SEEDS = (PERSON, PHONE, WRONG_TOKEN, *TOKENS.values())
QUESTIONS = (
    "/v1/items?q={}",
    "/v1/items?after={}&q=x",
    "/v1/items?q=x&limit={}",
    "/v1/items/{}",
    "/v1/items/{}/trace",
    "/v1/items/{}/bundle?record={}",
    "/v1/items/{}/referrals",
    "/v1/received/{}",
    "/v1/partners/{}",
    "/v1/partners/{}/items?state={}",
    "/v1/waiting/items?channel={}&missing={}",
    "/v1/dead-letters/items?kind={}&code={}&partner={}",
    "/v1/log/{}/entries?start={}",
    "/v1/statistics?{}={}",
    "/v1/statistics?by={}",
    "/v1/statistics?from={}",
    "/v1/statistics?mode={}",
    "/v1/statistics?direction={}",
    "/v1/controls?after={}",
    "/v1/controls/{}",
    "/v1/returns?state={}",
    "/v1/referrals?state={}",
    "/v1/enterprises/{}",
    "/v1/quality?partner={}&month={}",
    "/v1/errors/{}",
    "/v1/{}",
)
ACTS = (
    "/v1/dead-letters/{}/replay",
    "/v1/partners/{}/test",
    "/v1/controls",
    "/v1/controls/{}/decision?again={}",
    "/v1/enterprises",
)


def spellings(value):
    """Return a value in the encodings that a log or an answer could hold it in, in lower case."""
    raw = value.encode()
    words = {value, json.dumps(value)[1:-1], urllib.parse.quote(value), urllib.parse.quote_plus(value)}
    words |= {raw.hex(), base64.b64encode(raw).decode().rstrip("=")[:-1], value.encode("utf-16-le").hex()}
    words |= {"".join(one for one in value if one.isdigit())} if value == PHONE else set()
    # A part of a name is a name; so is a part of a secret.
    words |= {part for part in value.split() if len(part) > 6} | {value[:12], repr(raw)[2:-1]}
    return {one.lower() for one in words}


def leaves(value, path=()):
    """Yield the path of every leaf of a JSON document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        yield from leaves(one, (*path, key))
    if not isinstance(value, dict | list):
        yield path


def spoilt_json(raw):
    """Yield a JSON message with a person in the place of each value, and under a key of its own."""
    paths = list(leaves(json.loads(raw)))
    for number, path in enumerate(paths):
        for as_key in (False, True):
            document = json.loads(raw)
            held = document
            for key in path[:-1]:
                held = held[key]
            if as_key and isinstance(held, dict):
                held[f"{PERSON} {number}"] = PHONE
            elif not as_key:
                held[path[-1]] = f"{PERSON} {PHONE}"
            yield json.dumps(document, ensure_ascii=number % 2 == 0).encode()


def spoilt_xml(raw):
    """Yield an XML message with a person in the place of each value, and as the name of an element."""
    count = sum(1 for one in etree.fromstring(raw).iter() if not len(one))
    for number in range(count):
        root = etree.fromstring(raw)
        leaf = [one for one in root.iter() if not len(one)][number]
        leaf.text = f"{PERSON} {PHONE}"
        yield etree.tostring(root, encoding="utf-8", xml_declaration=True)
    yield raw.replace(b"<guid>", f"<{PERSON.replace(' ', '_')}/><guid>".encode(), 1)
    yield raw[: len(raw) // 2] + PERSON.encode()


def question(party, path, token, *, method="GET", body=None):
    """Ask; return status and the answer as it stands."""
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(party.url + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def by_other_ways(party, messages):
    """Send messages by gRPC, by the watched folder and by the command line; return what the command said."""
    for number, one in enumerate(messages):
        request = intake_pb2.SubmitRequest(message=one)
        call(party, "Intake", "Submit", request, intake_pb2.SubmitReply)
        part = party.inbox / f".{number}.part"
        part.write_bytes(one + b" ")
        part.rename(party.inbox / f"{number}.message")
    file = party.folder / "by-command"
    file.write_bytes(messages[0] + b"\n")
    command = [sys.executable, "-m", "gateway", "submit", file, "--config", party.config, "--json"]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    eventually(lambda: not [one for one in party.inbox.iterdir() if one.is_file()])


@pytest.fixture(scope="module", name="heard")
def _heard(tmp_path_factory):
    """Everything that two gateways wrote to logs, figures and problems, by where it stood."""
    here, there = make_parties(tmp_path_factory.mktemp("quiet"), packaged_agreements())
    tokens = here.folder / "tokens"
    tokens.write_text("".join(f"{who} {token}\n" for who, token in TOKENS.items()))
    tokens.chmod(0o600)
    http = {"token_file": "tokens", "operators": ["duty"], "auditors": ["audit"]}
    folders = {"folders": [{"path": "inbox", "poll_seconds": 0.05}]}
    set_up(here, {"http": http, "intake": folders})
    set_up(there, {})
    found, good = {}, list(generate(5, 2, destinations=["NL"]))
    with running([here, there]):
        send(here, good, found)
        ask_for_seeds(here, found)
        eventually(lambda: settled(there.url))
        for party in (here, there):
            found[f"figures {party.organisation}"] = question(party, "/metrics", TOKENS["duty"])[1]
        assert [here.stop(), there.stop()] == [0, 0]
    for party in (here, there):
        found[f"log {party.organisation}"] = (party.folder / "gateway.log").read_text("utf-8")
    return found, set().union(*map(named, good))


def send(party, good, found):
    """Send good messages, each fault, and the good ones with a person in every place; keep the problems."""
    duty = TOKENS["duty"]
    for message in good:
        submit_until_answered(party.url, message, token=duty)
    for fault in FAULTS:
        for message in generate(6, 2, fault_rate=1, faults=[fault], destinations=["NL"]):
            submit(party.url, message.raw, adapter=message.adapter, token=duty)
    spoilt = [
        (message.adapter, raw)
        for message in good
        for raw in (spoilt_json if message.adapter == "supplement" else spoilt_xml)(message.raw)
    ]
    for adapter, raw in spoilt:
        answer = submit(party.url, raw, adapter=adapter, token=duty)
        assert answer.status < 500
        if "problem" in answer.content_type:
            found[f"problem {len(found)}"] = answer.body.decode()
    by_other_ways(party, [raw for _, raw in spoilt[:: max(1, len(spoilt) // 8)]])


def ask_for_seeds(party, found):
    """Put each seeded value where a question or an act takes a word; keep the problems."""
    for seed in SEEDS:
        word = urllib.parse.quote(seed, safe="")
        for path, token in itertools.product(QUESTIONS, (TOKENS["duty"], WRONG_TOKEN)):
            status, told = question(party, path.replace("{}", word), token)
            assert status < 500, path
            if status >= 400:
                found[f"{path} {status} {seed}"] = told
        body = json.dumps({"reason": "", seed: seed}).encode()
        for path in ACTS:
            asked = path.replace("{}", word)
            found[f"{path} {seed}"] = question(party, asked, TOKENS["duty"], method="POST", body=body)[1]


def named(message):
    """Return the persons, streets and telephones of a supplement."""
    if message.adapter != "supplement":
        return set()
    held = json.loads(message.raw)
    return {
        one
        for item in held["items"]
        for role in ("addressee", "sender")
        for one in strings(item.get(role, {}))
        if len(one) > 8
    }


def strings(value):
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(one)


def test_no_seeded_value_is_told(heard) -> None:
    """No log, problem or figure holds a seeded person, telephone or token, in any usual encoding."""
    found, persons = heard
    assert len(found) > 50
    assert len(persons) > 4
    told = {where: text.lower() for where, text in found.items()}
    leaked = {
        (where, spelling)
        for value in (*SEEDS, *persons)
        for spelling in spellings(value)
        for where, text in told.items()
        if spelling in text
    }
    assert not leaked, sorted(leaked)


def test_the_search_finds_what_is_there(heard) -> None:
    """The logs searched are those of the run: they name messages taken and refused, and figures are there."""
    found, _ = heard
    logs = [text for where, text in found.items() if where.startswith("log")]
    assert all(len(one.splitlines()) > 3 for one in logs)
    assert any('"folder.taken"' in one for one in logs)
    assert "gateway_messages_total" in found["figures customs-cn"]
