# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The archive on the real store: written, signed, logged, read back, dropped; and read as before."""

import itertools
from datetime import timedelta

import pytest

from gateway.archive.folder import ArchiveFolder
from gateway.archive.manifest import parse_manifest
from gateway.errors import ConfigError, InputError, TryLater, VerificationError
from gateway.exchange.archive import Step
from gateway.exchange.archive_restore import Restorer
from gateway.exchange.archive_rows import CLOSED
from gateway.exchange.return_rows import ReturnAccountRow
from gateway.exchange.rows import InboundRow
from gateway.model import ShareState
from gateway.store import NEWEST, open_store, scrub
from gateway.wire.convert import unpack_envelope
from tests.archive_stage import archived_bytes, archiving, later, make, rows_of, told
from tests.erasure import CHANNEL, NAME, OTHER, about, everything, secrets_of, sent
from tests.partner_messages import agreement, tracking
from tests.partner_simulator import sealed

NUMBERS = range(1, 9)


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha and beta on SQLite with archives."""
    async for one in make(keys, tmp_path, [agreement()]):
        yield one


@pytest.fixture(name="either", params=["sqlite", "postgresql"])
async def _either(request, keys, tmp_path):
    """Alpha and beta with archives on either database."""
    urls = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        urls = {name: server.migrated() for name in ("alpha", "beta")}
    async for one in make(keys, tmp_path, [agreement()], urls):
        yield one
    for url in (urls or {}).values():
        server.give_back(url)


async def archive(*gateways):
    """Archive what gateways hold; return the reports."""
    return [one for each in gateways for one in await each.archive.archiver.run(later(each))]


def manifest_of(gateway):
    """Return the newest manifest of the only day."""
    return parse_manifest(
        unpack_envelope(gateway.store.run_read(lambda tx: tx.manifests())[-1].envelope).statement
    )


async def test_an_archived_day_answers_as_it_did_before(either):
    """Traces, received records, proofs and the self-audit are the same when every row is in the archive."""
    await sent(either, *(about(one) for one in NUMBERS))
    before = {one.name: await told(either, one, NUMBERS) for one in (either.alpha, either.beta)}
    for report in await archive(either.alpha, either.beta):
        assert (report.held, report.left, report.revision) == ({}, 0, 1)
        assert report.rows
    assert not any(
        rows_of(one.store)[table] for one in (either.alpha, either.beta) for table in rows_of(one.store)
    )
    after = {one.name: await told(either, one, NUMBERS) for one in (either.alpha, either.beta)}
    assert after == before
    assert after["alpha"]["audit"] == [True, 8, []]


async def test_the_manifest_names_every_file_and_the_logs(world):
    """The signed manifest states day, version, rows of each table and the roots of all logs."""
    await sent(world, *(about(one) for one in NUMBERS))
    held = {table: len(rows) for table, rows in rows_of(world.alpha.store).items()}
    logs = world.alpha.store.run_read(lambda tx: tx.log_states())
    await archive(world.alpha)
    manifest = manifest_of(world.alpha)
    named = {table: sum(one.rows for one in manifest.parts if one.table == table) for table in held}
    assert named == held
    assert max(one.rows for one in manifest.parts) == 3
    assert (manifest.schema, manifest.revision, manifest.previous) == (NEWEST, 1, "")
    assert {(one.name, one.size) for one in manifest.logs} == {(one.name, one.size) for one in logs}


async def test_a_day_with_open_work_stays_and_says_why(either):
    """A share in flight and an account of returns hold their day; nothing of it is written."""
    await either.alpha.submit(about(1), number="m1")
    await sealed(either.alpha, CHANNEL, 1)
    (item,) = either.alpha.store.run_read(lambda tx: tx.items_by_tracking([tracking(1)]))
    account = ReturnAccountRow(
        id=1,
        list_number="L-1",
        line=1,
        item=item.id,
        item_version=1,
        quantity=1,
        legal=0,
        second=0,
        drawn_quantity=0,
        drawn_legal=0,
        drawn_second=0,
        units="",
        opened_at=item.created_at,
    )
    either.alpha.store.run(lambda tx: tx.open_return_accounts([account]))
    (report,) = await archive(either.alpha)
    assert report.held == {
        "shares batched": 1,
        "batches without a receipt": 1,
        "return accounts inside their clock": 1,
    }
    assert not either.alpha.archive.folder.days()
    either.alpha.clock.advance(days=40)
    (report,) = await archive(either.alpha)
    assert "return accounts inside their clock" not in report.held


async def test_the_same_message_and_the_same_batch_are_still_known(either):
    """After archiving, the same bytes get the same answer, and a batch that comes again its receipt."""
    await sent(either, about(1))
    first = await either.alpha.submit(about(1), number="m1")
    receipt = either.beta.store.run_read(lambda tx: tx.inbound_after(0, 1))[0].receipt
    await archive(either.alpha, either.beta)
    again = await either.alpha.submit(about(1), number="m1")
    assert again.acknowledgement == first.acknowledgement
    (head,) = either.beta.store.run_read(lambda tx: tx.inbound_after(0, 2))
    assert isinstance(head, InboundRow)
    assert (head.receipt, head.payload) == (receipt, b"")


@pytest.mark.parametrize("fault", ["flipped byte", "missing file", "other manifest"])
async def test_nothing_is_dropped_when_a_file_does_not_hold(world, fault):
    """A file or manifest that changed before it was read back drops no row; the day is written anew."""
    await sent(world, *(about(one) for one in NUMBERS))
    before = rows_of(world.alpha.store)
    root = world.folder / "alpha-archive"

    def spoil(step):
        if step is Step.ENTERED and not done:
            done.append(step)
            path = max(root.rglob("man*" if fault == "other manifest" else "item-0001-*.parquet"))
            if fault == "missing file":
                path.unlink()
            else:
                raw = bytearray(path.read_bytes())
                raw[len(raw) // 2] ^= 1
                path.write_bytes(raw)

    done = []
    spoiled = archiving(world.alpha, root, boundary=spoil)
    (report,) = await spoiled.archiver.run(later(world.alpha))
    assert done
    assert (report.revision, report.bad) == (2, 1)
    target = await restored(world, "alpha")
    assert rows_of(target) == before
    target.shut()


async def test_a_day_that_is_partly_dropped_and_damaged_is_refused(world):
    """If rows are dropped and a file is damaged, nothing more is dropped and nothing is written anew."""
    await sent(world, *(about(one) for one in NUMBERS))
    crashed = archiving(world.alpha, world.folder / "alpha-archive", boundary=Crash(Step.DROPPED, 0))
    with pytest.raises(Crashed):
        await crashed.archiver.run(later(world.alpha))
    held = rows_of(world.alpha.store)
    parts = world.alpha.store.run_read(lambda tx: tx.parts())
    (damaged,) = (world.folder / "alpha-archive").rglob(parts[-1].file)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(VerificationError):
        await archive(world.alpha)
    assert rows_of(world.alpha.store) == held


async def test_rows_that_changed_since_they_were_written_stay(either):
    """A row that changes between writing and dropping is not dropped; the next revision takes it."""
    await sent(either, *(about(one) for one in NUMBERS))
    (item,) = either.alpha.store.run_read(lambda tx: tx.items_by_tracking([tracking(8)]))

    def change(step):
        if step is Step.VERIFIED and not done:
            done.append(step)
            (share,) = either.alpha.store.run_read(lambda tx: tx.shares_of([item.id]))
            late = share.__class__(
                **{n: getattr(share, n) for n in share.__struct_fields__} | {"state": ShareState.REJECTED}
            )
            either.alpha.store.run(lambda tx: tx.put_shares([late]))

    done = []
    changed = archiving(either.alpha, either.folder / "alpha-archive", boundary=change)
    (report,) = await changed.archiver.run(later(either.alpha))
    assert done
    assert (report.revision, report.left) == (2, 0)
    trace = (await told(either, either.alpha, [8]))[tracking(8)][0]
    assert [one.state for one in trace.shares] == ["rejected"]


class Crashed(Exception):
    """The process ended here."""


class Crash:
    """Ends a run the n-th time that a step is done."""

    def __init__(self, step, passes):
        self.step, self.passes = step, passes

    def __call__(self, step):
        if step is self.step:
            if not self.passes:
                raise Crashed
            self.passes -= 1


@pytest.mark.parametrize(
    ("step", "passes"),
    [
        (Step.FILES, 0),
        (Step.MANIFEST, 0),
        (Step.ENTERED, 0),
        (Step.VERIFIED, 0),
        *((Step.DROPPED, one) for one in range(0, 12, 3)),
        (Step.CLOSED, 0),
    ],
)
async def test_a_run_that_ends_anywhere_goes_on_and_loses_nothing(either, step, passes):
    """After a crash at any boundary everything is still told as before, and the next run finishes the day."""
    await sent(either, *(about(one) for one in NUMBERS))
    before, rows = await told(either, either.alpha, NUMBERS), rows_of(either.alpha.store)
    crashed = archiving(either.alpha, either.folder / "alpha-archive", boundary=Crash(step, passes))
    with pytest.raises(Crashed):
        await crashed.archiver.run(later(either.alpha))
    assert await told(either, either.alpha, NUMBERS) == before
    await archive(either.alpha)
    assert either.alpha.store.run_read(lambda tx: tx.manifests())[-1].state == CLOSED
    assert await told(either, either.alpha, NUMBERS) == before
    target = await restored(either, "alpha")
    assert rows_of(target) == rows
    target.shut()


async def restored(world, name):
    """Restore the only day into a database of its own."""
    target = open_store(f"sqlite:///{world.folder / f'{name}-restored.sqlite'}")
    folder = ArchiveFolder(world.folder / f"{name}-archive", name)
    (day,) = folder.days()
    keyring = world.alpha.keyring
    await Restorer(name, keyring=keyring, folder=folder, schema=NEWEST).restore(day, target)
    return target


async def test_the_drill_restores_every_row_and_answers(either):
    """A day restored from its folder alone is row for row what was archived, and traces an item."""
    await sent(either, *(about(one) for one in NUMBERS))
    for one in (either.alpha, either.beta):
        before, _ = rows_of(one.store), await archive(one)
        target = await restored(either, one.name)
        assert rows_of(target) == before
        with pytest.raises(InputError):
            await restored(either, one.name)
        target.shut()


async def test_a_restore_refuses_another_seal(world):
    """A manifest that somebody else sealed restores nothing."""
    await sent(world, about(1))
    await archive(world.alpha)
    target = open_store(f"sqlite:///{world.folder / 'x.sqlite'}")
    folder = world.alpha.archive.folder
    (day,) = folder.days()
    restorer = Restorer("beta", keyring=world.alpha.keyring, folder=folder, schema=NEWEST)
    with pytest.raises(VerificationError):
        await restorer.restore(day, target)
    assert not any(rows_of(target).values())
    target.shut()


async def test_erasure_reaches_the_archive_on_both_sides(world):
    """An erased item is in no file of either archive or database; other records are proved as before."""
    await sent(world, about(1), *(about(one, OTHER) for one in range(2, 9)))
    wanted = secrets_of(world, 1)
    before = {one.name: await told(world, one, range(2, 9)) for one in (world.alpha, world.beta)}
    await archive(world.alpha, world.beta)
    for name in ("alpha", "beta"):
        assert NAME.encode() in archived_bytes(world.folder / f"{name}-archive")[1]
    done = await world.alpha.care.erasing.items([tracking(1)], reason="asked for by the addressee")
    assert (done.items, done.sent, len(done.notices)) == (1, 1, 1)
    assert await world.alpha.care.notifier(world.beta).notify() == (1, 0)
    for again in range(2):
        for url in world.urls.values():
            scrub(url)
        places = [everything(world.folder)]
        places += [archived_bytes(world.folder / f"{name}-archive") for name in ("alpha", "beta")]
        for word, place in itertools.product(wanted, places):
            assert word not in place[0]
            assert word not in place[1]
        for one in (world.alpha, world.beta):
            now = await told(world, one, range(2, 9))
            assert now["audit"][0] is True
            for number in map(tracking, range(2, 9)):
                assert _without_messages(now[number]) == _without_messages(before[one.name][number])
        if not again:
            reports = await archive(world.alpha, world.beta)
            assert [(one.held, one.left) for one in reports] == [({}, 0), ({}, 0)]
    assert OTHER.encode() in archived_bytes(world.folder / "alpha-archive")[1]


def _without_messages(said):
    """Leave out the messages that brought an item: those that named an erased one too are emptied whole."""
    trace, received, proofs = said
    return (trace and (trace.item, trace.shares), received, proofs)


@pytest.mark.parametrize("step", [Step.TAKEN, Step.MANIFEST, Step.ENTERED, Step.SWEPT])
async def test_an_erasure_that_ends_anywhere_is_finished_by_the_next(world, step):
    """After a crash while rows are taken back nothing is lost, and the same erasure again reaches all."""
    await sent(world, about(1), *(about(one, OTHER) for one in range(2, 9)))
    wanted, before = secrets_of(world, 1), await told(world, world.alpha, NUMBERS)
    await archive(world.alpha)
    passes = 1 if step is Step.SWEPT else 0
    crashed = archiving(world.alpha, world.folder / "alpha-archive", boundary=Crash(step, passes))
    world.alpha.care.erasing._recall = crashed.recall
    with pytest.raises(Crashed):
        await world.alpha.care.erasing.items([tracking(1)], reason="test")
    assert await told(world, world.alpha, NUMBERS) == before
    world.alpha.care.erasing._recall = world.alpha.archive.recall
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    scrub(world.urls["alpha"])
    raw, values = archived_bytes(world.folder / "alpha-archive")
    assert not [word for word in wanted if word in raw or word in values]


async def test_one_process_at_a_time_changes_the_archive(world):
    """Whoever comes second is told to try later, and nothing happens."""
    await sent(world, about(1))
    with world.alpha.archive.folder.changing(), pytest.raises(TryLater):
        await archive(world.alpha)
    assert rows_of(world.alpha.store)["item"]


async def test_a_folder_of_another_organisation_is_refused(world):
    """Two organisations cannot share a folder, since each would remove the files of the other."""
    await sent(world, about(1))
    await archive(world.alpha)
    wrong = archiving(world.beta, world.folder / "alpha-archive")
    with pytest.raises(ConfigError):
        await wrong.archiver.run(later(world.beta))
    assert await told(world, world.alpha, [1])


async def test_nothing_is_removed_when_the_database_is_older_than_the_archive(world):
    """With a backup of before a rewriting put back, files that it does not know stay, and the run refuses."""
    await sent(world, about(1), about(2, OTHER))
    await archive(world.alpha)
    backup = world.alpha.store.run_read(lambda tx: (tx.manifests(), tx.parts()))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    files = sorted(one.name for one in (world.folder / "alpha-archive").rglob("*"))

    def go_back(tx):
        for part in tx.parts():
            tx.set_part(part.id, "replaced")
        for part in backup[1]:
            tx.set_part(part.id, part.state)

    world.alpha.store.run(go_back)
    with pytest.raises(VerificationError):
        await archive(world.alpha)
    assert sorted(one.name for one in (world.folder / "alpha-archive").rglob("*")) == files


async def test_the_end_of_retention_reaches_the_archive(world):
    """Records whose retention has ended are erased from the archives of both sides, each by its own clock."""
    await sent(world, about(1), about(2))
    wanted = secrets_of(world, 1)
    await archive(world.alpha, world.beta)
    for one in (world.alpha, world.beta):
        done = await one.care.erasing.expired(one.clock() + timedelta(days=4000), reason="retention")
        assert done.sent + done.received == 2
        raw, values = archived_bytes(world.folder / f"{one.name}-archive")
        assert not [word for word in wanted if word in raw or word in values]
        assert (await told(world, one, [1, 2]))["audit"][0] is True


async def test_an_erasure_by_party_finds_archived_items(world):
    """Every archived item of the same person is found and erased; those of others stay."""
    await sent(world, about(1), about(2), about(3, OTHER))
    await archive(world.alpha)
    done = await world.alpha.care.erasing.party(tracking(1), "addressee", reason="test")
    assert done.items == 2
    _, values = archived_bytes(world.folder / "alpha-archive")
    assert NAME.encode() not in values
    assert OTHER.encode() in values
