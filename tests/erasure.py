# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two gateways on real stores whose files are searched for what was erased."""

import sqlite3
from types import SimpleNamespace

import zstandard

from gateway.model import Party
from gateway.store import open_store
from gateway.wire.payload import unpack_entries
from tests.care import Care
from tests.fakes import FakeIds
from tests.partner_messages import contribution, tracking
from tests.partner_simulator import Gateway, Link, Running, until

CHANNEL = "alpha/beta/item"
NAME = "Erasmus Vanishing-Person"
OTHER = "Stays Behind"


async def make(keys, folder, agreements):
    """Give alpha and beta on real stores; close them afterwards."""
    urls = {name: f"sqlite:///{folder / name}.sqlite" for name in ("alpha", "beta")}
    stores = {name: open_store(url) for name, url in urls.items()}
    alpha, beta = (
        Gateway(name, keys, agreements, store=store, ids=FakeIds(first=1000), seed=seed)
        for seed, (name, store) in enumerate(stores.items())
    )
    for one in (alpha, beta):
        one.care = Care(one)
    yield SimpleNamespace(alpha=alpha, beta=beta, link=Link(alpha, beta), urls=urls, folder=folder, keys=keys)
    for store in stores.values():
        await store.close()


def about(number, name=NAME, **fields):
    """Return a list about a parcel to a person."""
    person = Party(name=name, telephone=f"+61 400 {number:06d}" if name is OTHER else "+61 411 555 010")
    return contribution(number, addressee=person, **fields)


async def sent(world, *documents, number="m1"):
    """Take a message in and bring it to beta."""
    before = (await world.alpha.query.ledger()).counts.shares.get("accepted", 0)
    await world.alpha.submit(*documents, number=number)

    async def settled():
        counts = (await world.alpha.query.ledger()).counts.shares
        return counts.get("accepted", 0) == before + len(documents)

    courier = world.alpha.courier(CHANNEL, world.link)
    async with Running(world.alpha.batcher(CHANNEL), courier):
        await until(settled)


def everything(folder):
    """Return all bytes of all files of the databases, and of every value in them, decompressed too."""
    raw = b"".join(one.read_bytes() for one in sorted(folder.glob("*.sqlite*")))
    values = bytearray()
    for file in sorted(folder.glob("*.sqlite")):
        database = sqlite3.connect(file)
        tables = [one for (one,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                for value in row:
                    values += plain(value) + b"\n"
        database.close()
    return raw, bytes(values)


def plain(value):
    """Return a value as bytes, with what it decompresses to."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        try:
            return value + zstandard.ZstdDecompressor().decompress(value)
        except zstandard.ZstdError:
            return value
    return b""


def secrets_of(world, number):
    """Return the bytes that must be gone: name, number, telephone, secret of the item, salt and record."""
    (item,) = world.alpha.store.run_read(lambda tx: tx.items_by_tracking([tracking(number)]))
    (share,) = world.alpha.store.run_read(lambda tx: tx.shares_of([item.id]))
    batch = world.alpha.store.run_read(lambda tx: tx.batch(share.batch))
    entry = unpack_entries(batch.payload)[share.position]
    words = [NAME.encode(), tracking(number).encode(), b"411 555 010", f"L-{number}".encode()]
    return [*words, item.secret, entry.salt, entry.record]
