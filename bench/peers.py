# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The same duties by what a user would otherwise take, on the bytes of the same run.

Evidence for an item is a signature that the other side verifies: here one hybrid pair over a batch with a
commitment for each item, there an XML signature in every message (XML-DSig, signxml) or an Ed25519 signature
over every item. Durability is a commit: here one for a batch, there one for each item.
"""

import sqlite3
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from lxml import etree
from signxml import methods
from signxml.signer import XMLSigner
from signxml.verifier import XMLVerifier

from bench.primitives import DOCUMENTS, best
from bench.stages import BATCH, Samples
from gateway.clock import system_clock
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import DEFAULT_HOSTS, write_keys

COMMITS = 2 * BATCH


def measure(samples: Samples, primitives: Mapping[str, float]) -> dict[str, float]:
    """Return microseconds per item: by the processor, both ends, for evidence; by the clock for commits."""
    return {
        "evidence: hybrid signatures of 256 with commitments": primitives["signatures"]
        + primitives["salts_commitments"],
        "evidence: Ed25519 over every item": _ed25519(samples.item),
        "evidence: signxml over a message of 100": _signxml(samples.message),
        "durable row: one commit for 256 items": _commits(samples.item, BATCH),
        "durable row: one commit for each item": _commits(samples.item, 1),
    }


def _ed25519(item: bytes) -> float:
    """Sign and verify every item by itself."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key()

    def both() -> None:
        for _ in range(BATCH):
            public.verify(key.sign(item), item)

    return best(both, BATCH)


def _signxml(message: bytes) -> float:
    """Put an enveloped signature into a list message and verify it as read from the wire."""
    with tempfile.TemporaryDirectory() as folder:
        write_keys(Path(folder), "bench", system_clock(), DEFAULT_HOSTS)
        keys = KeySet.load(Path(folder))
    signer = XMLSigner(methods.enveloped, "ecdsa-sha256", "sha256")
    root = etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))
    key, certificate = keys.tls_key, keys.tls_certificate

    def both() -> None:
        signed = etree.tostring(signer.sign(root, key=key, cert=certificate.decode()))
        XMLVerifier().verify(signed, x509_cert=certificate.decode())

    return best(both, DOCUMENTS, 3)


def _commits(item: bytes, size: int) -> float:
    """Insert items with so many in a transaction, WAL and synchronous FULL."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "p.sqlite", isolation_level=None)
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full"):
            connection.execute(statement)
        connection.execute("create table item (id integer primary key, body blob)")
        begun = time.perf_counter()
        for start in range(0, COMMITS, size):
            connection.execute("begin immediate")
            connection.executemany(
                "insert into item values (?, ?)", [(start + one, item) for one in range(size)]
            )
            connection.execute("commit")
        figure = (time.perf_counter() - begun) / COMMITS * 1e6
        connection.close()
        return figure
