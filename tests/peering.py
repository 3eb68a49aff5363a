# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A node's gRPC face on a real port with real TLS, and the in-memory steps behind it."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import grpc
import grpc.aio

from gateway.config import Grpc
from gateway.envelope import issue
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.trust import Keyring
from gateway.errors import InputError, PolicyRefusal
from gateway.exchange.acknowledge import Acknowledged, Effect
from gateway.exchange.intake import Busy, Sizes, Submission, expand
from gateway.exchange.reconcile import Told
from gateway.exchange.rows import BatchRow
from gateway.finding import finding
from gateway.server.serve import CallLimits, PeerServer, TlsMaterial
from gateway.wire.v1 import peer_pb2

OWN, PARTNER, FOREIGN = "aa-customs", "bb-customs", "cc-customs"
INWARD, OUTWARD = f"{PARTNER}/{OWN}/item", f"{OWN}/{PARTNER}/item"
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Identity:
    """What a caller shows in the handshake."""

    tls_certificate: bytes
    tls_key: bytes


@dataclass(frozen=True)
class Address:
    """Where a node listens and whom to trust there; has the shape of a bundle."""

    organisation: str
    endpoint: str
    authorities: tuple[bytes, ...]


@dataclass(frozen=True)
class Keys:
    """The keys of three organisations; the third is no partner of the first."""

    own: KeySet
    partner: KeySet
    foreign: KeySet
    unlisted: Identity  # issued by the partner's authority, never imported


def make_keys(folder: Path) -> Keys:
    """Make all keys in a folder."""
    authorities = {name: issue.write_keys(folder / name, name, NOW) for name in (OWN, PARTNER, FOREIGN)}
    private = issue.new_key(Algorithm.ECDSA_P256)
    certificate = issue.issue(authorities[PARTNER], Purpose.TLS, private.public_key(), NOW, ("localhost",))
    issue.write_private(folder / "unlisted.key", private)
    unlisted = Identity(certificate.public_bytes(issue.Encoding.PEM), (folder / "unlisted.key").read_bytes())
    return Keys(*(KeySet.load(folder / name) for name in (OWN, PARTNER, FOREIGN)), unlisted)


class RingIdentifier:
    """Identity from a real key ring."""

    def __init__(self, ring: Keyring):
        self.ring = ring

    def identify(self, pem):
        return self.ring.identify(pem, datetime.now(UTC))


@dataclass
class MemoryReceiver:
    """Receives in memory; `gate` holds work back while it is cleared."""

    confirmed: int = 0
    taken: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    fault: Exception | None = None

    def __post_init__(self):
        self.gate.set()

    async def hello(self, partner, channel):
        if channel.endswith("/nothing"):
            raise PolicyRefusal("no agreement", (finding("SERVER-CHANNEL"),))
        return self.confirmed

    async def receive(self, partner, envelope, payload):
        self.begun += 1
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.taken.append((partner, envelope, payload))
        return b"receipt of " + envelope[:64]


@dataclass
class MemoryOutbox:
    """Batches that wait to be collected."""

    rows: list[BatchRow] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    base: int = 0

    def add(self, count):
        for _ in range(count):
            number = len(self.rows) + 1
            self.rows.append(
                BatchRow(
                    id=number,
                    batch_id=f"b{number}",
                    channel=OUTWARD,
                    sequence=number,
                    statement_digest=b"",
                    count=1,
                    agreement="a",
                    created_at=0,
                    envelope=b"envelope %d" % number,
                    payload=b"payload",
                    salts=b"",
                    log_index=number,
                )
            )

    async def confirmed(self, partner, channel):
        return self.base

    async def pending(self, channel, after, limit):
        return [row for row in self.rows if row.sequence > after][:limit]

    async def acknowledge(self, partner, receipt):
        """Take `r7` as accepted, `gap 3 at 7` as a gap, `stop 7` as a refusal that stops."""
        self.receipts.append(receipt)
        words = receipt.split()
        number = int(words[-1].lstrip(b"r"))
        if words[0] == b"gap":
            return Acknowledged(Effect.GAP, OUTWARD, number, int(words[1]))
        return Acknowledged(Effect.STOPPED if words[0] == b"stop" else Effect.SETTLED, OUTWARD, number)


class MemoryLogs:
    """One checkpoint per partner."""

    async def checkpoint(self, partner, log):
        if log != f"{OWN}/{partner}":
            raise PolicyRefusal("log", (finding("SERVER-LOG"),))
        return b"note of " + log.encode()

    async def inclusion(self, partner, log, index, size):
        return [b"\x01" * 32, index.to_bytes(32, "big")]

    async def consistency(self, partner, log, old, new):
        return [b"\x02" * 32, new.to_bytes(32, "big")]


class MemoryNotices:
    """Confirms every notice."""

    async def notify(self, partner, envelope):
        return f"confirmed to {partner}: ".encode() + envelope


class MemoryInquiries:
    """Answers every question."""

    async def inquire(self, partner, envelope):
        return f"answer to {partner}: ".encode() + envelope


class MemoryAnnouncements:
    """Confirms every announcement."""

    async def announce(self, partner, envelope):
        return f"confirmed to {partner}: ".encode() + envelope


class MemoryBooks:
    """Holds two batches of every channel."""

    async def reconcile(self, partner, question):
        return Told(range(1, 3), 2, bytes(32), tuple(b"\x03" * 32 for _ in question.nodes))


@dataclass
class MemoryIntake:
    """Intake by the rules of the real one, with a format of its own: lines, each `ok` or not."""

    sizes: Sizes = field(default_factory=Sizes)
    known: dict[bytes, Submission] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    busy: bool = False

    async def submit(self, raw, *, source, submitter, adapter="", encoding=""):
        if self.busy:
            raise Busy(7)
        if adapter not in {"", "lines"}:
            raise InputError("adapter", (finding("INTAKE-ADAPTER", expected="lines"),))
        self.calls.append((source, submitter))
        whole = expand(raw, encoding, self.sizes)
        digest = hashlib.sha256(whole).digest()
        if digest in self.known:
            old = self.known[digest]
            return Submission(
                old.id,
                old.message_id,
                "repeated",
                old.documents,
                old.accepted,
                old.acknowledgement,
                old.content_type,
            )
        lines = whole.split(b"\n")
        good = lines.count(b"ok")
        outcome = "accepted" if good == len(lines) else "partial" if good else "refused"
        answer = b"<receipt good='%d' of='%d'/>" % (good, len(lines))
        done = Submission(
            len(self.known) + 1, digest.hex()[:8], outcome, len(lines), good, answer, "application/xml"
        )
        self.known[digest] = done
        return done


@dataclass
class Node:
    """A running gRPC face with everything behind it."""

    keys: Keys
    server: PeerServer
    port: int
    ring: Keyring
    receiver: MemoryReceiver
    outbox: MemoryOutbox
    intake: MemoryIntake
    material: TlsMaterial

    def address(self, host="localhost"):
        return Address(OWN, f"{host}:{self.port}", (self.keys.own.ca,))

    def channel(self, identity=None):
        """Connect as somebody, the partner unless said otherwise; without certificate if False."""
        shown = self.keys.partner if identity is None else identity
        chain = (shown.tls_key, shown.tls_certificate) if shown else (None, None)
        credentials = grpc.ssl_channel_credentials(self.keys.own.ca, *chain)
        options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        return grpc.aio.secure_channel(f"localhost:{self.port}", credentials, options)


async def start_node(
    keys: Keys, settings: Grpc | None = None, limits: CallLimits | None = None, intake=None, tracer=None
) -> Node:
    """Start a node that knows the partner."""
    ring = Keyring([keys.own.material(), keys.partner.material()], now=NOW)
    material = TlsMaterial(keys.own.tls_certificate, keys.own.tls_key, ring.authorities())
    receiver, outbox, intake = MemoryReceiver(), MemoryOutbox(), intake or MemoryIntake()
    node = Node(keys, None, 0, ring, receiver, outbox, intake, material)  # type: ignore[arg-type]  # set below
    node.server = PeerServer(
        settings or Grpc(listen="127.0.0.1:0", drain_seconds=2),
        OWN,
        tls=lambda: node.material,
        identifier=RingIdentifier(ring),
        receiver=receiver,
        outbox=outbox,
        logs=MemoryLogs(),
        notices=MemoryNotices(),
        inquiries=MemoryInquiries(),
        announcements=MemoryAnnouncements(),
        books=MemoryBooks(),
        agreements=lambda partner: [f"{OWN}-{partner}"],
        intake=intake,
        limits=limits or CallLimits(poll_seconds=0.05),
        tracer=tracer,
    )
    node.port = await node.server.start()
    return node


async def eventually(condition, seconds=5.0):
    """Wait until something holds."""
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to hold")


def hello(channel=INWARD, organisation=PARTNER, confirmed=0):
    """Return a hello frame."""
    said = peer_pb2.Hello(organisation=organisation, channel=channel, confirmed_sequence=confirmed)
    return peer_pb2.Frame(hello=said).SerializeToString()


def transfer(envelope, payload=b"payload"):
    """Return a transfer frame."""
    body = peer_pb2.Transfer(envelope=envelope, payload=payload)
    return peer_pb2.Frame(transfer=body).SerializeToString()
