# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The watched folder, on a real one."""

import asyncio
import gzip
import os

import pytest

from gateway.config import Folder, IntakeLimits
from gateway.errors import CouldNotCheck
from gateway.server.folder import WatchedFolder
from tests.peering import MemoryIntake, eventually

LIMITS = IntakeLimits(max_bytes=2000, max_compressed_bytes=1000)


@pytest.fixture(name="intake")
def _intake():
    """Return an empty intake."""
    return MemoryIntake()


@pytest.fixture(name="watched")
def _watched(tmp_path, intake):
    """Return a folder that is looked at by hand."""
    return WatchedFolder(Folder(path=str(tmp_path)), LIMITS, intake)


async def _twice(watched):
    """Look twice, as it takes to see that a file stands still."""
    await watched.look()
    await watched.look()


def _tree(root):
    """Return all files below a folder with their bytes."""
    return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


async def test_messages_move_with_their_receipt(tmp_path, watched):
    """Accepted files go to done, refused ones to refused, each with its acknowledgement beside it."""
    (tmp_path / "a.xml").write_bytes(b"ok\nno")
    (tmp_path / "b.xml").write_bytes(b"no")
    await _twice(watched)
    assert _tree(tmp_path) == {
        "done/a.xml": b"ok\nno",
        "done/a.xml.receipt.xml": b"<receipt good='1' of='2'/>",
        "refused/b.xml": b"no",
        "refused/b.xml.receipt.xml": b"<receipt good='0' of='1'/>",
    }


async def test_growing_files_wait(tmp_path, watched, intake):
    """A file is taken only when size and time stood still between two looks."""
    path = tmp_path / "a.xml"
    path.write_bytes(b"o")
    await watched.look()
    path.write_bytes(b"ok")
    await watched.look()
    assert intake.calls == []
    await watched.look()
    assert (tmp_path / "done" / "a.xml").read_bytes() == b"ok"


@pytest.mark.parametrize("name", [".hidden.xml", "a.xml.part", "a.xml.tmp"])
async def test_unfinished_names_are_left(tmp_path, watched, name):
    """Hidden and unfinished files are nobody's business yet."""
    (tmp_path / name).write_bytes(b"ok")
    await _twice(watched)
    assert _tree(tmp_path) == {name: b"ok"}


async def test_links_are_not_followed(tmp_path, watched, intake):
    """A link is set aside as it is; what it points to is neither read nor moved."""
    secret = tmp_path / "done" / "secret"
    secret.parent.mkdir()
    secret.write_bytes(b"ok")
    (tmp_path / "a.xml").symlink_to(secret)
    await _twice(watched)
    assert (tmp_path / "failed" / "a.xml").is_symlink()
    assert "FOLDER-UNREADABLE" in (tmp_path / "failed" / "a.xml.finding.txt").read_text()
    assert intake.calls == []
    assert secret.read_bytes() == b"ok"


async def test_what_is_no_file_fails(tmp_path, watched):
    """A pipe does not hold the folder up; it is set aside."""
    os.mkfifo(tmp_path / "a.xml")
    await asyncio.wait_for(_twice(watched), 5)
    assert (tmp_path / "failed" / "a.xml.finding.txt").exists()


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.xml", b"x" * 2001, "INTAKE-TOO-LARGE"),
        ("a.xml.gz", gzip.compress(os.urandom(1200)), "INTAKE-TOO-LARGE"),
        ("a.xml.gz", b"no gzip", "INTAKE-COMPRESSION"),
        ("a.xml", b"", "INTAKE-EMPTY"),
    ],
)
async def test_what_cannot_be_taken_fails(tmp_path, watched, name, body, code):
    """A file that cannot be taken at all goes to failed with its finding."""
    (tmp_path / name).write_bytes(body)
    await _twice(watched)
    assert (tmp_path / "failed" / name).read_bytes() == body
    assert code in (tmp_path / "failed" / f"{name}.finding.txt").read_text()


async def test_limit_is_exact(tmp_path, watched):
    """A file at the limit is taken."""
    (tmp_path / "a.xml").write_bytes(b"x" * 2000)
    await _twice(watched)
    assert (tmp_path / "refused" / "a.xml").exists()


async def test_compressed_files_are_the_same_message(tmp_path, watched, intake):
    """The ending says how a file is packed; inside it is the same message."""
    (tmp_path / "a.xml").write_bytes(b"ok")
    await _twice(watched)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(b"ok"))
    await _twice(watched)
    assert len(intake.known) == 1
    assert (tmp_path / "done" / "b.xml.gz.receipt.xml").exists()


async def test_same_name_again_keeps_both(tmp_path, watched):
    """A second file of a name already done gets a number; nothing is overwritten."""
    for body in (b"ok", b"ok\nok"):
        (tmp_path / "a.xml").write_bytes(body)
        await _twice(watched)
    tree = _tree(tmp_path)
    assert tree["done/a.xml"] == b"ok"
    assert tree["done/2-a.xml"] == b"ok\nok"
    assert tree["done/2-a.xml.receipt.xml"] == b"<receipt good='2' of='2'/>"


@pytest.mark.parametrize(
    "name", ["a\nb.xml", "a\x1b[2Jb.xml", "n" * 250 + ".xml", "单" * 80 + ".xml", "a\u202eb.xml"]
)
async def test_names_are_cleaned(tmp_path, watched, name):
    """Control characters and overlong names do not reach the result folders."""
    (tmp_path / name).write_bytes(b"ok")
    await _twice(watched)
    (kept,) = [one.name for one in (tmp_path / "done").iterdir() if not one.name.endswith(".receipt.xml")]
    assert kept.isprintable()
    assert kept.endswith(".xml")
    assert len(kept.encode()) <= 180


async def test_busy_and_failing_intake_leave_the_file(tmp_path, watched, intake):
    """What cannot be taken now stays where it is and is taken later."""
    (tmp_path / "a.xml").write_bytes(b"ok")
    intake.busy = True
    await _twice(watched)
    assert _tree(tmp_path) == {"a.xml": b"ok"}
    intake.busy = False
    submit = intake.submit

    async def broken(*_args, **_more):
        raise CouldNotCheck("store is away")

    intake.submit = broken
    await watched.look()
    assert _tree(tmp_path) == {"a.xml": b"ok"}
    intake.submit = submit
    await watched.look()
    assert (tmp_path / "done" / "a.xml").exists()


async def test_crash_between_commit_and_move(tmp_path, watched, intake):
    """A file whose message is durable but that was not moved gets the same answer again."""
    await intake.submit(b"ok", source="folder", submitter="folder")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "a.xml.receipt.xml").write_bytes(b"half")  # written, then the crash
    (tmp_path / "a.xml").write_bytes(b"ok")
    await _twice(watched)
    assert _tree(tmp_path) == {"done/a.xml": b"ok", "done/a.xml.receipt.xml": b"<receipt good='1' of='1'/>"}
    assert len(intake.known) == 1


async def test_no_more_than_allowed_at_once(tmp_path, intake):
    """Files are handed to intake a few at a time."""
    watched = WatchedFolder(Folder(path=str(tmp_path)), LIMITS, intake, at_once=2)
    submit, open_now, most = intake.submit, 0, 0

    async def counted(raw, **more):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.01)
        open_now -= 1
        return await submit(raw, **more)

    intake.submit = counted
    for number in range(9):
        (tmp_path / f"{number}.xml").write_bytes(b"ok" + b"\nok" * number)
    await _twice(watched)
    assert most == 2
    assert len(list((tmp_path / "done").iterdir())) == 18


async def test_running_until_cancelled(tmp_path, intake):
    """The loop takes files as they come, until it is cancelled."""
    watched = WatchedFolder(Folder(path=str(tmp_path), poll_seconds=0.02), LIMITS, intake)
    running = asyncio.create_task(watched.run())
    (tmp_path / "a.xml").write_bytes(b"ok")
    await eventually((tmp_path / "done" / "a.xml").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
