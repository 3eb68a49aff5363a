# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The manners of the command: quick help, exit codes, words for people apart from data."""

import os
import resource
import subprocess
import sys
from importlib.metadata import version

import pytest
import typer

from gateway.cli.application import application
from tests.pace import slower

HELP_SECONDS = 0.15  # of CPU time, on a quiet machine
HELP_MODULES = 240  # help needs 190 with those of Python itself; boxes and colours alone bring 150 more
HEAVY = (
    "aiohttp",
    "alembic",
    "cryptography",
    "google.protobuf",
    "grpc",
    "lxml",
    "msgspec",
    "rich",
    "sqlalchemy",
)
NO_DATA = {
    "agreement new": "prints the agreement itself",
    "agreement sign": "writes a file",
    "audit bundle": "writes a file",
    "audit export": "writes files",
    "audit open-field": "writes files",
    "audit prove": "writes a file",
    "completion": "prints a script",
    "demo": "is a stage for people",
    "init": "makes a folder",
    "mock customs": "runs until it is ended",
    "mock post": "runs until it is ended",
    "mock stage": "runs until it is ended",
    "pki renew-crl": "writes a file",
    "pki revoke": "writes a file",
    "remote bundle": "writes a file",
    "remote watch": "prints JSON lines always",
    "serve": "runs until it is ended",
}
COMMANDS = (
    "completion",
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
        f"sys.stderr.write(','.join(one for one in {HEAVY!r} if one in sys.modules))\n"
        "sys.stderr.write(f'|{len(sys.modules)}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, _, modules = done.stderr.partition("|")
    assert heavy == ""
    assert int(modules) < HELP_MODULES


@pytest.mark.long
def test_help_is_quick() -> None:
    """The best of seven runs of help computes for less than 150 ms, at the pace of this machine."""
    times = []
    pace = slower()
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "gateway", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < HELP_SECONDS * max(pace, slower())


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


def test_the_version_is_that_of_the_distribution(gateway) -> None:
    """`gateway --version` prints the version that the distribution has, and nothing else."""
    done = gateway("--version")
    assert (done.code, done.out, done.err) == (0, f"gateway {version('ead-gateway')}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(gateway, shell) -> None:
    """The script of a shell asks this command for the words."""
    done = gateway("completion", shell)
    assert done.code == 0
    assert f"_GATEWAY_COMPLETE=complete_{shell}" in done.out


def test_bash_completes_nouns_and_verbs(tmp_path) -> None:
    """With the script a real bash completes a noun, a verb of it and an option."""
    command = f"{sys.executable} -m gateway"
    (tmp_path / "gateway").write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    (tmp_path / "gateway").chmod(0o755)
    ask = (
        "source <(gateway completion bash)\n"
        'for words in "ent" "enterprise wi" "errors --js"; do\n'
        "COMP_WORDS=(gateway $words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
        "_gateway_completion gateway; echo ${COMPREPLY[@]}\ndone\n"
    )
    done = subprocess.run(
        ["bash", "-c", ask],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.stdout.split("\n")[:3] == ["enterprise", "withdraw", "--json"]


def _verbs(command, words=()):
    """Yield the words of every verb with the names of its options."""
    for name, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from _verbs(one, (*words, name))
        if not hasattr(one, "commands") or one.invoke_without_command:
            yield " ".join((*words, name)), {option for each in one.params for option in each.opts}


def test_every_command_that_prints_data_prints_it_for_machines() -> None:
    """`--json` is there for all verbs except those that print none, or print a text that is for machines."""
    found = dict(_verbs(typer.main.get_command(application)))
    assert {words for words, options in found.items() if "--json" not in options} == set(NO_DATA)
    assert len(found) > 90
