# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that check a file and show the planted faults."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.edifact import app
from gateway.sample.edifact_faults import interchange, joined, ten_faults

PAGE = Path(__file__).parents[3] / "docs" / "edifact-faults.md"


@pytest.fixture
def run():
    """Return what runs a command."""
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_good_file_passes(run, tmp_path):
    """A faultless interchange is told in one line and ends with 0."""
    file = tmp_path / "good.edi"
    file.write_bytes(joined(interchange()))
    result = run("check", file)
    assert result.exit_code == 0
    assert "reference REF1" in result.output


def test_a_bad_file_fails_with_findings(run, tmp_path):
    """Every finding comes as JSON with its place, and the command ends with 1."""
    file = tmp_path / "bad.edi"
    file.write_bytes(next(one.raw for one in ten_faults() if one.name == "too_long"))
    result = run("check", file, "--json")
    assert result.exit_code == 1
    message, whole = (json.loads(line) for line in result.stdout.splitlines())
    assert message["findings"][0]["code"] == "EDIFACT-TOO-LONG"
    assert "byte" in message["findings"][0]["position"]
    assert (whole["messages"], whole["refused"]) == (1, 1)


def test_a_bad_guide_folder_is_a_usage_error(run, tmp_path):
    """A folder with a wrong guide ends with 2."""
    (tmp_path / "bad.toml").write_text("[[[")
    file = tmp_path / "good.edi"
    file.write_bytes(joined(interchange()))
    assert run("check", file, "--guide", tmp_path).exit_code == 2


def test_the_page_of_planted_faults_is_what_the_command_prints(run):
    """The printed page in docs is current."""
    result = run("faults")
    assert result.exit_code == 0
    assert result.stdout == PAGE.read_text("utf-8")
    rows = json.loads(run("faults", "--json").stdout)
    assert all(row["caught"] for row in rows)
