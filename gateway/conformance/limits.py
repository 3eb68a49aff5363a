# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of size and form: limits hold before anything is accepted, and noise ends nothing but itself."""

import hashlib
from functools import partial

from gateway.audit.commitment import batch_root
from gateway.conformance.builders import (
    BATCH,
    FLOW,
    STREAM,
    Words,
    called,
    case,
    forged,
    made,
    require_refusal,
    require_status,
    streamed,
    worded,
)
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import MAIN
from gateway.conformance.stage import SECONDS, Stage, told
from gateway.conformance.transfer import Transfer, payload_of, records, release
from gateway.wire.v1 import peer_pb2

_words = partial(Words, family=Family.LIMITS, clause=FLOW)
_framed = partial(Words, family=Family.STREAM, clause=STREAM)
_called = partial(Words, family=Family.LIMITS, clause="peer.proto Peer; docs/conformance.md")
_INPUT, _FRAME = "INVALID_ARGUMENT", "SERVER-FRAME"
TOO_LARGE = 9 * 1024 * 1024
TOO_MANY = 5000
FAR_SECONDS = 7200.0


def _empty(stage: Stage) -> Transfer:
    """Return a batch without records."""
    return stage.transfer([])


def _over_count(stage: Stage) -> Transfer:
    """Return a batch of more records than one may hold; they are as small as can be."""
    return stage.transfer([b""] * TOO_MANY)


def _short_salt(stage: Stage) -> Transfer:
    """Return a batch whose salts are too short, under the root that follows from them filled up."""
    payload, root = payload_of(records(release()), 16)
    digest = hashlib.sha256(payload).digest()
    return Transfer(
        stage.transfer().but(count=1, payload_digest=digest, commitment_root=root).statement, payload
    )


def _extended(stage: Stage) -> Transfer:
    """Return a batch whose payload holds a field that nobody knows, signed as it is."""
    one = stage.transfer()
    payload = one.payload + b"\x9a\x06\x01x"
    return Transfer(one.but(payload_digest=hashlib.sha256(payload).digest()).statement, payload)


def _future_statement(stage: Stage, one: Transfer) -> bytes:
    """Sign a statement with a field that nobody knows."""
    statement = type(one.statement).FromString(one.signed + b"\x9a\x06\x01x")
    return Transfer(statement, one.payload).packed(stage.kit.keys[MAIN].seal)


async def _altered(stage: Stage) -> str:
    one = stage.transfer()
    altered = bytearray(one.payload)
    altered[-1] ^= 1
    (answer,) = await stage.offer((stage.packed(one), bytes(altered)))
    return require_refusal(answer, ["RECEIVE-PAYLOAD"])


async def _exchanged(stage: Stage) -> str:
    one, other = stage.transfer(), stage.transfer()
    (answer,) = await stage.offer((stage.packed(one), other.payload))
    return require_refusal(answer, ["RECEIVE-PAYLOAD"])


async def _compressed(stage: Stage) -> str:
    bomb = peer_pb2.Frame(transfer=peer_pb2.Transfer(payload=bytes(TOO_LARGE))).SerializeToString()
    peer = stage.peers[MAIN]
    ended = await peer.stream("Deliver", [stage.greeting(), bomb], seconds=SECONDS, gzip=True)
    require(ended.status in ("UNIMPLEMENTED", "RESOURCE_EXHAUSTED", "INTERNAL"), told(ended))
    await stage.deliver()
    return f"{told(ended)}; then a good transfer accepted"


async def _compressed_small(stage: Stage) -> str:
    echo = peer_pb2.EchoRequest(nonce=bytes(64)).SerializeToString()
    ended = await stage.peers[MAIN].ask("Echo", echo, seconds=SECONDS, gzip=True)
    require(ended.status in ("UNIMPLEMENTED", "INTERNAL"), told(ended))
    return told(ended)


async def _oversize(stage: Stage) -> str:
    frame = peer_pb2.Frame(transfer=peer_pb2.Transfer(payload=bytes(TOO_LARGE))).SerializeToString()
    ended = await stage.peers[MAIN].stream("Deliver", [stage.greeting(), frame], seconds=SECONDS)
    return require_status(ended, "RESOURCE_EXHAUSTED")


async def _deadline(stage: Stage, seconds: float | None) -> str:
    echo = peer_pb2.EchoRequest(nonce=b"kit").SerializeToString()
    ended = await stage.peers[MAIN].ask("Echo", echo, seconds=seconds)
    return require_status(ended, _INPUT, "SERVER-DEADLINE")


async def _after_noise(stage: Stage) -> str:
    ended = await stage.peers[MAIN].stream("Deliver", [b"\xff" * 64], seconds=SECONDS)
    require_status(ended, _INPUT, _FRAME)
    _, answer = await stage.deliver()
    return f"{told(ended)}; then {answer.text}"


def _transfer_frame() -> bytes:
    return peer_pb2.Frame(transfer=peer_pb2.Transfer()).SerializeToString()


def _hello(stage: Stage, channel: str) -> bytes:
    """Return a hello of ours for another channel."""
    return peer_pb2.Frame(hello=peer_pb2.Hello(organisation=stage.own, channel=channel)).SerializeToString()


PAYLOADS: tuple[Case, ...] = (
    made(
        _words("count-other", "A batch holds as many records as its statement says.", "two records, count 3"),
        lambda stage: stage.transfer().but(count=3),
        "RECEIVE-COUNT",
    ),
    made(
        _words("count-none", "A batch holds at least one record.", "no record, count 0"),
        _empty,
        "RECEIVE-COUNT",
    ),
    made(
        _words("count-too-many", "A batch holds a bounded number of records.", f"{TOO_MANY} records"),
        _over_count,
        "RECEIVE-COUNT",
    ),
    worded(
        _words("payload-digest", "A payload has the digest that was signed.", "another payload digest"),
        lambda _: {"payload_digest": b"x" * 32},
        "RECEIVE-PAYLOAD",
    ),
    case(
        _words(
            "payload-altered",
            "A payload that changed on the way is refused.",
            "one bit turned in the payload",
        ),
        "signed refusal, RECEIVE-PAYLOAD",
        _altered,
    ),
    case(
        _words(
            "payload-exchanged", "Another good payload is not this one.", "the payload of another transfer"
        ),
        "signed refusal, RECEIVE-PAYLOAD",
        _exchanged,
    ),
    made(
        _words(
            "payload-unknown-field", "A payload with an unknown field is refused.", "an unknown field, signed"
        ),
        _extended,
        "WIRE-UNKNOWN-FIELD",
    ),
    worded(
        _words(
            "root-other", "The root of the commitments follows from the records.", "another commitment root"
        ),
        lambda _: {"commitment_root": b"x" * 32},
        "RECEIVE-COMMITMENT",
    ),
    worded(
        _words("root-empty", "A statement without a root is refused.", "no commitment root"),
        lambda _: {"commitment_root": batch_root([])},
        "RECEIVE-COMMITMENT",
    ),
    made(
        _words("salt-short", "A salt has 32 bytes, or the commitment could be guessed.", "salts of 16 bytes"),
        _short_salt,
        "RECEIVE-COMMITMENT",
    ),
    worded(
        _words(
            "version-unknown", "An unknown version of the statement is refused.", "version 99", clause=BATCH
        ),
        lambda _: {"version": 99},
        "RECEIVE-VERSION",
    ),
    worded(
        _words(
            "version-of-tree", "An unknown version of the tree is refused.", "tree version 99", clause=BATCH
        ),
        lambda _: {"tree_version": 99},
        "RECEIVE-VERSION",
    ),
    forged(
        _words(
            "statement-unknown-field",
            "A statement with an unknown field is refused, though well signed.",
            "an unknown field in the signed statement",
            clause=BATCH,
        ),
        _future_statement,
        "WIRE-UNKNOWN-FIELD",
    ),
    worded(
        _words(
            "batch-id-form",
            "A batch id is made of letters, digits, - and _.",
            "a path as batch id",
            clause=BATCH,
        ),
        lambda _: {"batch_id": "../../etc/passwd"},
        "RECEIVE-MALFORMED",
    ),
    forged(
        _words("envelope-noise", "Bytes that are no envelope are refused.", "noise"),
        lambda *_: b"\xff" * 700,
        "WIRE-PARSE",
    ),
    forged(
        _words("envelope-cut-short", "An envelope without its end is refused.", "the last 40 bytes left out"),
        lambda stage, one: stage.packed(one)[:-40],
        "WIRE-PARSE",
    ),
    forged(
        _words("envelope-empty", "No envelope at all is refused.", "zero bytes"),
        lambda *_: b"",
        "TRUST-PAYLOAD-TYPE",
        "TRUST-UNSIGNED",
        "TRUST-ENVELOPE",
    ),
)

CALLS: tuple[Case, ...] = (
    case(
        _called(
            "frame-too-large", "A frame above the limit of 8 MiB ends its stream.", "a transfer of 9 MiB"
        ),
        "status RESOURCE_EXHAUSTED",
        _oversize,
    ),
    case(
        _called(
            "compression-bomb",
            "What expands beyond the limit is not expanded.",
            "9 MiB of zeros, compressed by gRPC",
        ),
        "status UNIMPLEMENTED, RESOURCE_EXHAUSTED or INTERNAL; then a good transfer is accepted",
        _compressed,
    ),
    case(
        _called(
            "compression-refused",
            "Compressed messages are not taken, however small.",
            "an echo compressed by gRPC",
        ),
        "status UNIMPLEMENTED or INTERNAL",
        _compressed_small,
    ),
    case(
        _called("deadline-missing", "A call without a deadline is refused.", "an echo without deadline"),
        f"status {_INPUT} SERVER-DEADLINE",
        partial(_deadline, seconds=None),
    ),
    case(
        _called(
            "deadline-far",
            "A call that could wait for hours is refused.",
            "an echo with a deadline in two hours",
        ),
        f"status {_INPUT} SERVER-DEADLINE",
        partial(_deadline, seconds=FAR_SECONDS),
    ),
    called(
        _called("nonce-too-long", "A nonce has at most 64 bytes.", "a nonce of 65 bytes"),
        lambda _: ("Echo", peer_pb2.EchoRequest(nonce=bytes(65))),
        _INPUT,
        _FRAME,
    ),
)

STREAMS: tuple[Case, ...] = (
    case(
        _framed(
            "frame-noise", "Noise ends its stream, and the next stream is served.", "noise as first frame"
        ),
        f"status {_INPUT} {_FRAME}; then a good transfer is accepted",
        _after_noise,
    ),
    streamed(
        _framed("hello-missing", "The first frame is a hello.", "a transfer as first frame"),
        lambda _: [_transfer_frame()],
        _INPUT,
        "SERVER-HELLO-MISSING",
    ),
    streamed(
        _framed("hello-repeated", "A stream has one hello.", "two hellos"),
        lambda stage: [stage.greeting(), stage.greeting()],
        _INPUT,
        "SERVER-HELLO-REPEATED",
    ),
    streamed(
        _framed("frame-of-another-kind", "A receipt is no delivery.", "a receipt after the hello"),
        lambda stage: [stage.greeting(), peer_pb2.Frame(receipt=b"x").SerializeToString()],
        _INPUT,
        _FRAME,
    ),
    streamed(
        _framed("frame-noise-after-hello", "Noise after the hello ends the stream.", "a hello, then noise"),
        lambda stage: [stage.greeting(), b"\xff" * 40],
        _INPUT,
        _FRAME,
    ),
    streamed(
        _framed(
            "channel-not-agreed", "A channel that no agreement has is not opened.", "a channel for events"
        ),
        lambda stage: [_hello(stage, f"{stage.own}/{stage.target}/event")],
        "PERMISSION_DENIED",
        "RECEIVE-CHANNEL",
    ),
    streamed(
        _framed("channel-of-others", "A channel between others is not opened.", "the bystander's channel"),
        lambda stage: [_hello(stage, stage.channel("bystander"))],
        "PERMISSION_DENIED",
        "SERVER-CHANNEL",
    ),
)
CASES = (*PAYLOADS, *CALLS, *STREAMS)
