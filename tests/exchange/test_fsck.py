# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The self-audit on real stores: it is silent about honest books, and names every row that was touched."""

import asyncio
import contextlib
import shutil
import sqlite3

import pytest
import zstandard

from gateway.exchange.fsck import SelfAudit
from gateway.store import open_store
from tests.partner_messages import agreement, contribution
from tests.partner_simulator import Gateway, Link, Running, until

CHANNEL = "alpha/beta/item"


async def _exchange(keys, folder):
    """Let alpha send three batches to beta, the second with a refusal before it."""
    stores = {name: open_store(f"sqlite:///{folder / name}.sqlite") for name in ("alpha", "beta")}
    agreements = [agreement()]
    alpha = Gateway("alpha", keys, agreements, store=stores["alpha"])
    beta = Gateway("beta", keys, agreements, store=stores["beta"], seed=8)
    link = Link(alpha, beta)
    for first in (1, 3, 5):
        await alpha.submit(contribution(first), contribution(first + 1), number=f"m{first}")

        async def settled(expected=first + 1):
            return (await alpha.query.ledger()).counts.confirmed == expected

        async with Running(alpha.batcher(CHANNEL), alpha.courier(CHANNEL, link)):
            await until(settled)
        await beta.receiver.receive("alpha", b"junk", b"")
    for store in stores.values():
        await store.close()
    return alpha.keyring


@pytest.fixture(scope="module", name="keyring")
def _keyring(keys, books):
    """The keys of both sides."""
    return books[1]


@pytest.fixture(scope="module", name="books")
def _books(keys, tmp_path_factory):
    """The databases of two gateways after an exchange, and their keys."""
    folder = tmp_path_factory.mktemp("books")
    return folder, asyncio.run(_exchange(keys, folder))


@pytest.fixture(name="audit")
def _audit(books, tmp_path):
    """Audit a copy of one side's database after running words of SQL on it."""
    folder, keyring = books

    def run(name, *words, log=""):
        for file in folder.glob(f"{name}.sqlite*"):
            shutil.copy(file, tmp_path)
        path = tmp_path / f"{name}.sqlite"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for one in words:
                sql, *values = one if isinstance(one, tuple) else (one,)
                assert connection.execute(sql, values).rowcount != 0, sql
        store = open_store(f"sqlite:///{path}", create=False)
        try:
            return store.run_read(lambda tx: SelfAudit(name, keyring).run(tx, log))
        finally:
            store.shut()

    return run


def places(report):
    """Return code and table of every finding."""
    return {
        (one.code.removeprefix("AUDIT-FSCK-"), one.path.partition(":")[0]) for one in report.found.findings
    }


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_honest_books_are_good(audit, name) -> None:
    """Nothing is found in books that nobody touched, and everything was looked at."""
    report = audit(name)
    assert report.found.findings == []
    assert report.records == 6
    assert list(report.channels.values()) == [3]
    assert min(report.logs.values()) > 5


FIRST = "(SELECT min(id) FROM {})"
PAYLOAD = zstandard.ZstdCompressor().compress(b"")
EDITS = {
    "entry": (
        "alpha",
        'UPDATE log_entry SET leaf = zeroblob(66) WHERE "index" = 1',
        {("ENTRY", "log_entry"), ("HASH", "log_hash"), ("ROOT", "log")},
    ),
    "salt of an entry": (
        "alpha",
        'UPDATE log_entry SET salt = zeroblob(32) WHERE "index" = 0',
        {("ENTRY", "log_entry")},
    ),
    "event of an entry": (
        "alpha",
        "UPDATE log_entry SET event = 'access' WHERE \"index\" = 0",
        {("ENTRY", "log_entry")},
    ),
    "subject of an entry": (
        "alpha",
        "UPDATE log_entry SET subject = 'batch:1' WHERE \"index\" = 0",
        {("MISSING", "batch"), ("EXTRA", "batch")},
    ),
    "entry gone": (
        "alpha",
        'DELETE FROM log_entry WHERE "index" = 2',
        {("MISSING", "log_entry"), ("EXTRA", "batch")},
    ),
    "entry added": (
        "alpha",
        (
            "INSERT INTO log_entry SELECT log, 99, event, subject, leaf, salt, created_at FROM log_entry "
            "WHERE \"index\" = 0 AND log = 'alpha/beta'"
        ),
        set(),
    ),
    "entry added at the end": (
        "alpha",
        (
            "INSERT INTO log_entry SELECT log, (SELECT size FROM log WHERE name = 'alpha/beta'), event, "
            "subject, leaf, salt, created_at FROM log_entry WHERE \"index\" = 0 AND log = 'alpha/beta'"
        ),
        {("EXTRA", "log_entry")},
    ),
    "leaf hash": (
        "alpha",
        'UPDATE log_hash SET hash = zeroblob(32) WHERE level = 0 AND "index" = 0',
        {("HASH", "log_hash")},
    ),
    "inner hash": (
        "alpha",
        'UPDATE log_hash SET hash = zeroblob(32) WHERE level = 1 AND "index" = 1',
        {("HASH", "log_hash")},
    ),
    "hash gone": ("alpha", 'DELETE FROM log_hash WHERE level = 1 AND "index" = 0', {("MISSING", "log_hash")}),
    "hash added": (
        "alpha",
        "INSERT INTO log_hash VALUES ('alpha/beta', 7, 0, zeroblob(32))",
        {("EXTRA", "log_hash")},
    ),
    "right edge": ("alpha", "UPDATE log SET frontier = x'90' WHERE name = 'alpha/beta'", {("ROOT", "log")}),
    "checkpoint": (
        "alpha",
        (
            "UPDATE log SET checkpoint = replace(CAST(checkpoint AS TEXT), 'alpha/beta', 'alpha/bexa') "
            "WHERE name = 'alpha/beta'"
        ),
        {("CHECKPOINT", "log")},
    ),
    "payload": (
        "alpha",
        (f"UPDATE batch SET payload = ? WHERE id = {FIRST.format('batch')}", PAYLOAD),
        {("PAYLOAD", "batch")},
    ),
    "payload not compressed": ("alpha", "UPDATE batch SET payload = x'00'", {("PAYLOAD", "batch")}),
    "text for bytes": (
        "alpha",
        "UPDATE log SET frontier = 'text' WHERE name = 'alpha/beta'",
        {("ROOT", "log")},
    ),
    "state of a share": ("alpha", "UPDATE share SET position = 7 WHERE position = 1", {("INDEX", "batch")}),
    "payload received": (
        "beta",
        (f"UPDATE inbound SET payload = ? WHERE id = {FIRST.format('inbound')}", PAYLOAD),
        {("PAYLOAD", "inbound")},
    ),
    "envelope": (
        "alpha",
        f"UPDATE batch SET envelope = x'00' WHERE id = {FIRST.format('batch')}",
        {("SEAL", "batch"), ("ENTRY", "log_entry"), ("SEQUENCE", "batch")},
    ),
    "signature": (
        "alpha",
        (
            f"UPDATE batch SET envelope = substr(envelope, 1, length(envelope) - 8) || zeroblob(8) "
            f"WHERE id = {FIRST.format('batch')}"
        ),
        {("SEAL", "batch")},
    ),
    "receipt": (
        "alpha",
        f"UPDATE batch SET receipt = x'00' WHERE id = {FIRST.format('batch')}",
        {("SEAL", "batch"), ("ENTRY", "log_entry")},
    ),
    "receipt exchanged": (
        "alpha",
        (
            f"UPDATE batch SET receipt = (SELECT receipt FROM batch ORDER BY id DESC LIMIT 1) "
            f"WHERE id = {FIRST.format('batch')}"
        ),
        {("SEAL", "batch"), ("ENTRY", "log_entry")},
    ),
    "receipt gone": (
        "beta",
        f"UPDATE inbound SET receipt = x'' WHERE id = {FIRST.format('inbound')}",
        {("SEAL", "inbound"), ("ENTRY", "log_entry")},
    ),
    "salts": ("alpha", "UPDATE batch SET salts = zeroblob(64)", {("ROW", "batch")}),
    "count": ("alpha", "UPDATE batch SET count = 3", {("ROW", "batch"), ("INDEX", "batch")}),
    "time": ("alpha", "UPDATE batch SET created_at = created_at + 1", {("ROW", "batch")}),
    "accepted": ("alpha", "UPDATE batch SET accepted = 1, rejected = 1", {("ROW", "batch")}),
    "place in the log": (
        "alpha",
        f"UPDATE batch SET log_index = 1 WHERE id = {FIRST.format('batch')}",
        {("ROW", "batch")},
    ),
    "batch gone": (
        "alpha",
        "DELETE FROM batch WHERE sequence = 2",
        {("MISSING", "batch"), ("SEQUENCE", "batch"), ("EXTRA", "share")},
    ),
    "last batch gone": (
        "alpha",
        "DELETE FROM batch WHERE sequence = 3",
        {("MISSING", "batch"), ("EXTRA", "share")},
    ),
    "batch added": (
        "alpha",
        (
            "INSERT INTO batch SELECT id + 9999, 'x' || batch_id, channel, 4, statement_digest, count, "
            "agreement, created_at, envelope, payload, salts, log_index, state, receipt, receipted_at, "
            "receipt_log_index, accepted, rejected FROM batch WHERE sequence = 3"
        ),
        {("EXTRA", "batch"), ("ROW", "batch"), ("INDEX", "batch"), ("SEQUENCE", "batch")},
    ),
    "digest of the channel": ("alpha", "UPDATE channel SET last_digest = zeroblob(32)", {("ROW", "channel")}),
    "share gone": (
        "alpha",
        "DELETE FROM share WHERE id = (SELECT min(id) FROM share)",
        {("INDEX", "batch")},
    ),
    "index row gone": (
        "beta",
        "DELETE FROM inbound_record WHERE id = (SELECT min(id) FROM inbound_record)",
        {("INDEX", "inbound")},
    ),
    "index row edited": (
        "beta",
        "UPDATE inbound_record SET tracking_number = 'RX000000099CN' WHERE position = 0",
        {("INDEX", "inbound_record")},
    ),
    "index row rejected": (
        "beta",
        "UPDATE inbound_record SET state = 'rejected' WHERE position = 0",
        {("INDEX", "inbound_record")},
    ),
    "refusal edited": ("beta", "UPDATE refusal SET envelope = x'01'", {("ENTRY", "log_entry")}),
    "refusal gone": (
        "beta",
        "DELETE FROM refusal WHERE id = (SELECT min(id) FROM refusal)",
        {("MISSING", "refusal")},
    ),
    "refusal added": (
        "beta",
        (
            "INSERT INTO refusal SELECT id + 9999, partner, channel, received_at, codes, envelope, receipt, "
            "log_index FROM refusal LIMIT 1"
        ),
        {("EXTRA", "refusal")},
    ),
    "channel gone": ("beta", "DELETE FROM channel", {("MISSING", "channel")}),
}


@pytest.mark.parametrize("case", EDITS)
def test_every_touched_row_is_named(audit, case) -> None:
    """A row that was edited, deleted or added is found under the name of its table."""
    name, words, expected = EDITS[case]
    report = audit(name, words)
    assert places(report) >= expected
    assert all(":" in one.path for one in report.found.findings)


def test_two_edits_are_two_findings(audit) -> None:
    """Each touched row has a finding of its own, with its id."""
    report = audit("alpha", 'UPDATE log_hash SET hash = zeroblob(32) WHERE level = 0 AND "index" IN (0, 3)')
    assert {one.path for one in report.found.findings} == {
        "log_hash:alpha/beta#0/0",
        "log_hash:alpha/beta#0/3",
    }


def test_one_log_can_be_audited_alone(audit) -> None:
    """A log that is not there is said to be missing; another one leaves the rest aside."""
    assert places(audit("alpha", log="alpha/nobody")) == {("MISSING", "log")}
    assert audit("alpha", log="alpha/beta").good
