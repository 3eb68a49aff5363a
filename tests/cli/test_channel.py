# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway channel` as an operator uses it."""

import asyncio
import json

import msgspec
import pytest
from typer.testing import CliRunner

from gateway.cli.channel import app
from gateway.clock import system_clock
from gateway.config import load_config
from gateway.exchange.rows import ChannelRow
from gateway.node_folder import make_node_folder
from gateway.store import open_store

NAME = "alpha/beta/item"
runner = CliRunner()


def in_store(config, work):
    """Run one transaction on the store of a configuration."""

    async def run():
        store = open_store(load_config(config).database.url)
        try:
            return await store.transact(work)
        finally:
            await store.close()

    return asyncio.run(run())


@pytest.fixture(name="config")
def _config(tmp_path):
    """A node whose one channel has stopped after three batches."""
    path = make_node_folder(tmp_path / "alpha", "alpha", system_clock())
    row = ChannelRow(name=NAME, partner="beta", direction="out", sequence=3, confirmed=2)
    in_store(path, lambda tx: tx.put_channel(msgspec.structs.replace(row, stopped="TRUST-KEY-UNKNOWN")))
    return path


def test_resume_clears_the_stop_and_nothing_else(config):
    """A resumed channel keeps its numbers, and says what had stopped it."""
    result = runner.invoke(
        app, ["resume", NAME, "--reason", "looked into", "--config", str(config)], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "TRUST-KEY-UNKNOWN" in result.stdout
    row = in_store(config, lambda tx: tx.channel(NAME))
    assert (row.stopped, row.sequence, row.confirmed) == ("", 3, 2)


@pytest.mark.parametrize("name", [NAME, "alpha/gamma/item"])
def test_what_is_not_stopped_is_said(config, name):
    """A channel that runs, or that does not exist, cannot be resumed."""
    runner.invoke(
        app, ["resume", NAME, "--reason", "looked into", "--config", str(config)], catch_exceptions=False
    )
    assert runner.invoke(app, ["resume", name, "--reason", "again", "--config", str(config)]).exit_code == 1


def test_a_resume_is_an_entry_of_the_log(config):
    """Letting a channel go on stands in the audit log about its partner."""
    runner.invoke(app, ["resume", NAME, "--reason", "looked into", "--config", str(config)])
    entries = in_store(config, lambda tx: tx.log_entries("alpha/beta", 0, 10))
    assert [one.event for one in entries] == ["access"]


def test_a_stopped_channel_is_listed_with_its_meaning(config):
    """The list names the code, what it means and what to do, and ends with 1."""
    result = runner.invoke(app, ["list", "--config", str(config), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["code"] == "TRUST-KEY-UNKNOWN"
    assert json.loads(result.stdout)[0]["remedy"]
