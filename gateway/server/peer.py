# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Peer service: what partners' gateways may ask of this one.

Rules of a stream:

1. The first frame is a hello that names the caller's own organisation and one channel between the two.
2. The answer names the sequence number to resume after. A second hello is refused.
3. Frames are handled in order; at most a window of them is read ahead, so a fast peer waits for receipts.
4. A stream is bounded in age. Then, or when the server drains, a `draining` frame goes out; what is on its
   way is still answered until the peer ends its side or the grace is over.
5. What is signed is passed on as the bytes it came as. Work that has begun is finished though the peer be
   gone.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.audit.witness import Outcome
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.exchange.receipt import wire_finding
from gateway.exchange.reconcile import Question, Told
from gateway.exchange.witness import Answer
from gateway.finding import finding
from gateway.server.collect import Outbox, Window
from gateway.server.identity import caller
from gateway.server.status import Context
from gateway.server.stream import Drain, Inbox, Notice, finish, parse_frame
from gateway.wire.v1 import peer_pb2

M = TypeVar("M", bound=Message)
NONCE_BYTES = 64
CHANNEL_PARTS = 3
_DRAINING = peer_pb2.Frame(draining=True).SerializeToString()


class Receiving(Protocol):
    """The receiving step of the way (`exchange.receive`)."""

    async def hello(self, partner: str, channel: str) -> int:
        """Return the last sequence number stored and receipted; refuse channels without agreement."""

    async def receive(self, partner: str, envelope: bytes, payload: bytes) -> bytes:
        """Take one transfer; return the receipt envelope."""


class Logs(Protocol):
    """The audit logs, each readable by the partner it is about."""

    async def checkpoint(self, partner: str, log: str) -> bytes:
        """Return the last signed checkpoint."""

    async def inclusion(self, partner: str, log: str, index: int, size: int) -> Sequence[bytes]:
        """Return an inclusion proof."""

    async def consistency(self, partner: str, log: str, old: int, new: int) -> Sequence[bytes]:
        """Return a consistency proof."""

    async def tile(self, partner: str, log: str, path: str) -> bytes:
        """Return a static file of the log."""

    async def witness(self, partner: str, request: bytes) -> Answer:
        """Answer an add-checkpoint request."""


class Notices(Protocol):
    """The taking of signed notices (`exchange.notice`)."""

    async def notify(self, partner: str, envelope: bytes) -> bytes:
        """Take a notice; return the envelope of its confirmation."""


class Inquiries(Protocol):
    """The taking of signed questions (`exchange.inquiry`)."""

    async def inquire(self, partner: str, envelope: bytes) -> bytes:
        """Take a question; return the envelope of its answer."""


class Announcements(Protocol):
    """The taking of signed announcements of keys (`exchange.announcement`)."""

    async def announce(self, partner: str, envelope: bytes) -> bytes:
        """Take an announcement; return the envelope of its confirmation."""


class Books(Protocol):
    """The lists of batches, each readable by the partner at the other end of its channel."""

    async def reconcile(self, partner: str, question: Question) -> Told:
        """Answer one round of a comparison."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Bounds of one stream; times in seconds, windows in frames."""

    window: int = 32
    hello_seconds: float = 10.0
    max_age_seconds: float = 3600.0
    grace_seconds: float = 10.0
    poll_seconds: float = 0.5


class PeerService:
    """Every method of the service; those that ask for nothing but an answer are unary."""

    name = "customs.ead.v1.Peer"

    def __init__(
        self,
        own: str,
        *,
        receiver: Receiving,
        outbox: Outbox,
        logs: Logs,
        notices: Notices,
        inquiries: Inquiries,
        announcements: Announcements,
        books: Books,
        agreements: Callable[[str], Sequence[str]],
        drain: Drain,
        limits: StreamLimits,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """Serve as organisation `own`; `agreements` lists the ids in force with a partner."""
        self._own = own
        self._receiver = receiver
        self._outbox = outbox
        self._logs = logs
        self._notices = notices
        self._inquiries = inquiries
        self._announcements = announcements
        self._books = books
        self._agreements = agreements
        self._drain = drain
        self._limits = limits
        self._now_ms = now_ms

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        stream, unary = grpc.stream_stream_rpc_method_handler, grpc.unary_unary_rpc_method_handler
        return {
            "Deliver": stream(self.deliver),
            "Collect": stream(self.collect),
            "Checkpoint": unary(self.checkpoint),
            "Inclusion": unary(self.inclusion),
            "Consistency": unary(self.consistency),
            "Tile": unary(self.tile),
            "Witness": unary(self.witness),
            "Echo": unary(self.echo),
            "Notify": unary(self.notify),
            "Inquire": unary(self.inquire),
            "Announce": unary(self.announce),
            "Reconcile": unary(self.reconcile),
        }

    async def deliver(self, _requests: object, context: Context) -> None:
        """Take transfers and answer each with its receipt."""
        partner = caller()
        inbox = Inbox(context, self._limits.window)
        try:
            self._drain.enter(inbox)
            hello = await self._greeting(inbox, partner, sender=partner)
            await context.write(self._welcome(hello, await self._receiver.hello(partner, hello.channel)))
            inbox.post_later(self._limits.max_age_seconds, Notice.LEAVE)
            leaving = False
            while (event := await inbox.next()) not in (Notice.END, Notice.STOP):
                if not isinstance(event, bytes):
                    leaving = await self._leave(inbox, context, leaving=leaving)
                    continue
                transfer = _body(event, "transfer").transfer
                receipt = await finish(self._receiver.receive(partner, transfer.envelope, transfer.payload))
                await context.write(peer_pb2.Frame(receipt=receipt).SerializeToString())
                inbox.handled()
        finally:
            inbox.close()
            self._drain.leave(inbox)

    async def collect(self, _requests: object, context: Context) -> None:
        """Send what waits for the partner, a window at a time, and take its receipts."""
        partner = caller()
        inbox = Inbox(context, self._limits.window)
        try:
            self._drain.enter(inbox)
            hello = await self._greeting(inbox, partner, sender=self._own)
            confirmed = await self._outbox.confirmed(partner, hello.channel)
            await context.write(self._welcome(hello, confirmed))
            inbox.post_later(self._limits.max_age_seconds, Notice.LEAVE)
            # A partner restored from an older backup has less than its receipts say: it gets the rest again.
            after = min(confirmed, hello.confirmed_sequence)
            await self._send_and_settle(inbox, context, Window(hello.channel, after, self._limits.window))
        finally:
            inbox.close()
            self._drain.leave(inbox)

    async def _send_and_settle(self, inbox: Inbox, context: Context, window: Window) -> None:
        """Keep a window of transfers open until the stream ends."""
        leaving, polling = False, False
        while not (leaving and not window.without_receipt):
            if not leaving and window.room:
                for row in await self._outbox.pending(window.channel, window.after, window.room):
                    transfer = peer_pb2.Transfer(envelope=row.envelope, payload=row.payload)
                    await context.write(peer_pb2.Frame(transfer=transfer).SerializeToString())
                    window.sent(row.sequence)
            if not polling:
                inbox.post_later(self._limits.poll_seconds, Notice.POLL)
                polling = True
            event = await inbox.next()
            if event in (Notice.END, Notice.STOP):
                return
            if event is Notice.POLL:
                polling = False
            elif not isinstance(event, bytes):
                leaving = await self._leave(inbox, context, leaving=leaving)
            elif not await self._settle(event, window):
                return
            else:
                inbox.handled()

    async def _settle(self, raw: bytes, window: Window) -> bool:
        """Take a receipt; false if it stopped the channel."""
        receipt = _body(raw, "receipt").receipt
        window.require_open()
        return window.settle(await finish(self._outbox.acknowledge(caller(), receipt)))

    async def checkpoint(self, raw: bytes, _context: Context) -> bytes:
        """Return the last signed checkpoint of the caller's log."""
        request = parse(peer_pb2.CheckpointRequest, raw)
        note = await self._logs.checkpoint(caller(), request.log)
        return peer_pb2.CheckpointReply(checkpoint=note).SerializeToString()

    async def inclusion(self, raw: bytes, _context: Context) -> bytes:
        """Prove an entry of the caller's log."""
        request = parse(peer_pb2.InclusionRequest, raw)
        hashes = await self._logs.inclusion(caller(), request.log, request.index, request.size)
        return peer_pb2.InclusionReply(hashes=hashes).SerializeToString()

    async def consistency(self, raw: bytes, _context: Context) -> bytes:
        """Prove that the caller's log has only grown."""
        request = parse(peer_pb2.ConsistencyRequest, raw)
        hashes = await self._logs.consistency(caller(), request.log, request.old_size, request.new_size)
        return peer_pb2.ConsistencyReply(hashes=hashes).SerializeToString()

    async def tile(self, raw: bytes, _context: Context) -> bytes:
        """Return a static file of the caller's log."""
        request = parse(peer_pb2.TileRequest, raw)
        content = await self._logs.tile(caller(), request.log, request.path)
        return peer_pb2.TileReply(content=content).SerializeToString()

    async def witness(self, raw: bytes, _context: Context) -> bytes:
        """Cosign a checkpoint of the caller's own log, if it is proved to continue the last one."""
        request = parse(peer_pb2.WitnessRequest, raw)
        return witness_reply(await self._logs.witness(caller(), request.request)).SerializeToString()

    async def echo(self, raw: bytes, _context: Context) -> bytes:
        """Answer a partner test: nonce, who this is, what time it is here, which agreements are in force."""
        request = parse(peer_pb2.EchoRequest, raw)
        if len(request.nonce) > NONCE_BYTES:
            raise InputError(
                "nonce", (finding("SERVER-FRAME", path="nonce", expected=f"{NONCE_BYTES} bytes"),)
            )
        return peer_pb2.EchoReply(
            nonce=request.nonce,
            organisation=self._own,
            time_ms=self._now_ms(),
            agreements=self._agreements(caller()),
        ).SerializeToString()

    async def notify(self, raw: bytes, _context: Context) -> bytes:
        """Take a notice of the caller and answer it."""
        request = parse(peer_pb2.NotifyRequest, raw)
        answer = await finish(self._notices.notify(caller(), request.notice))
        return peer_pb2.NotifyReply(confirmation=answer).SerializeToString()

    async def inquire(self, raw: bytes, _context: Context) -> bytes:
        """Take a question of the caller and answer it."""
        request = parse(peer_pb2.InquireRequest, raw)
        answer = await finish(self._inquiries.inquire(caller(), request.query))
        return peer_pb2.InquireReply(answer=answer).SerializeToString()

    async def announce(self, raw: bytes, _context: Context) -> bytes:
        """Take an announcement of the caller's keys and confirm it."""
        request = parse(peer_pb2.AnnounceRequest, raw)
        confirmation = await finish(self._announcements.announce(caller(), request.announcement))
        return peer_pb2.AnnounceReply(confirmation=confirmation).SerializeToString()

    async def reconcile(self, raw: bytes, _context: Context) -> bytes:
        """Compare lists of batches with the caller, one round."""
        request = parse(peer_pb2.ReconcileRequest, raw)
        span = (request.from_ms, request.until_ms)
        places = range(request.first_sequence, request.end_sequence)
        nodes = tuple((one.level, one.index) for one in request.nodes)
        found = await self._books.reconcile(caller(), Question(request.channel, span, places, nodes))
        return peer_pb2.ReconcileReply(
            first_sequence=found.places.start,
            end_sequence=found.places.stop,
            count=found.count,
            root=found.root,
            hashes=found.hashes,
        ).SerializeToString()

    async def _greeting(self, inbox: Inbox, partner: str, *, sender: str) -> peer_pb2.Hello:
        """Wait for the hello and check that the channel is one that this partner may open this way."""
        try:
            event = await asyncio.wait_for(inbox.next(), self._limits.hello_seconds)
        except TimeoutError:
            event = Notice.STOP
        frame = parse_frame(event) if isinstance(event, bytes) else peer_pb2.Frame()
        if frame.WhichOneof("body") != "hello":
            raise InputError("no hello", (finding("SERVER-HELLO-MISSING"),))
        inbox.handled()
        if frame.hello.organisation != partner:
            raise VerificationError(
                "hello of another", (finding("SERVER-ORGANISATION", path="organisation"),)
            )
        ends = frame.hello.channel.split("/")
        recipient = self._own if sender == partner else partner
        if len(ends) != CHANNEL_PARTS or ends[:2] != [sender, recipient]:
            raise PolicyRefusal(
                f"channel not open to {partner}", (finding("SERVER-CHANNEL", path="channel"),)
            )
        return frame.hello

    def _welcome(self, hello: peer_pb2.Hello, confirmed: int) -> bytes:
        """Return the answer to a hello."""
        answer = peer_pb2.Hello(organisation=self._own, channel=hello.channel, confirmed_sequence=confirmed)
        return peer_pb2.Frame(hello=answer).SerializeToString()

    async def _leave(self, inbox: Inbox, context: Context, *, leaving: bool) -> bool:
        """Tell the peer, once, to end this stream, and give it the grace to do so."""
        if not leaving:
            await context.write(_DRAINING)
            inbox.post_later(self._limits.grace_seconds, Notice.STOP)
        return True


def parse(kind: type[M], raw: bytes) -> M:
    """Parse a request.

    Raises:
        InputError: the bytes are another message.
    """
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        expected = kind.DESCRIPTOR.name
        raise InputError("not the request", (finding("SERVER-FRAME", expected=expected),)) from error


def witness_reply(answer: Answer) -> peer_pb2.WitnessReply:
    """Return what a witness says in the words of the contract."""
    outcome = peer_pb2.WitnessReply.OUTCOME_REFUSED
    if answer.line:
        outcome = peer_pb2.WitnessReply.OUTCOME_COSIGNED
    elif answer.outcome is Outcome.STALE:
        outcome = peer_pb2.WitnessReply.OUTCOME_STALE
    return peer_pb2.WitnessReply(
        outcome=outcome,
        cosignatures=answer.line,
        size=answer.size,
        findings=[wire_finding(one) for one in answer.findings],
    )


def _body(raw: bytes, expected: str) -> peer_pb2.Frame:
    """Parse a frame after the hello and check which it is."""
    frame = parse_frame(raw)
    kind = frame.WhichOneof("body")
    if kind == "hello":
        raise InputError("second hello", (finding("SERVER-HELLO-REPEATED"),))
    if kind != expected:
        raise InputError("unexpected frame", (finding("SERVER-FRAME", path="body", expected=expected),))
    return frame
