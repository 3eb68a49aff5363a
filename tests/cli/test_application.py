# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The manners of the command: quick help, exit codes, words for people apart from data."""

import resource
import subprocess
import sys

import pytest

HELP_SECONDS = 0.4  # of CPU time, on a machine whose cores other tests share
HEAVY = ("aiohttp", "alembic", "cryptography", "google.protobuf", "grpc", "lxml", "msgspec", "sqlalchemy")
COMMANDS = (
    "convert",
    "doctor",
    "errors",
    "explain",
    "init",
    "received",
    "serve",
    "status",
    "submit",
    "trace",
    "validate",
)


def test_help_imports_nothing_heavy() -> None:
    """Help comes before any library of the servers is imported."""
    code = (
        "import sys\nsys.argv = ['gateway', '--help']\nfrom gateway.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(','.join(one for one in {HEAVY!r} if one in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.long
def test_help_is_quick() -> None:
    """The best of seven runs of help computes for less than 0.4 seconds."""
    times = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "gateway", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < HELP_SECONDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(gateway, command) -> None:
    """Each command explains itself and ends with 0."""
    done = gateway(command, "--help")
    assert done.code == 0
    assert "Usage" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("errors", "--nonsense"),
        ("validate", "/nowhere/at/all.xml"),
        ("status", "--config", "/nowhere/gateway.toml"),
        ("serve", "--config", "/nowhere/gateway.toml"),
        ("init",),
    ],
)
def test_wrong_usage_ends_with_two(gateway, arguments) -> None:
    """What cannot be begun ends with 2, says why on standard error, and writes no data."""
    done = gateway(*arguments)
    assert done.code == 2
    assert done.err
    assert done.out == ""
