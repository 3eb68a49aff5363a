# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two gateways on real stores, each with an archive."""

from types import SimpleNamespace

from pyarrow import parquet

from gateway.archive.folder import ArchiveFolder
from gateway.clock import milliseconds
from gateway.exchange.archive import Archiver, Settings
from gateway.exchange.archive_check import ArchiveCheck
from gateway.exchange.archive_recall import Recall
from gateway.exchange.evidence import Evidence
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.query import Query
from gateway.store import NEWEST, TimeIds, archived_columns, open_store
from tests.care import Care
from tests.erasure import plain
from tests.fakes import FakeClock
from tests.partner_messages import tracking
from tests.partner_simulator import Gateway, Link

COLUMNS = {name: tuple(one.name for one in some) for name, some in archived_columns().items()}
DAYS = 3 * 86_400_000


async def make(keys, folder, agreements, urls=None):
    """Give alpha and beta on real stores with archives; close them afterwards."""
    urls = urls or {name: f"sqlite:///{folder / name}.sqlite" for name in ("alpha", "beta")}
    stores = {
        name: open_store(url, archive=str(folder / f"{name}-archive"), searching=False)
        for name, url in urls.items()
    }
    gateways = []
    for seed, (name, store) in enumerate(stores.items()):
        clock = FakeClock()
        ids = TimeIds(seed, clock)
        gateways.append(Gateway(name, keys, agreements, store=store, clock=clock, ids=ids, seed=seed))
    for one in gateways:
        one.archive = archiving(one, folder / f"{one.name}-archive")
        one.care = Care(one, recall=one.archive.recall)
    alpha, beta = gateways
    yield SimpleNamespace(alpha=alpha, beta=beta, link=Link(alpha, beta), urls=urls, folder=folder, keys=keys)
    for store in stores.values():
        await store.close()


def archiving(gateway, folder, *, part_rows=3, boundary=lambda _: None, forwards=False):
    """Give the steps of the archive of a gateway."""
    place = ArchiveFolder(folder, gateway.name)
    check = ArchiveCheck(gateway.name, store=gateway.store, keyring=gateway.keyring, folder=place)
    settings = Settings(
        organisation=gateway.name,
        schema=NEWEST,
        part_rows=part_rows,
        return_days=30,
        forwards=forwards,
        columns=archived_columns(),
    )
    archiver = Archiver(
        settings,
        store=gateway.store,
        clock=gateway.clock,
        ids=gateway.ids,
        sealer=gateway.sealer,
        folder=place,
        check=check,
        boundary=boundary,
    )
    recall = Recall(
        store=gateway.store, archiver=archiver, folder=place, check=check, columns=COLUMNS, boundary=boundary
    )
    return SimpleNamespace(folder=place, check=check, archiver=archiver, recall=recall)


def later(gateway):
    """Return a moment before which every day of the fake clock has ended."""
    return milliseconds(gateway.clock()) + DAYS


def rows_of(store):
    """Return every row of every archived table, by table, as the database holds them."""

    def read(tx):
        found = {}
        for table in COLUMNS:
            rows, days = [], tx.archivable_days(1 << 62)
            for day in days:
                rows += tx.archive_range(table, day, 0, (1 << 62) - 1)
            found[table] = sorted(rows)
        return found

    return store.run_read(read)


def searching(world, name):
    """Open the store of a gateway so that every read looks into the archive, as commands do."""
    return open_store(world.urls[name], create=False, archive=str(world.folder / f"{name}-archive"))


async def told(world, gateway, numbers):
    """Return all that can be asked about items, as it stands: traces, proofs, self-audit."""
    store = searching(world, gateway.name)
    try:
        query, evidence = Query(store), Evidence(gateway.name, store)
        report = store.run_read(lambda tx: SelfAudit(gateway.name, gateway.keyring).run(tx))
        found = {"audit": [report.good, report.records, report.found.findings]}
        for number in map(tracking, numbers):
            proofs = [*await evidence.sent_record(number), *await evidence.received_record(number)]
            found[number] = (
                await query.trace(number),
                await query.received(number),
                [(one.record, one.salt, one.entry) for one in proofs],
            )
        return found
    finally:
        await store.close()


def archived_bytes(folder):
    """Return the bytes of all files of an archive, and of every value in them, decompressed too."""
    raw, values = bytearray(), bytearray()
    for path in sorted(folder.rglob("*.*")):
        raw += path.read_bytes()
        if path.suffix == ".parquet":
            for column in parquet.read_table(path, partitioning=None).columns:
                for value in column.to_pylist():
                    values += plain(value) + b"\n"
    return bytes(raw), bytes(values)
