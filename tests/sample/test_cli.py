# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import json

from typer.testing import CliRunner

from gateway.cli.sample import app


def test_messages_and_ledger_are_written(tmp_path) -> None:
    """The command writes every message and the ledger that names them."""
    arguments = ["generate", "--out", str(tmp_path), "--lists", "20", "--fault-rate", "0.5", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    ledger = json.loads((tmp_path / "expectations.json").read_text("utf-8"))
    assert {one.name for one in tmp_path.iterdir()} == {*ledger, "expectations.json"}
    counted = json.loads(result.stdout)
    assert counted["messages"] == len(ledger)
    assert counted["refused_documents"] == sum(len(one["refused"]) for one in ledger.values())


def test_the_summary_is_for_people(tmp_path) -> None:
    """Without --json one line says what was written."""
    result = CliRunner().invoke(app, ["generate", "--out", str(tmp_path), "--lists", "1"])
    assert result.stdout.startswith("4 messages in ")
