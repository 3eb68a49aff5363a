# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Logs over plain HTTP: readable by any client of tiles that may read them, and by nobody else."""

import asyncio

import pytest

from gateway.audit import Outcome, Request, TileReader, append, grow, grow_bundles, leaf_hash, root
from gateway.audit.witness import format_request
from gateway.config import Http
from gateway.errors import VerificationError
from gateway.exchange.witness import Answer
from gateway.finding import finding
from gateway.store import TileFiles
from gateway.web.tlog import LogFiles

SIZE = 300
TOKEN, OTHER = "t" * 20, "o" * 20


class MemoryWitness:
    """Answers what it is told."""

    def __init__(self):
        self.answer = Answer(Outcome.COSIGN, 4, b"line\n")
        self.asked = []

    async def add_checkpoint(self, partner, raw):
        """Answer."""
        self.asked.append((partner, raw))
        return self.answer


@pytest.fixture(name="tree")
def _tree():
    """A tree with its entries."""
    entries = [b"entry %d" % number for number in range(SIZE)]
    return entries, append(0, (), [leaf_hash(one) for one in entries])


@pytest.fixture(name="witness")
def _witness():
    """A witness under control."""
    return MemoryWitness()


@pytest.fixture(name="face")
async def _face(start, tmp_path, tree, witness):
    """A face with one log and a token for two partners."""
    entries, grown = tree
    hashes = {(level, index): one for level, index, one in grown.hashes}
    tiles = grow(0, SIZE, lambda level, index: hashes[level, index])
    tiles += grow_bundles(0, SIZE, entries.__getitem__)
    files = TileFiles(tmp_path / "log")
    files.stage("us/them", {one.path.text: one.content for one in tiles})
    files.apply("us/them", b"note\n", ())
    readers = tmp_path / "readers"
    readers.write_text(f"them {TOKEN}\nothers {OTHER}\n")
    readers.chmod(0o600)
    settings = Http(listen="127.0.0.1:0", log_token_file=str(readers))
    return await start(settings, logs=LogFiles("us", files, witness))


def bearer(token):
    """Return the header of a token."""
    return {"Authorization": f"Bearer {token}"}


async def get(face, path, token=TOKEN):
    """Get a file; return status, body and headers."""
    headers = bearer(token) if token else {}
    async with face.session.get(face.url(path), headers=headers) as reply:
        return reply.status, await reply.read(), reply.headers


async def test_a_client_of_tiles_reads_the_whole_log(face, tree):
    """Every entry read over HTTP is checked against the root, and none is missing."""
    entries, grown = tree
    loop = asyncio.get_running_loop()

    def fetch(path):
        status, body, _ = asyncio.run_coroutine_threadsafe(get(face, f"/tlog/us/them/{path}"), loop).result()
        if status == 404:
            raise LookupError(path)
        return body

    def read():
        reader = TileReader(fetch, SIZE, root(grown.frontier))
        return [*reader.entries(0), *reader.entries(1)], reader.root_at(77)

    found, old = await asyncio.to_thread(read)
    assert found == entries
    assert old == root(append(0, (), [leaf_hash(one) for one in entries[:77]]).frontier)


async def test_full_tiles_may_be_kept_for_ever(face):
    """A full tile never changes; a partial one and the checkpoint do."""
    _, body, headers = await get(face, "/tlog/us/them/tile/0/000")
    assert len(body) == 256 * 32
    assert "immutable" in headers["Cache-Control"]
    assert "private" in headers["Cache-Control"]
    assert "immutable" not in (await get(face, "/tlog/us/them/tile/0/001.p/44"))[2]["Cache-Control"]
    status, body, headers = await get(face, "/tlog/us/them/checkpoint")
    assert (status, body, headers["Cache-Control"]) == (200, b"note\n", "no-store")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_a_narrower_tile_is_cut_from_a_wider_one(face):
    """A client that holds an older checkpoint still finds the tiles of its size."""
    _, wide, _ = await get(face, "/tlog/us/them/tile/0/001.p/44")
    assert (await get(face, "/tlog/us/them/tile/0/001.p/7"))[1] == wide[: 7 * 32]
    _, bundle, _ = await get(face, "/tlog/us/them/tile/entries/000.p/2")
    assert bundle == b"\x00\x07entry 0\x00\x07entry 1"


@pytest.mark.parametrize(
    "path",
    [
        "us/others/checkpoint",
        "others/them/checkpoint",
        "us/them/tile/0/001",
        "us/them/tile/0/1",
        "us/them/tile/0/001.p/256",
        "us/them/tile/9/000",
        "us/them/tile/entries/..%2f..%2fcheckpoint",
        "us/..%2fthem/checkpoint",
        "us/them/../../gateway.sqlite",
    ],
)
async def test_what_may_not_be_read_does_not_exist(face, path):
    """Other logs, other files, and tiles that the log has not are all the same: not found."""
    assert (await get(face, f"/tlog/{path}"))[0] == 404


async def test_tokens_of_partners_open_their_log_alone(face):
    """A partner's token opens neither another log nor anything else; a wrong one opens nothing."""
    assert (await get(face, "/tlog/us/them/checkpoint", OTHER))[0] == 404
    assert (await get(face, "/tlog/us/them/checkpoint", "x" * 20))[0] == 401
    async with face.session.get(
        face.url("/v1/status"), headers={**bearer(TOKEN), "Host": "gateway.example"}
    ) as reply:
        assert reply.status == 401
    assert (await get(face, "/tlog/us/them/checkpoint", ""))[0] == 200  # this machine


async def test_add_checkpoint_speaks_the_protocol(face, witness):
    """The outcomes of the witness are the status codes of C2SP tlog-witness."""
    url, body = face.url("/tlog/add-checkpoint"), format_request(Request(0, (), b"note\n\n"))
    problem = (finding("AUDIT-WITNESS-REQUEST"),)
    for answer, status, expected in (
        (Answer(Outcome.COSIGN, 4, b"line\n"), 200, b"line\n"),
        (Answer(Outcome.STALE, 4), 409, b"4\n"),
        (Answer(Outcome.SPLIT_VIEW, 4), 409, b"4\n"),
        (Answer(Outcome.BAD_REQUEST, 0, findings=problem), 400, None),
        (Answer(Outcome.BAD_SIGNATURE, 0, findings=problem), 403, None),
        (Answer(Outcome.UNKNOWN_LOG, 0, findings=problem), 404, None),
        (Answer(Outcome.BAD_PROOF, 4, findings=problem), 422, None),
    ):
        witness.answer = answer
        async with face.session.post(url, data=body, headers=bearer(TOKEN)) as reply:
            assert reply.status == status
            if expected is not None:
                assert await reply.read() == expected
            if status == 409:
                assert reply.content_type == "text/x.tlog.size"
    assert set(witness.asked) == {("them", body)}
    async with face.session.post(url, data=body) as reply:
        assert reply.status == 404


def test_paths_are_checked_before_they_touch_the_disk(tmp_path):
    """A path that is not one of a tile is refused."""
    with pytest.raises(VerificationError):
        TileFiles(tmp_path).read("us/them", "../checkpoint")
