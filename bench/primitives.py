# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the unavoidable operations cost on this machine, in this run: the roofline of the whole path.

Each figure is microseconds of one core per item, both ends together, for lists of 100 documents and
batches of 256. Nothing of the gateway is called here but its record types and its contract.
"""

import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from lxml import etree

from gateway.model import Item, unpack_item
from gateway.wire.v1 import records_pb2

BATCH = 256
DOCUMENTS = 100


def best(work: Callable[[], object], per: int, repeat: int = 7) -> float:
    """Return the best of several timings of `work`, in microseconds per item of `per`."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
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


def measure(message: bytes, item: bytes) -> dict[str, float]:
    """Measure all primitives with a CEB603 of 100 documents and one stored item.

    Args:
        message: the bytes of the list message.
        item: the MessagePack of a merged item, as `pack_item` made it.
    """
    return {
        "xml_parse_walk": best(lambda: _walk(message), DOCUMENTS),
        "item_msgpack": 2 * _msgpack(item),
        "protobuf_both_ends": _protobuf(),
        "sha256_both_ends": 2 * best(lambda: [hashlib.sha256(item).digest() for _ in range(BATCH)], BATCH),
        "signatures": _signatures(),
        "sqlite_full_rows": _sqlite(item),
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


def _signatures() -> float:
    """Sign and verify batch and receipt with both algorithms, and sign the checkpoints, per item."""
    classic, quantum = ec.generate_private_key(ec.SECP256R1()), mldsa.MLDSA65PrivateKey.generate()
    message, algorithm = os.urandom(600), ec.ECDSA(hashes.SHA256())

    def once() -> None:
        first, second = classic.sign(message, algorithm), quantum.sign(message)
        classic.public_key().verify(first, message, algorithm)
        quantum.public_key().verify(second, message)

    return best(times(50, once), 50 * BATCH) * 2


def _sqlite(item: bytes) -> float:
    """Insert the rows one item costs at both ends, 100 per transaction, WAL and synchronous FULL."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "p.sqlite", isolation_level=None)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("create table wide (id integer primary key, key text, body blob)")
        connection.execute("create index by_key on wide (key)")
        connection.execute("create table narrow (id integer primary key, item integer, state text)")
        connection.execute("create index by_item on narrow (item)")
        number = 0

        def once() -> None:
            nonlocal number
            keys = [os.urandom(8).hex() for _ in range(2 * DOCUMENTS)]
            connection.execute("begin immediate")
            connection.executemany(
                "insert into wide values (?, ?, ?)",
                [(number + place, key, item) for place, key in enumerate(keys)],
            )
            connection.executemany(
                "insert into narrow values (?, ?, 'ready')",
                [(number + place, number + place) for place in range(2 * DOCUMENTS)],
            )
            connection.execute("commit")
            number += 2 * DOCUMENTS

        figure = best(times(10, once), 10 * DOCUMENTS)
        connection.close()
        return figure
