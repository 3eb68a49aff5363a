# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The books of two gateways that have stopped, read with plain SQL, and the ledger equation between them.

Nothing here goes through the store: what the gateway thinks of its own tables is what is being tested.
"""

import contextlib
import functools
import hashlib
import sqlite3
from collections import Counter

import zstandard
from psycopg.rows import dict_row

from gateway.audit import NoteKey, batch_root, commit, leaf, leaf_hash, salted_digest, tree_root
from gateway.audit import checkpoint as checkpoints
from gateway.audit.entry import Event
from gateway.clock import system_clock
from gateway.envelope import policy
from gateway.envelope.identity import KeySet
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.exchange.sealing import BATCH_TYPE, RECEIPT_TYPE
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
    unpack_payload,
    unpack_release,
)
from tests.postgres import connect

BATCH_EVENTS = ("sent", "receipt-received", "received", "receipt-sent")


class Books:
    """All rows of one gateway, table by table."""

    def __init__(self, party, url=""):
        """Read the database of a party, in its folder or at an address of PostgreSQL."""
        self.party = party
        self.organisation = party.organisation
        if url:
            self._tables = postgres_tables(url)
            return
        file = party.folder / "data" / "gateway.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            self._tables = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
            assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    def rows(self, table, order="", **values):
        """Return the rows of a table with these values."""
        found = [row for row in self._tables[table] if all(row[key] == one for key, one in values.items())]
        return sorted(found, key=lambda row: row[order]) if order else found

    @functools.cached_property
    def keyring(self):
        """Return the keys that this gateway trusts."""
        keys = KeySet.load(self.party.folder / "keys")
        return Keyring.from_folder(self.party.folder / "partners", keys, system_clock())


def postgres_tables(url):
    """Return the rows of every table, by name."""
    with connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        cursor = connection.cursor(row_factory=dict_row)
        return {name: cursor.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}


def payload_of(row):
    """Return the payload of a batch as it was sent or received."""
    return zstandard.ZstdDecompressor().decompress(row["payload"])


def check_messages(books, messages):
    """Every message counts once, with as many documents accepted as its generator foretells."""
    rows = {row["digest"]: row for row in books.rows("message")}
    assert len(rows) == len(books.rows("message")) == len(messages)
    for message in messages:
        row = rows[hashlib.sha256(message.raw).digest()]
        assert row["accepted"] == message.expectation.accepted, message.name


def check_items(books, expected):
    """There is one item per tracking number, and one accepted share per item that is complete."""
    items = {row["id"]: row["tracking_number"] for row in books.rows("item")}
    assert Counter(items.values()) == Counter(expected.tracking)
    accepted = Counter(items[row["item"]] for row in books.rows("share", state="accepted"))
    assert accepted == Counter(expected.complete)
    others = {row["state"] for row in books.rows("share")} - {"accepted", "waiting"}
    assert not others


def check_lane(ours, theirs):
    """Every batch was sealed once, stored once at the other end, and receipted once, without a gap."""
    sent = ours.rows("batch", "sequence")
    received = theirs.rows("inbound", "sequence", partner=ours.organisation)
    expected = list(range(1, len(sent) + 1))
    assert [row["sequence"] for row in sent] == [row["sequence"] for row in received] == expected
    previous = b""
    for out, into in zip(sent, received, strict=True):
        assert out["state"] == "receipted"
        assert (out["batch_id"], out["envelope"]) == (into["batch_id"], into["envelope"])
        assert out["receipt"] == into["receipt"]
        payload = payload_of(out)
        assert payload == payload_of(into)
        previous = _check_statement(out, payload, previous, theirs)
        _check_receipt(out, ours)
        _check_entries(ours, out, {"sent": "log_index", "receipt-received": "receipt_log_index"}, "batch")
        _check_entries(theirs, into, {"received": "log_index", "receipt-sent": None}, "inbound")
    _check_positions(ours, sent)
    return sent


def _check_statement(out, payload, previous, theirs):
    """The seal holds at the other end, and the statement is about this payload and the batch before."""
    statement = unseal(
        unpack_envelope(out["envelope"]),
        payload_type=BATCH_TYPE,
        keyring=theirs.keyring,
        owner=out["channel"].split("/")[0],
        purpose="seal",
        policy=policy.HYBRID,
        at=system_clock(),
    ).statement
    said = parse_batch_statement(statement)
    entries = unpack_payload(payload)
    assert (said.sequence, said.previous_digest) == (out["sequence"], previous)
    assert said.payload_digest == hashlib.sha256(payload).digest()
    assert said.count == out["count"] == len(entries)
    assert said.commitment_root == batch_root([commit(salt, record) for salt, record in entries])
    return hashlib.sha256(statement).digest()


def _check_receipt(out, ours):
    """The receipt is signed by the partner's receipt keys and is about this batch."""
    statement = unseal(
        unpack_envelope(out["receipt"]),
        payload_type=RECEIPT_TYPE,
        keyring=ours.keyring,
        owner=out["channel"].split("/")[1],
        purpose="receipt",
        policy=policy.HYBRID,
        at=system_clock(),
    ).statement
    said = parse_receipt_statement(statement)
    assert (said.batch_id, said.sequence, said.count) == (out["batch_id"], out["sequence"], out["count"])
    assert said.statement_digest == out["statement_digest"]


def _check_entries(books, row, events, kind):
    """The log has one entry of each event about a batch, where the batch says, over its statement."""
    subject = f"{kind}:{row['id']}"
    found = books.rows("log_entry", subject=subject)
    assert Counter(one["event"] for one in found) == dict.fromkeys(events, 1), subject
    said = {
        "sent": "envelope",
        "received": "envelope",
        "receipt-sent": "receipt",
        "receipt-received": "receipt",
    }
    for one in found:
        column = events[one["event"]]
        assert column is None or one["index"] == row[column]
        statement = unpack_envelope(row[said[one["event"]]]).statement
        root = _root_of(one["event"], statement)
        assert one["leaf"] == leaf(Event(one["event"]), salted_digest(one["salt"], statement), root)


def _root_of(event, statement):
    """Return the batch root that an entry carries; an entry about a receipt we gave carries none."""
    if event == "receipt-sent":
        return b""
    parse = parse_receipt_statement if event == "receipt-received" else parse_batch_statement
    return parse(statement).commitment_root


def _check_positions(ours, sent):
    """Every place in every batch is that of one share."""
    places = Counter((row["batch"], row["position"]) for row in ours.rows("share") if row["batch"])
    assert places == Counter((row["id"], position) for row in sent for position in range(row["count"]))


def check_records(theirs, expected):
    """Each complete item arrived exactly once, as version 1, and under one reference."""
    records = theirs.rows("inbound_record")
    assert {(row["state"], row["version"]) for row in records} <= {("accepted", 1)}
    assert Counter(row["tracking_number"] for row in records) == Counter(expected.complete)
    assert max(Counter(row["reference"] for row in records).values()) == 1
    for row in theirs.rows("inbound"):
        releases = [unpack_release(record) for _, record in unpack_payload(payload_of(row))]
        index = theirs.rows("inbound_record", "position", inbound=row["id"])
        assert [one.reference for one in releases] == [one["reference"] for one in index]


def check_logs(books, entries):
    """The log about the partner has the tree that its signed checkpoint says, and two entries per batch."""
    signer = KeySet.load(books.party.folder / "keys").log_ed25519
    batches = 0
    for row in books.rows("log"):
        found = books.rows("log_entry", "index", log=row["name"])
        assert [one["index"] for one in found] == list(range(row["size"]))
        batches += sum(one["event"] in BATCH_EVENTS for one in found)
        assert "refused" not in {one["event"] for one in found}
        signed = checkpoints.verify(row["checkpoint"], NoteKey.of(row["name"], signer.public_key))
        root = tree_root([leaf_hash(one["leaf"]) for one in found])
        assert (signed.origin, signed.size, signed.root) == (row["name"], row["size"], root)
    assert batches == entries


def check_counters(books):
    """The numbers that the gateway keeps are those of its rows."""
    kept = {row["name"]: row["value"] for row in books.rows("counter") if row["value"]}
    shares = Counter(f"shares.{row['state']}:{row['channel']}" for row in books.rows("share"))
    assert {name: value for name, value in kept.items() if name.startswith("shares.")} == shares
    assert kept.get("documents.accepted", 0) == sum(row["accepted"] for row in books.rows("message"))
    assert kept.get("inbound", 0) == len(books.rows("inbound"))
    assert kept.get("batch_records", 0) == sum(row["count"] for row in books.rows("batch"))
