# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the unavoidable operations cost on this machine, in this run: the roofline of the whole path.

Each figure is CPU microseconds per item, both ends together, for lists of 100 documents and batches of 256.
Nothing of the gateway is called here but its record types and its contract; the bytes are real ones that the
stages of the same run have made. A primitive stands here only if no way of building this path could leave it
out: every list is parsed, every item stored, merged, signed, sent and indexed. Python between the primitives
is what the ratio to the roofline measures.
"""

import asyncio
import hashlib
import hmac
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from lxml import etree

from bench import network
from bench.stages import BATCH, Samples
from gateway.model import Item, unpack_item
from gateway.wire.v1 import records_pb2

DOCUMENTS = 100
SOURCES = 4  # contributions of an item: order, waybill, supplement, list
LEAVES_COMMITTED = 3  # list number, order number and at least one unit price
QUIET_MS = 15.0  # the calibration loop on a quiet core of the machines whose figures the documents hold
CHECKPOINTS = 4  # sent, received, receipt given, receipt taken


def best(work: Callable[[], object], per: int, repeat: int = 7) -> float:
    """Return the best of several timings of `work`, in CPU microseconds per item of `per`."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / per * 1e6


def times(count: int, work: Callable[[], object]) -> Callable[[], None]:
    """Return a function that does the work `count` times."""

    def repeated() -> None:
        for _ in range(count):
            work()

    return repeated


def calibration() -> float:
    """Return the milliseconds of a fixed loop; the machine's speed at this moment."""

    def loop() -> None:
        total = 0
        for number in range(400_000):
            total += number & 7

    return best(loop, 1, 3) / 1000


def slower() -> float:
    """Return by what factor the machine is slower than a quiet one at this moment, 1 if it is not."""
    return max(1.0, calibration() / QUIET_MS)


def measure(samples: Samples) -> dict[str, float]:
    """Measure all primitives with the real bytes of this run."""
    return {
        "xml_parse_walk": best(lambda: _walk(samples.message), DOCUMENTS),
        "item_msgpack": 2 * _msgpack(samples.item),
        "protobuf_both_ends": _protobuf(),
        "sha256_both_ends": 2
        * best(lambda: [hashlib.sha256(samples.item).digest() for _ in range(BATCH)], BATCH),
        "salts_commitments": _commitments(samples),
        "signatures": _signatures(),
        "zstd": _zstd(samples),
        "sqlite_full_rows": _sqlite(samples),
        **asyncio.run(network.measure(samples, DOCUMENTS)),
    }


def _walk(message: bytes) -> list[dict[str, str | None]]:
    """Parse and take every leaf's text in one walk."""
    root = etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))
    return [{child.tag: child.text for child in group} for document in root for group in document]


def _msgpack(item: bytes) -> float:
    """Decode and encode a stored item."""
    record = unpack_item(item)
    encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Item)

    def both() -> None:
        for _ in range(BATCH):
            decoder.decode(item)
            encoder.encode(record)

    return best(both, BATCH)


def _protobuf() -> float:
    """Build, serialise and parse a release of realistic size."""
    party = {"name": "Invented Trading Company", "identifier": "91330100MA00000000", "telephone": "+86 571 0"}
    piece = {
        "number": 1,
        "description": "cotton t-shirt, knitted",
        "hs": "610910",
        "quantity": {"value": "2", "unit": "H87"},
        "value": {"amount": "120.50", "currency": "CNY"},
        "origin_country": "CN",
    }
    fields: dict[str, Any] = {
        "tracking_number": "LZ000000005CN",
        "trade_mode": "9610",
        "destination_country": "NL",
        "gross_mass": {"value": "0.350", "unit": "KGM"},
        "sender": party,
        "addressee": {**party, "address": {"lines": "Street 1", "city": "City", "country": "NL"}},
        "content": [piece, piece],
    }

    def both() -> None:
        for _ in range(BATCH):
            release = records_pb2.Release(reference="r", version=1, item=records_pb2.Item(**fields))
            records_pb2.Release.FromString(release.SerializeToString())

    return best(both, BATCH)


def _commitments(samples: Samples) -> float:
    """Derive salts and reference, commit to record and fields; hash the tree of the batch at both ends."""
    secret, label, record = (
        os.urandom(32),
        b"record|agreement|1",
        samples.payload[: len(samples.payload) // samples.records],
    )
    short = b"value"

    def once() -> None:
        for _ in range(BATCH):
            for _ in range(2 + LEAVES_COMMITTED):
                hmac.digest(secret, label, "sha256")
            for _ in range(LEAVES_COMMITTED):
                hashlib.sha256(label + secret + short).digest()
            for _ in range(2):  # both ends: commitment, leaf and one inner node
                leaf = hashlib.sha256(label + secret + record).digest()
                hashlib.sha256(b"\x01" + hashlib.sha256(b"\x00" + leaf).digest() + leaf).digest()

    return best(once, BATCH)


def _signatures() -> float:
    """Sign and verify batch and receipt with both algorithms, and sign the checkpoints, per item."""
    classic, quantum = ec.generate_private_key(ec.SECP256R1()), mldsa.MLDSA65PrivateKey.generate()
    note = ed25519.Ed25519PrivateKey.generate()
    message, algorithm = os.urandom(600), ec.ECDSA(hashes.SHA256())

    def once() -> None:
        for _ in ("batch", "receipt"):
            first, second = classic.sign(message, algorithm), quantum.sign(message)
            classic.public_key().verify(first, message, algorithm)
            quantum.public_key().verify(second, message)
        for _ in range(CHECKPOINTS):
            note.sign(message[:120])

    return best(times(25, once), 25 * BATCH)


def _zstd(samples: Samples) -> float:
    """Compress the verbatim list, and the payload at both ends."""
    compressor = zstandard.ZstdCompressor(level=3)
    message = best(lambda: compressor.compress(samples.message), DOCUMENTS)
    return message + 2 * best(lambda: compressor.compress(samples.payload), samples.records)


def _sqlite(samples: Samples) -> float:
    """Read and write the rows of an item as they are written at both ends, WAL and synchronous FULL.

    Sender: read its contributions, item and share; insert the list, update the item, make the share ready;
    then read what is ready with its item, and mark the share batched and accepted. Receiver: insert the place
    of the record. Keys of messages are random text, ids ascend. Indexes are those that look-ups need.
    """
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "p.sqlite", isolation_level=None, cached_statements=512)
        for statement in _SCHEMA:
            connection.execute(statement)
        rows = _Rows(connection, samples)
        items = 20 * DOCUMENTS
        rows.fill(items)
        cpu = time.process_time()
        for start in range(0, items, DOCUMENTS):
            rows.take(start)
        for start in range(0, items, BATCH):
            rows.send(start, min(start + BATCH, items))
        figure = (time.process_time() - cpu) / items * 1e6
        connection.close()
        return figure


_SCHEMA = (
    "pragma page_size=8192",
    "pragma journal_mode=wal",
    "pragma synchronous=full",
    "create table contribution (id integer primary key, reference text, join_key text, body blob)",
    "create index by_reference on contribution (reference)",
    "create index by_key on contribution (join_key)",
    "create table item (id integer primary key, tracking text, version integer, secret blob, body blob)",
    "create index by_tracking on item (tracking)",
    "create table share (id integer primary key, item int, channel text, state text, batch int, place int)",
    "create index by_item on share (item)",
    "create index by_ready on share (channel, id) where state = 'ready'",
    "create index by_batch on share (batch, place) where batch > 0",
    "create table record (id integer primary key, inbound integer, tracking text, reference text)",
    "create index by_number on record (tracking)",
)


class _Rows:
    """The rows of some items in one store that stands for both."""

    def __init__(self, connection: sqlite3.Connection, samples: Samples) -> None:
        self._connection = connection
        self._samples = samples
        self._keys: list[str] = []

    def fill(self, items: int) -> None:
        """Write what is known before the lists come."""
        self._keys = [f"trk:{os.urandom(6).hex()}" for _ in range(items)]
        known = [
            (number * SOURCES + source, f"{source}|{key}", key, self._samples.contribution)
            for number, key in enumerate(self._keys)
            for source in range(1, SOURCES)
        ]
        many = self._connection.executemany
        self._connection.execute("begin immediate")
        many("insert into contribution values (?, ?, ?, ?)", known)
        many(
            "insert into item values (?, ?, 1, ?, ?)",
            [(number, key, bytes(32), self._samples.item) for number, key in enumerate(self._keys)],
        )
        many("insert into share values (?, ?, 'c', 'waiting', 0, 0)", [(one, one) for one in range(items)])
        self._connection.execute("commit")

    def take(self, start: int) -> None:
        """Take one list message."""
        keys = self._keys[start : start + DOCUMENTS]
        numbers = list(range(start, start + DOCUMENTS))
        one, many = self._connection.execute, self._connection.executemany
        marks = ",".join("?" * DOCUMENTS)
        one("begin immediate")
        one(
            f"select * from contribution where reference in ({marks})", [f"0|{key}" for key in keys]
        ).fetchall()
        one(f"select * from contribution where join_key in ({marks})", keys).fetchall()
        one(f"select * from item where tracking in ({marks})", keys).fetchall()
        one(f"select * from share where item in ({marks})", numbers).fetchall()
        many(
            "insert into contribution values (?, ?, ?, ?)",
            [
                (start * SOURCES + SOURCES * at, f"0|{key}", key, self._samples.contribution)
                for at, key in enumerate(keys)
            ],
        )
        many(
            "update item set version=2, body=? where id=?",
            [(self._samples.item, number) for number in numbers],
        )
        many("update share set state='ready' where id=?", [(number,) for number in numbers])
        one("commit")

    def send(self, start: int, end: int) -> None:
        """Send one batch, take it at the other end, settle it."""
        one, many = self._connection.execute, self._connection.executemany
        one(
            "select s.*, i.tracking, i.secret, i.body from share s join item i on i.id = s.item"
            " where s.state = 'ready' and s.channel = 'c' and s.id >= ? order by s.id limit ?",
            (start, end - start),
        ).fetchall()
        one("begin immediate")
        marked = [(end, number - start, number) for number in range(start, end)]
        many("update share set state='batched', batch=?, place=? where id=?", marked)
        one("commit")
        one("begin immediate")
        many(
            "insert into record values (?, ?, ?, ?)",
            [(number, end, self._keys[number], os.urandom(13).hex()) for number in range(start, end)],
        )
        one("commit")
        one("begin immediate")
        one("update share set state='accepted' where batch > 0 and batch = ?", (end,))
        one("commit")
