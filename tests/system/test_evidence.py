# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real gateways make evidence about an item; somebody else checks it with files and authorities alone."""

import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running
from gateway.sample import generate
from tests.system.submitting import eventually, settled, submit_until_answered

FIELD = "order_number"


def run(*arguments, code=0, cwd=None):
    """Run the command; return its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "audit", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout


def database(party):
    """Open the database of a gateway."""
    return sqlite3.connect(party.folder / "data" / "gateway.sqlite", timeout=30)


def exchanged(here, there):
    """Return the tracking number of an item that was accepted at the other side."""
    with database(there) as connection:
        found = connection.execute(
            "SELECT tracking_number FROM inbound_record WHERE state = 'accepted' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return found[0] if found and settled(here.url) else ""


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways that have exchanged items, still running, and one of the items."""
    here, there = parties = make_parties(tmp_path_factory.mktemp("evidence"), packaged_agreements())
    with running(parties):
        for message in generate(11, 3, destinations=["NL"]):
            submit_until_answered(here.url, message)
        number = eventually(lambda: exchanged(here, there))
        yield here, there, number


@pytest.fixture(name="desk")
def _desk(stage, tmp_path):
    """A folder with the bundles of both sides and the authorities, and nothing else."""
    here, there, number = stage
    for party in (here, there):
        file = tmp_path / f"{party.organisation}.json"

        def made(party=party, file=file):
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "gateway",
                    "audit",
                    "bundle",
                    number,
                    "--config",
                    party.config,
                    "--out",
                    file,
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode == 0 or ("not in a published checkpoint yet" not in done.stderr and done)

        assert eventually(made) is True
        shutil.copy(party.folder / "keys" / "ca.pem", tmp_path / f"{party.organisation}.pem")
    return tmp_path


def trust(here, there):
    """Return the options that name both authorities."""
    return "--trust", f"{here.organisation}.pem", "--trust", f"{there.organisation}.pem"


def test_bundles_of_both_ends_hold_elsewhere(stage, desk) -> None:
    """With the file and the authorities alone, the bundle of either end is good and says what was sent."""
    here, there, number = stage
    for party in (here, there):
        found = json.loads(
            run("verify", f"{party.organisation}.json", *trust(here, there), "--json", cwd=desk)
        )
        assert found["verdict"] == "good"
        assert found["facts"]["fields"]["tracking_number"] == number
        assert found["facts"]["outcome"] == "accepted"
    assert "✔ statement" in run("verify", f"{here.organisation}.json", *trust(here, there), cwd=desk)


def test_joined_bundle_proves_both_logs(stage, desk) -> None:
    """With the other side's bundle at hand, inclusion in both logs is proved by one file."""
    here, there, number = stage
    joined = desk / "joined.json"
    run(
        "bundle",
        number,
        "--config",
        here.config,
        "--with",
        desk / f"{there.organisation}.json",
        "--out",
        joined,
    )
    found = json.loads(run("verify", "joined.json", *trust(here, there), "--json", cwd=desk))
    assert found["verdict"] == "good"
    assert {"log", "partner's log"} <= {one["name"] for one in found["checks"] if one["state"] == "good"}


def test_exit_codes_tell_bad_from_unknown(stage, desk) -> None:
    """Without authorities the command ends with 2, with an altered file with 1."""
    here, there, _ = stage
    name = f"{here.organisation}.json"
    run("verify", name, code=2, cwd=desk)
    run("verify", name, "--trust", f"{here.organisation}.pem", code=2, cwd=desk)
    (desk / "altered.json").write_bytes((desk / name).read_bytes().replace(b'"index": ', b'"index": 1'))
    found = json.loads(run("verify", "altered.json", *trust(here, there), "--json", code=1, cwd=desk))
    assert {one["code"] for check in found["checks"] for one in check["findings"]} >= {"AUDIT-BUNDLE-LOG"}


def test_field_is_opened_for_a_referral(stage, desk) -> None:
    """The sender opens one field, the recipient and a stranger check it, and the access is in the log."""
    here, there, number = stage
    opened = desk / "opened.json"
    run("open-field", number, FIELD, "--config", here.config, "--out", opened)
    seen = json.loads(run("verify-field", opened, "--config", there.config, "--json"))
    assert seen["path"] == FIELD
    assert seen["value"]
    offline = ("verify-field", "opened.json", "--bundle", f"{there.organisation}.json", *trust(here, there))
    assert json.loads(run(*offline, "--json", cwd=desk))["value"] == seen["value"]
    with database(here) as connection:
        (count,) = connection.execute("SELECT count(*) FROM log_entry WHERE event = 'access'").fetchone()
    assert count == 1
    run("open-field", number, "addressee.name", "--config", here.config, "--out", opened, code=1)


def test_self_audit_of_serving_nodes(stage) -> None:
    """The books of both gateways are good while they serve."""
    here, there, _ = stage
    for party in (here, there):
        found = json.loads(run("fsck", "--config", party.config, "--json"))
        assert found["good"], found["findings"]
        assert found["records"] > 0
