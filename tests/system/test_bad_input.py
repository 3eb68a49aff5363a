# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bad messages over HTTP: each fault gets its own finding where it stands, and what is good goes on."""

import gzip
import json
import re

import pytest
import zstandard
from lxml import etree

from gateway.demo.stage import make_parties, packaged_agreements, set_up
from gateway.sample import FAULTS, generate
from tests.system.books import Books
from tests.system.submitting import ask, eventually, submit

CODE = re.compile(r"\[Code:([A-Z][A-Z0-9-]+);")
REJECTED = "100"
MOST = 1_000_000
SEEDS = {name: number for number, name in enumerate(FAULTS, 100)}


@pytest.fixture(scope="module", name="node")
def _node(tmp_path_factory):
    """One running gateway with narrow limits; its partner is not there, which must not matter."""
    here, _ = make_parties(tmp_path_factory.mktemp("bad"), packaged_agreements())
    limits = {"max_bytes": MOST, "max_compressed_bytes": MOST // 10}
    set_up(here, {"intake": limits})
    here.start()
    yield here
    assert here.stop() == 0


def returned(answer):
    """Return acceptance and codes of every document that an acknowledgement speaks of, in order."""
    documents = []
    for element in etree.fromstring(answer.body):
        texts = {etree.QName(one).localname: one.text or "" for one in element}
        codes = set(CODE.findall(texts["returnInfo"]))
        documents.append((texts["returnStatus"] != REJECTED, codes))
    return documents


def spoilt(fault):
    """Return the messages of eight parcels of which some carry a fault."""
    lists = 8
    messages = list(generate(SEEDS[fault], lists, fault_rate=0.5, faults=[fault], destinations=["NL"]))
    assert any(
        one.expectation.whole
        or one.expectation.refused
        or one.expectation.noted
        or one.expectation.incomplete
        for one in messages
    ) == (fault != "lower_case_guid")
    return messages


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_where_it_stands(node, fault) -> None:
    """Every document gets the outcome and the finding code that its fault foretells, and no other."""
    for message in spoilt(fault):
        expected = message.expectation
        answer = submit(node.url, message.raw, adapter=message.adapter)
        if expected.whole:
            assert (answer.status, answer.outcome) == (422, "refused")
            assert all(not good and expected.whole in codes for good, codes in returned(answer))
            continue
        whole = "partial" if expected.refused else "accepted"
        if expected.refused and not expected.accepted:
            whole = "refused"
        assert answer.outcome == whole
        if message.adapter != "gacc_ceb":
            assert json.loads(answer.body)["accepted"] == expected.documents
            continue
        documents = returned(answer)
        assert len(documents) == expected.documents
        for position, (good, codes) in enumerate(documents, 1):
            code = expected.refused.get(position) or expected.noted.get(position)
            assert good == (position not in expected.refused), (message.name, position, codes)
            assert not code or code in codes, (message.name, position, codes)
            assert code or codes <= {"SCHEMA-UNMAPPED-FIELD"}, (message.name, position, codes)


@pytest.mark.parametrize("fault", ["wrong_total", "missing_supplement", "dtd"])
def test_good_items_leave_and_spoilt_ones_do_not(node, fault) -> None:
    """What is complete is sealed for the partner; what lacks a part is not."""
    messages = spoilt(fault)
    for message in messages:
        submit(node.url, message.raw, adapter=message.adapter)
    lacking = {number for one in messages for number in one.expectation.incomplete}
    supplied = {
        one["tracking_number"]
        for message in messages
        if message.adapter == "supplement"
        for one in json.loads(message.raw)["items"]
    }

    def shares(number):
        return {one["state"] for one in ask(node.url, f"/v1/items/{number}")["shares"]}

    assert supplied - lacking
    assert lacking
    eventually(lambda: all(shares(one) == {"batched"} for one in supplied - lacking))
    assert all(shares(one) <= {"waiting"} for one in lacking)


def test_the_same_bytes_get_the_same_answer(node) -> None:
    """A repeated message is answered byte for byte as before and has no second effect."""
    message = next(one for one in generate(77, 3, destinations=["NL"]) if "603" in one.name)
    first, second = (submit(node.url, message.raw) for _ in range(2))
    assert (first.outcome, second.outcome) == ("accepted", "repeated")
    assert first.body == second.body


def test_one_hundred_documents_are_taken(node) -> None:
    """A message may hold one hundred documents; the limit is not one less."""
    message = next(one for one in generate(78, 100, destinations=["NL"]) if "505" in one.name)
    answer = submit(node.url, message.raw)
    assert answer.outcome == "accepted"
    assert len(returned(answer)) == 100


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_oversize_is_refused_before_anything_is_kept(node, encoding) -> None:
    """A message too large as sent or when expanded is refused, and no row remembers it."""
    raw = b"<a>" + b" " * MOST + b"</a>"
    packed = {"": raw, "gzip": gzip.compress(raw), "zstd": zstandard.compress(raw)}[encoding]
    before = len(Books(node).rows("message"))
    answer = submit(node.url, packed, encoding=encoding)
    assert answer.status == 413
    assert json.loads(answer.body)["findings"][0]["code"] == "INTAKE-TOO-LARGE"
    assert len(Books(node).rows("message")) == before


@pytest.mark.parametrize(
    ("raw", "encoding", "status", "code"),
    [
        (b"", "", 422, "INTAKE-EMPTY"),
        (b"not gzip", "gzip", 422, "INTAKE-COMPRESSION"),
        (gzip.compress(b"<a/>", mtime=0)[:-4], "gzip", 422, "INTAKE-COMPRESSION"),
        (zstandard.compress(b"<a/>") + b"more", "zstd", 422, "INTAKE-COMPRESSION"),
        (b"<a/>", "br", 415, "INTAKE-ENCODING"),
    ],
)
def test_what_cannot_be_unpacked_is_told(node, raw, encoding, status, code) -> None:
    """Empty, damaged and unknown encodings get a problem that names the fault."""
    answer = submit(node.url, raw, encoding=encoding)
    assert answer.status == status
    assert json.loads(answer.body)["findings"][0]["code"] == code


def test_compressed_is_the_same_message(node) -> None:
    """A message sent compressed is the same message as sent plain."""
    message = next(one for one in generate(79, 2, destinations=["NL"]) if "303" in one.name)
    plain = submit(node.url, message.raw)
    packed = submit(node.url, gzip.compress(message.raw), encoding="gzip")
    assert (plain.outcome, packed.outcome) == ("accepted", "repeated")
    assert plain.body == packed.body


def test_unknown_format_is_kept_and_refused(node) -> None:
    """Bytes that no adapter recognises are refused with an answer, and kept as they came."""
    answer = submit(node.url, b"\x00\x01 not a message")
    assert (answer.status, answer.outcome) == (422, "refused")
    assert json.loads(answer.body)[0]["code"] == "INTAKE-UNREADABLE"
    repeated = submit(node.url, b"\x00\x01 not a message")
    assert (repeated.status, repeated.outcome, repeated.body) == (422, "repeated", answer.body)


def test_books_still_balance(node) -> None:
    """After all of this the ledger has no fault."""
    assert ask(node.url, "/v1/ledger")["faults"] == []
