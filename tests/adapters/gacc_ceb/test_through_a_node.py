# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every sample goes through a running node: kept, counted and answered in its own receipt."""

import hashlib

import pytest
from lxml import etree

from adapters.gacc_ceb.catalogue import MESSAGES
from adapters.gacc_ceb.receipt import receipt_types
from gateway.demo.stage import make_parties, packaged_agreements, set_up
from tests.system.books import Books
from tests.system.submitting import ask, submit

NAMES = sorted(one.lower() for one in (*MESSAGES, *receipt_types()))


@pytest.fixture(scope="module", name="node")
def _node(tmp_path_factory):
    """One running gateway; its partner is not there, which must not matter."""
    here, _ = make_parties(tmp_path_factory.mktemp("ceb"), packaged_agreements())
    set_up(here, {})
    here.start()
    yield here
    assert here.stop() == 0


@pytest.fixture(scope="module", name="answers")
def _answers(node, text):
    """The answer to every sample, and how often each was asked."""
    return {
        name: submit(node.url, text("ceb622_without_namespace" if name == "ceb622" else name).encode())
        for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_accepted_and_answered_in_its_own_receipt(answers, name) -> None:
    """Requests get the receipt that belongs to them; receipts and what customs push get CEB900."""
    answer = answers[name]
    assert (answer.status, answer.outcome) == (200, "accepted")
    root = etree.fromstring(answer.body)
    message = MESSAGES.get(name.upper())
    assert etree.QName(root).localname == f"{message.receipt if message else 'CEB900'}Message"
    assert {one.text for one in root.iter("{*}returnStatus")} == {"1"}


def test_every_message_is_kept_under_its_own_bytes_and_counted(answers, node, text) -> None:
    """Also what has no effect on any item has a row with type, digest and outcome."""
    assert len(answers) == len(NAMES)
    rows = {row["message_type"]: row for row in Books(node).rows("message")}
    assert {name.upper() for name in NAMES} <= set(rows)
    for name in ("ceb701", "ceb792", "ceb900", "ceb214"):
        row = rows[name.upper()]
        assert bytes(row["digest"]) == hashlib.sha256(text(name).encode()).digest()
        assert row["outcome"] == "accepted"


def test_an_import_and_its_records_are_traced_by_parcel(answers, node) -> None:
    """The item holds the words of four messages and is cancelled by a fifth."""
    assert answers["ceb623"].outcome == "accepted"
    found = ask(node.url, "/v1/items/SF0000000000007")
    assert found["state"] == "cancelled"


@pytest.mark.parametrize("name", ["bad_schema_missing__ceb701", "bad_ceb_tax_sum__ceb816"])
def test_a_broken_form_is_refused_and_answered(node, text, name) -> None:
    """What passes through is held to its official form like all others."""
    answer = submit(node.url, text(name).encode())
    assert (answer.status, answer.outcome) == (422, "refused")
    code = name.removeprefix("bad_").partition("__")[0].upper().replace("_", "-")
    assert f"[Code:{code};".encode() in answer.body
