# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of the kit: what it makes, what it prints, and how it ends."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from gateway.cli import main
from gateway.clock import system_clock
from gateway.conformance import report
from gateway.conformance.case import Case, Departure, Family, Outcome, Result
from gateway.conformance.catalogue import CASES
from gateway.conformance.kit import load_kit, make_kit, party_name
from gateway.demo.stage import free_ports
from gateway.envelope.bundle import read_bundle
from gateway.envelope.faulty import Fault, faulty_key
from gateway.envelope.keys import Purpose
from gateway.errors import ConfigError
from tests.conformance.target import TARGET, make_target, start


def command(*words):
    """Run the command line; return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["gateway", *map(str, words)])
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    return 0


@pytest.fixture(scope="module", name="party")
def _party(tmp_path_factory):
    """A gateway in a process of its own, with a kit enrolled beside it."""
    folder = tmp_path_factory.mktemp("command")
    with start(make_target(folder)) as party:
        yield party


@pytest.fixture(name="kit")
def _kit(party):
    """The file of the kit."""
    return party.folder.parent / "kit" / "kit.json"


def test_green_run_ends_with_0_and_writes_both_reports(party, kit, tmp_path, capsys) -> None:
    """Against our own gateway all is green; JUnit XML and page hold every case that was played."""
    xml, page = tmp_path / "report.xml", tmp_path / "report.html"
    words = ("--target", party.grpc, "--bundle", kit, "--family", "sequence", "--junit", xml, "--html", page)
    assert command("conformance", "run", *words) == 0
    printed = capsys.readouterr().out
    names = [one.id for one in CASES if one.family is Family.SEQUENCE]
    assert re.search(rf"^{len(names)} cases: {len(names)} green, 0 red", printed, re.MULTILINE)
    suite = ET.parse(xml).getroot().find("testsuite")
    assert [one.get("name") for one in suite] == names
    assert (suite.get("tests"), suite.get("failures")) == (str(len(names)), "0")
    written = page.read_text("utf-8")
    assert all(f"<code>{name}</code>" in written for name in names)
    assert not re.search(r"https?://|<script|src=", written)


def test_json_holds_sent_expected_and_came(party, kit, capsys) -> None:
    """Machines get every part of a case, and nothing else on standard output."""
    words = ("--target", party.grpc, "--bundle", kit, "--case", "signature-none", "--json")
    assert command("conformance", "run", *words) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["target"], said["green"]) == (TARGET, True)
    assert said["cases"][0] | {"seconds": 0} == {
        "id": "signature-none",
        "family": "signature",
        "sentence": "An envelope without signatures is refused.",
        "clause": "DSSE v1.0.2 protocol; envelope.proto Envelope",
        "sent": "a good statement, no signature",
        "expected": "signed refusal, TRUST-UNSIGNED",
        "outcome": "green",
        "came": "receipt: refused TRUST-UNSIGNED",
        "seconds": 0,
    }


def test_red_run_ends_with_1(party, kit, monkeypatch, capsys) -> None:
    """A case that is not fulfilled ends the run with 1 and says what was expected."""

    async def play(_):
        raise Departure("other")

    red = Case("always-red", Family.LIMITS, "It holds.", "nowhere", "nothing", "something", play)
    monkeypatch.setattr("gateway.conformance.catalogue.CASES", (red,))
    assert command("conformance", "run", "--target", party.grpc, "--bundle", kit) == 1
    printed = capsys.readouterr().out
    assert "red    limits     always-red                       other" in printed
    assert "expected something" in printed


def test_target_that_is_not_there_ends_with_2(kit, capsys) -> None:
    """Where nobody listens nothing is red: the run could not begin."""
    (port,) = free_ports(1)
    assert command("conformance", "run", "--target", f"127.0.0.1:{port}", "--bundle", kit) == 2
    assert "does not answer the kit (UNAVAILABLE)" in capsys.readouterr().err


def test_kit_that_was_not_loaded_ends_with_2(party, tmp_path, capsys) -> None:
    """A target that does not know the kit says so at the handshake."""
    bundle = (party.folder.parent / "kit" / "target.bundle.json").read_bytes()
    make_kit(tmp_path / "other", "other", bundle, system_clock())
    words = ("--target", party.grpc, "--bundle", tmp_path / "other" / "kit.json")
    assert command("conformance", "run", *words) == 2
    assert "has its operator loaded the files" in capsys.readouterr().err


def test_kit_that_forgot_where_it_stands_ends_with_2(party, kit, capsys) -> None:
    """Without its state a kit cannot go on, and does not pretend that the target is wrong."""
    words = ("--target", party.grpc, "--bundle", kit, "--case", "sequence-confirmed")
    assert command("conformance", "run", *words) == 0
    state = kit.with_name("state.json")
    before = state.read_bytes()
    state.unlink()
    assert command("conformance", "run", *words) == 2
    assert "make a new kit" in capsys.readouterr().err
    state.write_bytes(before)
    assert command("conformance", "run", *words) == 0


def test_unknown_case_ends_with_2(kit, capsys) -> None:
    """A case that is not in the catalogue is a wrong use."""
    assert command("conformance", "run", "--bundle", kit, "--case", "no-such-case") == 2
    assert "no-such-case" in capsys.readouterr().err


def test_list_shows_every_case(capsys) -> None:
    """The list has each case with its sentence and clause."""
    assert command("conformance", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in listed] == [one.id for one in CASES]
    assert all(one["sentence"].endswith(".") and one["clause"] and one["expected"] for one in listed)


def test_kit_keeps_what_it_has(party, kit) -> None:
    """A second kit in the same folder, or one with the target's own name, is refused."""
    bundle = kit.with_name("target.bundle.json").read_bytes()
    with pytest.raises(ConfigError, match="holds a kit already"):
        make_kit(kit.parent, "kit", bundle, system_clock())
    with pytest.raises(ConfigError, match="give --organisation"):
        make_kit(kit.parent / "more", TARGET, bundle, system_clock())


def test_faulty_keys_are_pinned_for_their_fault_alone(kit) -> None:
    """The kit's bundle holds the faulty seal keys with good paths, and nobody gets the unpinned one."""
    folder = kit.parent
    bundle = read_bundle((folder / "send" / "kit.bundle.json").read_bytes(), system_clock())
    for fault in (Fault.EXPIRED, Fault.NOT_YET_VALID, Fault.REVOKED):
        assert faulty_key(folder / "main", fault).certificate in bundle.certificates[Purpose.SEAL]
    assert faulty_key(folder / "main", Fault.TLS_UNPINNED).certificate not in bundle.certificates[Purpose.TLS]
    assert faulty_key(folder / "main", Fault.EXPIRED).not_after < system_clock()
    assert load_kit(kit, system_clock() + timedelta(days=1)).party("liar") == party_name("kit", "liar")


def test_reports_can_hold_whatever_a_target_says() -> None:
    """Control characters and markup in a code of the target break neither report."""
    case = CASES[0]
    result = Result(case, Outcome.RED, "receipt: refused \x00<b>&\ud800", 0.1)
    root = ET.fromstring(report.as_junit([result], TARGET, system_clock()))
    assert "<b>" in root.find("testsuite/testcase/failure").get("message")
    page = report.as_page([result], TARGET, "host:1", system_clock())
    assert "&lt;b&gt;" in page
    assert page.encode()
