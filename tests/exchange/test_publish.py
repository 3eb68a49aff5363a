# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is published stays true: killed at every boundary, restored from old backups, with files lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.audit import NoteKey, TileReader, checkpoint, leaf_hash
from gateway.audit.entry import Event
from gateway.envelope.issue import new_key, write_private
from gateway.envelope.keys import Algorithm
from gateway.envelope.signer import FileSigner
from gateway.errors import CouldNotCheck
from gateway.exchange.publish import Step
from gateway.exchange.rows import ChannelRow
from tests.exchange.crashing_publisher import open_log, write

LOG = "us/them"
SCRIPT = Path(__file__).with_name("crashing_publisher.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture(name="key_file")
def _key_file(tmp_path):
    """A log key in a file."""
    write_private(tmp_path / "log.key", new_key(Algorithm.ED25519))
    return tmp_path / "log.key"


@pytest.fixture(name="signer")
def _signer(key_file):
    """The signer of the log."""
    return FileSigner.load(key_file)


class Log:
    """A log in a folder; closed and opened at will."""

    def __init__(self, folder, signer):
        self.folder = folder
        self.signer = signer
        self.open()

    def open(self):
        """Open as a start does."""
        self.store, self.checkpoints, self.tiles, self.journal, self.publisher = open_log(
            self.folder, self.signer
        )

    async def close(self):
        """Close everything."""
        self.publisher.close()
        self.checkpoints.close()
        await self.store.close()

    async def reopen(self):
        """Close and open."""
        await self.close()
        self.open()

    async def write(self, count):
        """Write and publish groups of entries."""
        await write(self.store, self.journal, self.publisher, count)

    def fetch(self, path):
        """Read a file as a client of static tiles does."""
        content = self.tiles.read(LOG, path)
        if content is None:
            raise LookupError(path)
        return content

    async def check(self):
        """Everything that was ever published continues what was published before, and the files say so."""
        rows = list(reversed(self.checkpoints.history(LOG, 10**6)))
        newest, key = rows[-1], NoteKey.of(LOG, self.signer.public_key)
        assert checkpoint.verify(self.fetch("checkpoint"), key).size == newest.size
        reader = TileReader(self.fetch, newest.size, newest.root)
        entries = [one for at in range(0, newest.size, 256) for one in reader.entries(at // 256)]
        stored = await self.store.read(lambda tx: tx.log_entries(LOG, 0, newest.size))
        assert entries == [one.leaf for one in stored]
        for row in rows:
            assert checkpoint.verify(row.note, key).root == row.root == reader.root_at(row.size)
        return newest


@pytest.fixture(name="log")
async def _log(tmp_path, signer):
    """An empty log."""
    log = Log(tmp_path / "data", signer)
    yield log
    await log.close()


def crash(folder, key_file, step, passes):
    """Run the script until it is killed; return the sizes that it told."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), str(key_file), step, str(passes)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == -9, done.stderr.decode()
    return [int(one) for one in done.stdout.splitlines() if one.isdigit()]  # the rest is its log


@pytest.mark.parametrize("step", list(Step))
async def test_nothing_was_told_that_a_restart_does_not_know(tmp_path, key_file, signer, step):
    """Killed at a boundary, again and again, the log goes on, and what was told stays published."""
    told = []
    for passes in (0, 1, 7, 20):
        told += crash(tmp_path / "data", key_file, step, passes)
        seen = sqlite3.connect(tmp_path / "data" / "checkpoints.sqlite")
        newest = seen.execute("SELECT max(size) FROM checkpoint").fetchone()[0] or 0
        seen.close()
        assert max(told, default=0) <= newest
    log = Log(tmp_path / "data", signer)
    assert await log.publisher.recover() == {}
    state = await log.store.read(lambda tx: tx.log_state(LOG))
    assert (await log.check()).size == state.size
    await log.write(3)
    await log.check()
    await log.close()


async def test_a_long_log_is_published_in_full_tiles(log):
    """A log that was never published is staged from its beginning, and readable by a client of tiles."""

    def work(tx):
        for number in range(700):
            log.journal.record_event(tx, "them", Event.SENT, statement=b"%d" % number, subject="", now=1)

    await log.store.transact(work)
    await log.publisher.published("them", 650)
    assert (await log.check()).size == 700
    assert log.tiles.has(LOG, "tile/0/001")
    assert not log.tiles.has(LOG, "tile/0/002.p/100")
    assert log.tiles.read(LOG, "tile/0/002.p/100") == log.fetch("tile/0/002.p/188")[:3200]
    assert log.tiles.read(LOG, "tile/0/001.p/3") == log.fetch("tile/0/001")[:96]


async def test_one_publication_takes_all_that_wait(log):
    """Entries committed together are published by one checkpoint."""
    for _ in range(5):
        await log.store.transact(
            lambda tx: log.journal.record_event(tx, "them", Event.SENT, statement=b"", subject="", now=1)
        )
    await log.publisher.publish_all()
    assert [one.size for one in log.checkpoints.history(LOG, 9)] == [5]


def edit(folder, words, *values):
    """Change the database behind the gateway's back."""
    connection = sqlite3.connect(folder / "gateway.sqlite")
    with connection:
        connection.execute(words, values)
    connection.close()


async def refusal(log):
    """Start again; the log must be refused, its partner's channels stopped, and nothing signed."""
    other = ChannelRow(name="us/others/item", partner="others", direction="out")
    mine = ChannelRow(name="us/them/item", partner="them", direction="out")
    await log.store.transact(lambda tx: (tx.put_channel(mine), tx.put_channel(other)))
    before = log.checkpoints.newest(LOG)
    (found,) = (await log.publisher.recover()).values()
    with pytest.raises(CouldNotCheck):
        await log.publisher.published("them", 1)
    with pytest.raises(CouldNotCheck) as raised:
        await log.store.transact(
            lambda tx: log.journal.record_event(tx, "them", Event.SENT, statement=b"", subject="", now=1)
        )
    assert found.code in str(raised.value)
    assert log.checkpoints.newest(LOG) == before
    await log.store.transact(
        lambda tx: log.journal.record_event(tx, "others", Event.SENT, statement=b"", subject="", now=1)
    )
    await log.publisher.published("others", 1)
    rows = await log.store.read(lambda tx: {one.name: one.stopped for one in tx.channels()})
    assert rows == {"us/them/item": found.code, "us/others/item": ""}
    return found.code


async def test_an_old_backup_is_not_signed(log):
    """A database older than what was published is refused with words that say what to do."""
    await log.write(3)
    await log.close()
    shutil.copy(log.folder / "gateway.sqlite", log.folder / "backup")
    log.open()
    await log.write(3)
    await log.close()
    for one in log.folder.glob("gateway.sqlite*"):
        one.unlink()
    shutil.copy(log.folder / "backup", log.folder / "gateway.sqlite")
    log.open()
    assert await refusal(log) in {"LOG-BEHIND", "LOG-DIFFERENT"}


async def test_the_backup_refusal_names_the_partner_and_the_way_back(log):
    """The remedy of an old backup says which backup, and where the rest comes from."""
    await log.write(3)
    await log.close()
    edit(log.folder, "DELETE FROM log_hash")
    edit(log.folder, "DELETE FROM log_entry")
    edit(log.folder, "DELETE FROM log")
    log.open()
    found = (await log.publisher.recover())[LOG]
    assert found.code == "LOG-BEHIND"
    assert "newest backup" in found.remedy
    assert "reconcile" in found.remedy


@pytest.mark.parametrize(
    "words",
    [
        'UPDATE log_hash SET hash = randomblob(32) WHERE level = 0 AND "index" = 5',
        'UPDATE log_entry SET leaf = randomblob(66) WHERE "index" = 5',
        'DELETE FROM log_hash WHERE level = 0 AND "index" = 5',
    ],
    ids=["hash", "entry", "missing"],
)
async def test_an_edited_edge_is_not_signed(log, words):
    """Entries or hashes at the edge that were changed behind the gateway's back are refused."""
    await log.write(3)
    await log.close()
    edit(log.folder, words)
    log.open()
    assert await refusal(log) == "LOG-DIFFERENT"


async def test_lost_checkpoints_are_noticed(log):
    """A store of checkpoints that is older than the published file is refused."""
    await log.write(3)
    await log.close()
    for one in log.folder.glob("checkpoints.sqlite*"):
        one.unlink()
    log.open()
    assert (await log.publisher.recover())[LOG].code == "LOG-CHECKPOINTS"


async def test_lost_files_are_made_again(log):
    """Tiles and checkpoint file that are missing or damaged come back from the database."""
    await log.write(40)
    newest = await log.check()
    assert newest.size > 256
    for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
        (log.folder / "log" / LOG / path).unlink()
    partial = next((log.folder / "log" / LOG / "tile" / "entries").glob("*.p/*"))
    partial.write_bytes(b"damaged")
    await log.reopen()
    assert await log.publisher.recover() == {}
    assert await log.check() == newest


async def test_entries_committed_but_not_published_are_published_at_start(log):
    """A crash between commit and publication loses nothing."""
    await log.write(2)
    await log.store.transact(
        lambda tx: log.journal.record_event(tx, "them", Event.SENT, statement=b"", subject="", now=1)
    )
    await log.reopen()
    await log.publisher.recover()
    assert (await log.check()).size == 4


async def test_two_processes_publish_one_log(log, signer):
    """Of two processes on one store each goes on from what the other has published."""
    other = Log(log.folder, signer)
    for one in (log, other, log, other):
        await one.write(2)
    await log.check()
    await other.close()


async def test_entries_that_do_not_lead_to_the_tree_are_not_signed(log):
    """A leaf that changes between commit and publication ends the log."""
    await log.write(2)
    await log.store.transact(
        lambda tx: log.journal.record_event(tx, "them", Event.SENT, statement=b"", subject="", now=1)
    )
    edit(log.folder, 'UPDATE log_entry SET leaf = ? WHERE "index" = 3', leaf_hash(b"other"))
    with pytest.raises(CouldNotCheck):
        await log.publisher.published("them", 4)
    assert log.checkpoints.newest(LOG).size == 3
