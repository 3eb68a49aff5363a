# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""CONTRL and APERAK: the right answer to every fault, and none to an answer."""

from datetime import UTC, datetime

import pytest

from gateway.finding import catalogue, finding
from gateway.formats.edifact import (
    Identity,
    Outgoing,
    Report,
    Verdict,
    build_aperak,
    build_contrl,
    parse,
    read,
    tree_of,
    write_interchange,
)
from gateway.formats.edifact.contrl import SYNTAX_ERRORS
from gateway.sample.edifact_faults import HEAD, interchange, joined, message, own_faults, ten_faults

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
FAULTS = {one.name: one for one in (*ten_faults(), *own_faults())}
UNANSWERABLE = {"equal_separators", "not_edifact"}


def answer(raw, guides):
    """Return the CONTRL about an input as a tree, or None."""
    (found,) = parse(raw, guides).interchanges
    written = build_contrl(found, found.messages, reference="C1", now=NOW)
    if written is None:
        return None
    assert written.findings == ()
    back = parse(written.body, guides)
    assert back.findings == ()
    return tree_of(back.messages[0])


def test_a_good_interchange_is_acknowledged(guides):
    """Action 7 acknowledges the interchange and every message that is not named."""
    tree = answer(joined(interchange()), guides)
    assert tree is not None
    said = next(tree.each("UCI")).values
    assert said == {
        "0020": "REF1",
        "sender.0004": "SENDER",
        "recipient.0010": "RECIPIENT",
        "0083": "7",
    }
    assert tree.groups == []


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - UNANSWERABLE))
def test_every_planted_fault_is_answered(name, guides):
    """The CONTRL about a planted fault reads without a finding and refuses what was refused."""
    planted = FAULTS[name]
    tree = answer(planted.raw, guides)
    assert tree is not None
    refused = tree.value("UCI/0083") == "4" or any(
        one.value("UCM/0083") == "4" for one in tree.inner("message")
    )
    refused = refused or any(one.groups for one in tree.inner("group"))
    assert refused == planted.rejects


@pytest.mark.parametrize("name", sorted(UNANSWERABLE))
def test_without_a_header_there_is_no_answer(name, guides):
    """Where UNB cannot be read nobody can be answered."""
    assert answer(FAULTS[name].raw, guides) is None


def test_positions_count_the_tag_as_one(guides):
    """The amount, component 2 of element 1 in segment 10, is position 2, component 2 in CONTRL."""
    tree = answer(FAULTS["not_a_number"].raw, guides)
    assert tree is not None
    (report,) = tree.inner("message")
    assert report.value("UCM/0062") == "1"
    (segment,) = report.inner("segment")
    assert segment.value("UCS/0096") == "10"
    assert next(segment.each("UCD")).values == {"0085": "37", "0098": "2", "0104": "2"}


def test_faults_of_unt_stand_in_ucm(guides):
    """A wrong count of segments is told by UCM with the tag of the trailer."""
    tree = answer(FAULTS["wrong_segment_count"].raw, guides)
    assert tree is not None
    (report,) = tree.inner("message")
    assert (report.value("UCM/0085"), report.value("UCM/0135")) == ("29", "UNT")


def test_contrl_is_never_answered(guides):
    """An interchange of CONTRL messages gets no answer, faulty or not."""
    (found,) = parse(joined(interchange()), guides).interchanges
    written = build_contrl(found, found.messages, reference="C1", now=NOW)
    assert written is not None
    assert answer(written.body, guides) is None
    assert answer(written.body.replace(b"UNT+3", b"UNT+9"), guides) is None


def test_a_stream_is_answered_without_keeping_it(guides):
    """A report that sees messages one by one keeps only those refused."""
    segments = [HEAD, *message(1), *message(2, "BGM+335+X"), *message(3), "UNZ+3+REF1"]
    report = Report()
    for event in read([joined(segments)], guides):
        if hasattr(event, "identity"):
            report.add(event)
        else:
            written = report.build(event, reference="C1", now=NOW)
    assert written is not None
    tree = tree_of(parse(written.body, guides).messages[0])
    assert [one.value("UCM/0062") for one in tree.inner("message")] == ["2"]


def test_groups_are_named(guides):
    """Refused messages of a functional group stand under that group."""
    group = "UNG+TRLITM+A+B+261122:1200+G1+ZZ+1:0:EADGW1"
    raw = joined([HEAD, group, *message(1, "BGM+335+X"), "UNE+1+G1", "UNZ+1+REF1"])
    tree = answer(raw, guides)
    assert tree is not None
    (found,) = tree.inner("group")
    assert found.value("UCF/0048") == "G1"
    assert [one.value("UCM/0062") for one in found.inner("message")] == ["1"]


def test_every_syntax_error_code_belongs_to_a_finding():
    """The table of data element 0085 names every refusing code that an answer can be about."""
    refusing = {
        code for code, one in catalogue().items() if code.startswith("EDIFACT-") and one.severity == "error"
    }
    assert refusing - SYNTAX_ERRORS.keys() == {"EDIFACT-GUIDE", "EDIFACT-NO-INTERCHANGE"}
    assert SYNTAX_ERRORS.keys() <= refusing


def test_aperak_reports_rules_not_syntax(guides):
    """The report says what rules say, with the item, and leaves syntax to CONTRL."""
    (found,) = parse(joined(interchange()), guides).interchanges
    said = [
        finding("SCHEMA-MISSING", path="content[0].hs_code", expected="an HS code"),
        finding("EDIFACT-COUNT"),
    ]
    verdict = Verdict("ITM0001", said, ("LX473124829XX",))
    written = build_aperak(found, found.messages[0], verdict, reference="A1", now=NOW)
    assert written is not None
    assert written.findings == ()
    tree = tree_of(parse(written.body, guides).messages[0])
    assert tree.value("BGM/function") == "27"
    (error,) = tree.groups
    assert error.value("ERC/code") == "SCHEMA-MISSING"
    assert error.value("RFF/reference") == "LX473124829XX"
    assert error.value("FTX/text") == catalogue()["SCHEMA-MISSING"].meaning


@pytest.mark.parametrize("charset", ["UNOA", "UNOC", "UNOY"])
def test_aperak_fits_the_character_set_of_the_sender(charset, guides):
    """Text that the character set lacks does not keep the report from being sent."""
    raw = joined(interchange(1, HEAD.replace("UNOC", charset)))
    (found,) = parse(raw, guides).interchanges
    said = [finding("SCHEMA-CODE", path="x[0]_y", expected="王 or {B}")]
    written = build_aperak(found, found.messages[0], Verdict("", said), reference="A1", now=NOW)
    assert written is not None
    assert written.body


def test_reports_are_never_answered(guides):
    """An APERAK about an APERAK is not made."""
    (found,) = parse(joined(interchange()), guides).interchanges
    written = build_aperak(found, found.messages[0], Verdict("", []), reference="A1", now=NOW)
    assert written is not None
    back = parse(written.body, guides).interchanges[0]
    assert back.messages[0].identity == Identity("APERAK", "1", "0", "ZZ", "EADGW1")
    assert build_aperak(back, back.messages[0], Verdict("", []), reference="A2", now=NOW) is None
    one = found.messages[0]
    assert one.guide is not None
    assert found.header is not None
    assert write_interchange(found.header, [Outgoing(one.guide, "1", tree_of(one))], syntax="3").body
