# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The files to deploy from: configurations, systemd unit, container file."""

import re
import shutil
import subprocess
import sys

import pytest

from gateway.config import load_config
from tests.docs.pages import DOCS

FOLDER = DOCS / "examples" / "deployment"
ROOT = DOCS.parent


@pytest.mark.parametrize("name", ["one-machine", "several-nodes"])
def test_example_configurations_are_read(name) -> None:
    """The program's own reader takes each example, and its folders stand beside it."""
    config = load_config(FOLDER / f"{name}.toml", {})
    assert config.node.organisation == "customs-cn"
    assert config.keys == str(FOLDER / "keys")
    assert config.database.url.startswith("postgresql+psycopg://") == (name == "several-nodes")


def directives():
    """Return the directives of the unit, each with its values."""
    found = {}
    for line in (FOLDER / "gateway.service").read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_unit_runs_the_program_as_it_is() -> None:
    """The command of the unit and its options exist, and exit code 2 ends the tries."""
    said = directives()
    (command,) = said["ExecStart"]
    help_text = subprocess.run(
        [sys.executable, "-m", "gateway", "serve", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"--[a-z-]+", command) == ["--config", "--ready-file"]
    assert all(one in help_text for one in ("--config", "--ready-file"))
    assert said["RestartPreventExitStatus"] == ["2"]
    assert said["NoNewPrivileges"] == said["PrivateTmp"] == ["yes"]
    assert int(said["TimeoutStopSec"][0]) > load_config(FOLDER / "one-machine.toml", {}).grpc.drain_seconds


def test_the_unit_is_sound(tmp_path) -> None:
    """Systemd finds nothing wrong in the unit, and calls its exposure OK."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "gateway.service"
    text = (FOLDER / "gateway.service").read_text("utf-8")
    unit.write_text(re.sub(r"/opt/ead-gateway/bin/gateway", shutil.which("true"), text), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_container_file_builds_from_what_is_here() -> None:
    """It copies what exists, installs with hashes only, fetches nothing else, and is not root."""
    text = (FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    copied = [words.split()[:-1] for verb, words in steps if verb == "COPY" and "--from" not in words]
    assert all((ROOT / one).exists() for words in copied for one in words)
    installs = [words for verb, words in steps if verb == "RUN" and "pip install" in words]
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    assert not [verb for verb, _ in steps if verb == "ADD"]
    assert [words for verb, words in steps if verb == "USER"] == ["10001:10001"]
    assert any(
        "groupadd --gid 10001" in words and "--uid 10001" in words for verb, words in steps if verb == "RUN"
    )
    assert "/readyz" in next(words for verb, words in steps if verb == "HEALTHCHECK")
    assert "build --format docker" in (DOCS / "deployment.md").read_text("utf-8")  # OCI has no health checks
    packages = re.search(r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    assert set(re.findall(r'"(\w+)"', packages)) <= {one for words in copied for one in words}


def test_the_lock_of_the_extras_holds_the_lock_of_the_program() -> None:
    """Every version of the plain lock stands in the one with the extras, and the extras beside them."""
    plain, whole = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-extras.lock")
    )
    assert plain <= whole
    names = {one.split("==")[0] for one in whole - plain}
    assert {"psycopg", "pyarrow"} <= names
