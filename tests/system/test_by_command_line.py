# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two administrations set everything up with the command `gateway` alone, and an item arrives."""

import json
import re
import subprocess
import sys

from gateway.demo.stage import HERE, HOST, THERE, Party, free_ports, packaged_agreements, running
from tests.system.submitting import eventually


def run(*arguments, code=0):
    """Run the command as an operator does; return its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout


def make(folder, organisation, grpc, http):
    """Make a node and export its bundle; return the party, the bundle and its fingerprint."""
    place = folder / organisation
    ends = ("--grpc", f"{HOST}:{grpc}", "--http", f"{HOST}:{http}")
    run("init", "--organisation", organisation, "--folder", place, *ends)
    party = Party(organisation, place, f"{HOST}:{grpc}", f"{HOST}:{http}")
    bundle = folder / f"{organisation}.bundle.json"
    export = ("partner", "export", "--config", party.config, "--name", organisation)
    said = json.loads(run(*export, "--endpoint", party.grpc, "--out", bundle, "--json"))
    return party, bundle, said["fingerprint"]


def test_from_nothing_to_the_first_item(tmp_path) -> None:
    """Init, exchange of bundles, agreement signed by both, serve, submit, received: all by commands."""
    ports = free_ports(4)
    here, our_bundle, our_fingerprint = make(tmp_path, HERE, *ports[:2])
    there, their_bundle, their_fingerprint = make(tmp_path, THERE, *ports[2:])
    run("partner", "import", their_bundle, "--config", here.config, code=1)
    for party, bundle, fingerprint in (
        (here, their_bundle, their_fingerprint),
        (there, our_bundle, our_fingerprint),
    ):
        run("partner", "import", bundle, "--config", party.config, "--fingerprint", fingerprint)

    text = tmp_path / "agreement.toml"
    text.write_bytes(next(one for one in packaged_agreements() if b'id = "cn-nl-export"' in one))
    assert json.loads(run("agreement", "check", text, "--json"))["good"]
    signed = tmp_path / "signed.json"
    run("agreement", "sign", text, "--keys", here.folder / "keys", "--out", signed)
    run("agreement", "check", signed, "--config", here.config, code=1)
    run("agreement", "sign", signed, "--keys", there.folder / "keys", "--out", signed)
    for party in (here, there):
        run("agreement", "check", signed, "--config", party.config)
        run(
            "agreement", "sign", signed, "--keys", there.folder / "keys", "--out", party.folder / "agreements"
        )

    samples = tmp_path / "samples"
    run("sample", "generate", "--lists", "5", "--destinations", "NL", "--out", samples)
    files = sorted(samples.glob("0*"))
    tracking = re.search("<ceb:logisticsNo>([^<]+)<", next(samples.glob("*CEB603*")).read_text())[1]
    with running((here, there)):
        layers = json.loads(run("partner", "test", THERE, "--config", here.config, "--json"))
        assert [one["name"] for one in layers if one["state"] == "failed"] == []
        rows = json.loads(run("submit", *files, "--config", here.config, "--json"))
        assert {row["outcome"] for row in rows} == {"accepted"}

        def status(party):
            return json.loads(run("status", "--config", party.config, "--json"))["status"]["ledger"]

        eventually(lambda: status(there)["inbound_records"] == {"accepted": 5})
        received = json.loads(run("received", tracking, "--config", there.config, "--json"))
        assert [one["release"]["item"]["tracking_number"] for one in received] == [tracking]
        story = json.loads(run("trace", tracking, "--config", here.config, "--json"))
        assert [one["state"] for one in story["shares"]] == ["accepted"]
    assert run("received", "LX000000005CN", "--config", there.config, code=1) == ""
