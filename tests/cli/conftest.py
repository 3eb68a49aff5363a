# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The whole command in this process, with its exit code, and sample messages as files."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from gateway.cli import main
from gateway.sample import generate


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Return standard output as the machine reads it."""
        return json.loads(self.out)


@pytest.fixture(name="gateway")
def _gateway(capsys, monkeypatch):
    """Run `gateway` with arguments, as `main` does it."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["gateway", *(str(one) for one in arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        read = capsys.readouterr()
        return Done(code, read.out, read.err)

    return run


@pytest.fixture(name="gateway_process")
def _gateway_process():
    """Run `gateway` as a process of its own, for commands that set up the log or start workers."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session", name="samples")
def _samples(tmp_path_factory):
    """One good message of each kind, a list with a fault, and a message that is refused whole; by kind."""
    folder = tmp_path_factory.mktemp("samples")
    found = {}
    kinds = {"good": {}, "fault": {"faults": ["wrong_total"]}, "whole": {"faults": ["wrong_namespace"]}}
    for kind, faults in kinds.items():
        rate = 0.5 if faults else 0.0
        for message in generate(41, 4, fault_rate=rate, destinations=["NL"], **faults):
            told = message.expectation
            name = message.name.partition("-")[2].partition(".")[0]
            if kind == "good" or (kind == "fault" and told.refused) or (kind == "whole" and told.whole):
                key = name if kind == "good" else kind
                found[key] = folder / f"{kind}-{message.name}"
                found[key].write_bytes(message.raw)
    return found
