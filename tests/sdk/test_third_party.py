# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Adapters that do not come with the gateway: built, installed beside it, and used end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.sdk.scaffold import make_adapter

SOURCE = Path(__file__).parents[1] / "third_party" / "paper_slip"
SAMPLE = SOURCE / "paper_slip" / "samples" / "good_two.txt"


def install(source, target):
    """Build a distribution and install it into a folder, with nothing from anywhere else."""
    words = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *words, "--target", str(target), str(source)],
        check=True,
        timeout=120,
    )


def commands(target, folder):
    """Return a function that runs `gateway` with the installed folder on its path."""
    environment = {**os.environ, "PYTHONPATH": str(target)}

    def run(*words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *map(str, words)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout

    return run


@pytest.fixture(name="copied")
def _copied(tmp_path):
    """Return a copy of the sources, for building leaves files beside them."""
    return make_copy(SOURCE, tmp_path / "source")


def make_copy(source, target):
    """Copy the files of a distribution."""
    for file in (one for one in source.rglob("*") if one.is_file() and "__pycache__" not in one.parts):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())
    return target


def test_a_foreign_distribution_works_end_to_end(tmp_path, copied) -> None:
    """It is found by its entry point, passes the kit, converts, and its messages become items of a node."""
    target, node = tmp_path / "site", tmp_path / "node"
    node.mkdir()
    install(copied, target)
    gateway = commands(target, node)
    assert "paper_slip: good" in gateway("adapter", "check", "paper_slip")
    gateway("init", "--organisation", "customs-cn")
    listed = json.loads(gateway("adapter", "list", "--json"))["adapters"]
    ours = next(one for one in listed if one["name"] == "paper_slip")
    assert (ours["distribution"], ours["enabled"], ours["problem"]) == ("paper-slip", False, "")
    config = node / "gateway.toml"
    config.write_text(config.read_text("utf-8").replace('["gacc_ceb"', '["paper_slip", "gacc_ceb"'), "utf-8")
    assert "2 of 2 documents accepted" in gateway("submit", SAMPLE)
    assert "destination_country = NL  [postal]" in gateway("trace", "LX434640975CN")
    assert "SUPPLEMENT" not in gateway("convert", SAMPLE, "--to", "paper_slip")
    assert (
        json.loads(gateway("convert", SAMPLE, "--to", "supplement"))["items"][1]["destination_country"]
        == "BE"
    )


def test_a_new_adapter_passes_its_own_tests(tmp_path) -> None:
    """What `gateway adapter new` makes is built, installed, conforms, and its own pytest is green."""
    target, made = tmp_path / "site", tmp_path / "nl_douane"
    commands(target, tmp_path)("adapter", "new", "nl_douane", "--folder", made)
    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(made / "tests")],
        cwd=made,
        env={**os.environ, "PYTHONPATH": str(made)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert own.returncode == 0, own.stdout
    install(made, target)
    told = json.loads(commands(target, tmp_path)("adapter", "check", "nl_douane", "--json"))
    assert told["good"]
    assert told["speeds"][0]["decode"] > 0


@pytest.mark.parametrize("name", ["Nl", "nl-douane", "1nl", "", "nl__x", "_nl"])
def test_a_wrong_name_is_refused(tmp_path, name) -> None:
    """A name that cannot be a package or a setting makes nothing."""
    with pytest.raises(ConfigError):
        make_adapter(name, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path) -> None:
    """Nothing is written over."""
    (tmp_path / "kept").write_text("kept")
    with pytest.raises(ConfigError, match="not empty"):
        make_adapter("nl_douane", tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
