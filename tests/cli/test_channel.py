# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway channel` as an operator uses it."""

import asyncio

import msgspec
import pytest
from typer.testing import CliRunner

from gateway.cli.channel import app
from gateway.config import load_config
from gateway.exchange.rows import ChannelRow
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
    path = tmp_path / "gateway.toml"
    path.write_text('[node]\norganisation = "alpha"\n')
    row = ChannelRow(name=NAME, partner="beta", direction="out", sequence=3, confirmed=2)
    (tmp_path / "data").mkdir()
    in_store(path, lambda tx: tx.put_channel(msgspec.structs.replace(row, stopped="TRUST-KEY-UNKNOWN")))
    return path


def test_resume_clears_the_stop_and_nothing_else(config):
    """A resumed channel keeps its numbers, and says what had stopped it."""
    result = runner.invoke(app, ["resume", NAME, "--config", str(config)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "TRUST-KEY-UNKNOWN" in result.stdout
    row = in_store(config, lambda tx: tx.channel(NAME))
    assert (row.stopped, row.sequence, row.confirmed) == ("", 3, 2)


@pytest.mark.parametrize("name", [NAME, "alpha/gamma/item"])
def test_what_is_not_stopped_is_said(config, name):
    """A channel that runs, or that does not exist, cannot be resumed."""
    runner.invoke(app, ["resume", NAME, "--config", str(config)], catch_exceptions=False)
    assert runner.invoke(app, ["resume", name, "--config", str(config)]).exit_code == 1
