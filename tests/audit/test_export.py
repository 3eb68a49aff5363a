# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the store of a node to a proof that verifies offline."""

import asyncio
from datetime import UTC, datetime

from typer.testing import CliRunner

from gateway.audit import Event, NoteKey
from gateway.cli.audit import app
from gateway.config import load_config
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.errors import ConfigError
from gateway.exchange.journal import Journal
from gateway.store import open_store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOG = "customs-cn/customs-nl"


async def record(url, signer, count):
    """Write entries to the log of a node the way the node does."""
    store = open_store(url)
    key = NoteKey.of(LOG, signer.public_key)
    journal = Journal("customs-cn", signer, key.public_key, bytes)
    for one in range(count):
        statement = str(one).encode()
        await store.transact(
            lambda tx, statement=statement: journal.record_event(
                tx, "customs-nl", Event.SENT, statement=statement, subject="batch:1", now=1
            )
        )
    await store.close()


def test_exported_log_proves_every_entry(tmp_path):
    """Export, prove and verify work in turn on the log of a real store."""
    write_keys(tmp_path / "keys", "customs-cn", NOW)
    config = tmp_path / "gateway.toml"
    config.write_text('[node]\norganisation = "customs-cn"\n')
    (tmp_path / "data").mkdir()
    url = load_config(config, {}).database.url
    asyncio.run(record(url, KeySet.load(tmp_path / "keys").log_ed25519, 5))
    out = tmp_path / "out"
    run = CliRunner().invoke
    assert run(app, ["export", LOG, "--out", str(out), "--config", str(config)]).exit_code == 0
    for index, entry in enumerate((out / "entries.txt").read_text().split()):
        proof = ["--index", str(index), "--checkpoint", str(out / "checkpoint"), "--out", str(out / "proof")]
        assert run(app, ["prove", str(out / "entries.txt"), *proof]).exit_code == 0
        check = ["--entry", entry, "--key", str(out / "key")]
        assert run(app, ["verify", str(out / "proof"), *check]).exit_code == 0
    absent = run(app, ["export", "customs-cn/customs-de", "--out", str(out), "--config", str(config)])
    assert isinstance(absent.exception, ConfigError)
