# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the audit log about us: what it says was received is there, proved, and never changed."""

import asyncio
import hashlib
from functools import partial

from gateway.audit import entry as entries
from gateway.audit import proof
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.entry import Event
from gateway.audit.tile_reader import TileReader
from gateway.audit.tree import leaf_hash
from gateway.client.raw import OK
from gateway.conformance.builders import Words, called, case
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import BYSTANDER
from gateway.conformance.stage import Stage, told
from gateway.wire.v1 import envelope_pb2, peer_pb2

TLOG = "C2SP tlog-tiles, tlog-checkpoint"
_words = partial(Words, family=Family.LOG, clause="peer.proto; RFC 9162 2.1.3.2, 2.1.4.2")
_tiled = partial(Words, family=Family.LOG, clause=TLOG)
_DENIED = "PERMISSION_DENIED"


async def _reader(stage: Stage, newest: Checkpoint) -> TileReader:
    """Return a reader over the tiles that the target serves; it checks all that it reads."""
    loop = asyncio.get_running_loop()

    def fetch(path: str) -> bytes:
        ended = asyncio.run_coroutine_threadsafe(stage.tile(path), loop).result()
        if ended.status != OK:
            raise LookupError(path)
        return peer_pb2.TileReply.FromString(ended.messages[0]).content

    return await asyncio.to_thread(TileReader, fetch, newest.size, newest.root)


async def _entry(stage: Stage, index: int) -> tuple[Checkpoint, bytes]:
    """Return the newest checkpoint and an entry below it, read from tiles and checked against it."""
    newest = await stage.checkpoint()
    require(index < newest.size, f"entry {index}, published {newest.size}")
    reader = await _reader(stage, newest)
    return newest, await asyncio.to_thread(reader.entry, index)


async def _consistency(stage: Stage, old: int, new: int) -> list[bytes]:
    """Ask for a consistency proof."""
    request = peer_pb2.ConsistencyRequest(log=stage.log(), old_size=old, new_size=new)
    ended = await stage.ask("Consistency", request.SerializeToString())
    require(ended.status == OK, told(ended))
    return [*peer_pb2.ConsistencyReply.FromString(ended.messages[0]).hashes]


async def _checkpoint(stage: Stage) -> str:
    await stage.deliver()
    newest = await stage.checkpoint()
    require(newest.origin == stage.log() and newest.size > 0, f"{newest.origin}, size {newest.size}")
    return f"{newest.origin}, size {newest.size}"


async def _received(stage: Stage) -> str:
    one, answer = await stage.deliver()
    _, raw = await _entry(stage, answer.said.log_index)
    said = entries.parse(raw)
    require(said.event is Event.RECEIVED, f"entry of {said.event}")
    require(said.batch_root == one.statement.commitment_root, "an entry with another root")
    return f"entry {answer.said.log_index}: received, with the root of the batch"


async def _refused(stage: Stage) -> str:
    answer = await stage.send(stage.transfer().but(commitment_root=b"x" * 32))
    require(answer.said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_REFUSED, answer.text)
    _, raw = await _entry(stage, answer.said.log_index)
    said = entries.parse(raw)
    require(said.event is Event.REFUSED, f"entry of {said.event}")
    return f"entry {answer.said.log_index}: refused"


async def _receipt_logged(stage: Stage) -> str:
    _, answer = await stage.deliver()
    index = answer.said.log_index + 1
    _, raw = await _entry(stage, index)
    said = entries.parse(raw)
    require(said.event is Event.RECEIPT_SENT, f"entry of {said.event}")
    return f"entry {index}: receipt sent"


async def _inclusion(stage: Stage) -> str:
    _, answer = await stage.deliver()
    index = answer.said.log_index
    newest, raw = await _entry(stage, index)
    request = peer_pb2.InclusionRequest(log=stage.log(), index=index, size=newest.size)
    ended = await stage.ask("Inclusion", request.SerializeToString())
    require(ended.status == OK, told(ended))
    hashes = [*peer_pb2.InclusionReply.FromString(ended.messages[0]).hashes]
    proof.verify_inclusion(leaf_hash(raw), index, newest.size, hashes, newest.root)
    return f"entry {index} of {newest.size}, {len(hashes)} hashes"


async def _grown(stage: Stage) -> str:
    await stage.deliver()
    old = await stage.checkpoint()
    await stage.deliver()
    new = await stage.checkpoint()
    require(new.size > old.size, f"size {old.size}, then {new.size}")
    hashes = await _consistency(stage, old.size, new.size)
    proof.verify_consistency(old.size, new.size, hashes, old.root, new.root)
    return f"from {old.size} to {new.size}, {len(hashes)} hashes"


async def _receipt_state(stage: Stage) -> str:
    _, answer = await stage.deliver()
    own, newest = answer.said.own_checkpoint, await stage.checkpoint()
    hashes = await _consistency(stage, own.size, newest.size)
    proof.verify_consistency(own.size, newest.size, hashes, own.root, newest.root)
    return f"from {own.size} to {newest.size}"


async def _tiles(stage: Stage) -> str:
    await stage.deliver()
    newest = await stage.checkpoint()
    reader = await _reader(stage, newest)
    last = (newest.size - 1) // 256
    count = len(await asyncio.to_thread(reader.entries, last))
    return f"the tiles lead to the root of size {newest.size}; {count} entries of the last bundle are in it"


async def _no_salt(stage: Stage) -> str:
    one, answer = await stage.deliver()
    _, raw = await _entry(stage, answer.said.log_index)
    said = entries.parse(raw)
    guess = (one.digest, leaf_hash(one.signed), leaf_hash(one.digest))
    require(said.digest not in guess, "an entry whose digest can be guessed from the statement")
    return "a salted digest"


async def _reconciled(stage: Stage) -> str:
    one, _ = await stage.deliver()
    number = one.statement.sequence
    request = peer_pb2.ReconcileRequest(
        channel=stage.channel(), from_ms=0, until_ms=1 << 62, first_sequence=number, end_sequence=number + 1
    )
    ended = await stage.ask("Reconcile", request.SerializeToString())
    require(ended.status == OK, told(ended))
    said = peer_pb2.ReconcileReply.FromString(ended.messages[0])
    stored = hashlib.sha256(one.digest + one.statement.commitment_root).digest()
    slot = leaf_hash(number.to_bytes(8, "big") + stored)
    require(said.count == 1 and said.root == slot, f"{said.count} batches, or another root")
    return "one batch, with the root that follows from what was sent"


async def _others(stage: Stage) -> str:
    await stage.deliver(which=BYSTANDER)
    theirs = stage.log(BYSTANDER)
    calls = (
        ("Checkpoint", peer_pb2.CheckpointRequest(log=theirs)),
        ("Inclusion", peer_pb2.InclusionRequest(log=theirs, index=0, size=1)),
        ("Consistency", peer_pb2.ConsistencyRequest(log=theirs, old_size=1, new_size=1)),
        ("Tile", peer_pb2.TileRequest(log=theirs, path="checkpoint")),
        ("Tile", peer_pb2.TileRequest(log=theirs, path="tile/0/000.p/1")),
    )
    ends = [(method, await stage.ask(method, one.SerializeToString())) for method, one in calls]
    served = [method for method, ended in ends if ended.status != _DENIED]
    require(not served, f"not refused: {', '.join(served)}")
    return f"{_DENIED} five times"


async def _unknown_alike(stage: Stage) -> str:
    await stage.deliver(which=BYSTANDER)
    requests = [
        peer_pb2.CheckpointRequest(log=log) for log in (stage.log(BYSTANDER), f"{stage.target}/nobody-at-all")
    ]
    ends = [await stage.ask("Checkpoint", one.SerializeToString()) for one in requests]
    require(ends[0].status == _DENIED and ends[0] == ends[1], "; ".join(told(one) for one in ends))
    return "the same status for both"


CASES: tuple[Case, ...] = (
    case(
        _tiled(
            "log-checkpoint",
            "The log about us has a checkpoint signed by the target's log key.",
            "Checkpoint",
        ),
        "a signed note of our log",
        _checkpoint,
    ),
    case(
        _words(
            "log-holds-batch",
            "What was taken stands in the log where the receipt says.",
            "a good transfer, tiles",
        ),
        "an entry of a received batch with its root, checked against the checkpoint",
        _received,
    ),
    case(
        _words("log-holds-refusal", "What was refused stands in the log too.", "a bad transfer, tiles"),
        "an entry of a refusal, checked against the checkpoint",
        _refused,
    ),
    case(
        _words(
            "log-holds-receipt", "That a receipt was given stands behind the batch.", "a good transfer, tiles"
        ),
        "an entry of a sent receipt, checked against the checkpoint",
        _receipt_logged,
    ),
    case(
        _words(
            "log-entry-salted",
            "An entry says nothing that could be guessed from the batch.",
            "a good transfer, tiles",
        ),
        "a digest that is not that of the statement",
        _no_salt,
    ),
    case(
        _words("log-inclusion", "The entry of a batch is proved to be in the signed tree.", "Inclusion"),
        "a proof that leads to the root of the checkpoint",
        _inclusion,
    ),
    case(
        _words("log-consistency", "The log has only grown between two checkpoints.", "Consistency"),
        "a proof that leads to both roots",
        _grown,
    ),
    case(
        _words(
            "log-receipt-state",
            "The state that a receipt names is one that the log went through.",
            "Consistency",
        ),
        "a proof from the receipt's state to the newest checkpoint",
        _receipt_state,
    ),
    case(
        _tiled(
            "log-tiles", "The tiles lead to the signed root, and the entries are those of the tiles.", "Tile"
        ),
        "tiles and entries that verify",
        _tiles,
    ),
    called(
        _tiled("log-tile-path", "Only paths of tiles are served.", "tile/../../keys/seal-p256.key"),
        lambda stage: ("Tile", peer_pb2.TileRequest(log=stage.log(), path="tile/../../keys/seal-p256.key")),
        "UNAUTHENTICATED",
        "AUDIT-TILE-PATH",
    ),
    called(
        _tiled("log-tile-beyond", "A tile that the log does not have is not served.", "tile/0/x999/999"),
        lambda stage: ("Tile", peer_pb2.TileRequest(log=stage.log(), path="tile/0/x999/999")),
        _DENIED,
        "SERVER-LOG",
    ),
    called(
        _words(
            "log-inclusion-beyond",
            "Nothing is proved about a size never published.",
            "Inclusion in 2^40 entries",
        ),
        lambda stage: ("Inclusion", peer_pb2.InclusionRequest(log=stage.log(), index=0, size=1 << 40)),
        _DENIED,
        "SERVER-LOG",
    ),
    called(
        _words(
            "log-inclusion-outside", "An entry outside the size is refused.", "Inclusion of entry 7 in size 1"
        ),
        lambda stage: ("Inclusion", peer_pb2.InclusionRequest(log=stage.log(), index=7, size=1)),
        "INVALID_ARGUMENT",
        "AUDIT-RANGE",
    ),
    called(
        _words("log-consistency-backwards", "Sizes out of order are refused.", "Consistency from 2 to 1"),
        lambda stage: ("Consistency", peer_pb2.ConsistencyRequest(log=stage.log(), old_size=2, new_size=1)),
        "INVALID_ARGUMENT",
        "AUDIT-RANGE",
    ),
    case(
        _words(
            "log-of-others",
            "A partner reads the log about itself and no other.",
            "five questions about the bystander's log",
        ),
        f"status {_DENIED} each time",
        _others,
    ),
    case(
        _words(
            "log-unknown-alike",
            "A log of others and a log that is not there are told apart by nothing.",
            "Checkpoint of the bystander's log and of one that is not",
        ),
        f"the same {_DENIED} with the same details",
        _unknown_alike,
    ),
    case(
        _words(
            "reconcile-same",
            "The target holds the batch that we sent.",
            "Reconcile",
            clause="peer.proto Reconcile",
        ),
        "one batch, and the root that follows from what was sent",
        _reconciled,
    ),
    called(
        _words(
            "reconcile-of-others",
            "Lists of a channel between others are not compared.",
            "Reconcile",
            clause="peer.proto Reconcile",
        ),
        lambda stage: ("Reconcile", peer_pb2.ReconcileRequest(channel=stage.channel(BYSTANDER))),
        _DENIED,
        "SERVER-CHANNEL",
    ),
)
