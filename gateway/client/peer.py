# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The way to one partner's gateway: deliver to it, or collect from it (`exchange.ports.PeerClient`).

One stream has one connection. Frames travel as bytes that are built and parsed once. A read is never
cancelled, because grpc.aio loses memory with each one: a reader task puts frames into a queue until the
stream ends. After a `draining` frame nothing more is sent; answers are taken until the partner ends it.
"""

import asyncio
from typing import TypeAlias

import grpc.aio
from google.protobuf.message import DecodeError

from gateway.client.connection import (
    DEFAULT_LIMITS,
    SERVICE,
    Bundle,
    ClientLimits,
    Keys,
    connect,
    delivery_error,
)
from gateway.errors import DeliveryError, VerificationError
from gateway.finding import finding
from gateway.wire.v1 import peer_pb2

RawCall: TypeAlias = "grpc.aio.StreamStreamCall[bytes, bytes]"


class GrpcPeer:
    """One partner; every `deliver` and `collect` makes a connection of its own."""

    def __init__(
        self, bundle: Bundle, keys: Keys, *, organisation: str, limits: ClientLimits = DEFAULT_LIMITS
    ) -> None:
        """Speak as `organisation` to the partner of the bundle."""
        self._bundle = bundle
        self._keys = keys
        self._organisation = organisation
        self._limits = limits

    async def deliver(self, channel: str) -> "DeliverStream":
        """Open a channel to send on; the stream's `confirmed` says where to resume.

        Raises:
            DeliveryError: the partner cannot be reached or does not accept the channel.
        """
        frames = await self._open("Deliver", channel, 0)
        return DeliverStream(frames)

    async def collect(self, channel: str, confirmed: int) -> "CollectStream":
        """Open a channel to take from; `confirmed` is the last sequence number stored here.

        Raises:
            DeliveryError: the partner cannot be reached or does not accept the channel.
        """
        frames = await self._open("Collect", channel, confirmed)
        return CollectStream(frames)

    async def _open(self, method: str, channel: str, confirmed: int) -> "_Frames":
        """Connect, say hello and check who answers."""
        frames = _Frames(self._bundle, self._keys, self._limits, method)
        hello = peer_pb2.Hello(organisation=self._organisation, channel=channel, confirmed_sequence=confirmed)
        try:
            await frames.hello(hello)
        except BaseException:
            await frames.abandon()
            raise
        return frames


class DeliverStream:
    """An open channel to a partner (`exchange.ports.PeerStream`)."""

    def __init__(self, frames: "_Frames") -> None:
        self._frames = frames
        self.confirmed = frames.confirmed

    async def send(self, envelope: bytes, payload: bytes) -> None:
        """Send one transfer; returns when it is on its way.

        Raises:
            DeliveryError: the stream has ended, the partner drains, or the transfer is larger than a message
                may be (not retryable).
        """
        transfer = peer_pb2.Transfer(envelope=envelope, payload=payload)
        await self._frames.send(peer_pb2.Frame(transfer=transfer).SerializeToString())

    async def receipt(self) -> bytes:
        """Wait for the next receipt envelope.

        Raises:
            DeliveryError: the stream ended.
        """
        return (await self._frames.next("receipt")).receipt

    async def close(self) -> None:
        """End the stream and release its connection; receipts not taken by now are dropped."""
        await self._frames.close()


class CollectStream:
    """An open channel from a partner that cannot or may not connect to us."""

    def __init__(self, frames: "_Frames") -> None:
        self._frames = frames
        self.confirmed = frames.confirmed

    async def transfer(self) -> tuple[bytes, bytes]:
        """Wait for the next envelope and its payload.

        Raises:
            DeliveryError: the stream ended.
        """
        transfer = (await self._frames.next("transfer")).transfer
        return transfer.envelope, transfer.payload

    async def answer(self, receipt: bytes) -> None:
        """Send the receipt of the oldest transfer not yet answered; allowed while the partner drains.

        Raises:
            DeliveryError: the stream has ended.
        """
        await self._frames.send(peer_pb2.Frame(receipt=receipt).SerializeToString(), draining=True)

    async def close(self) -> None:
        """End the stream and release its connection."""
        await self._frames.close()


class _Frames:
    """The frames of one call, whoever sends what; owned by one event loop."""

    def __init__(self, bundle: Bundle, keys: Keys, limits: ClientLimits, method: str) -> None:
        self._partner = bundle.organisation
        self._limits = limits
        self._half_closes = method == "Deliver"
        self._channel = connect(bundle, keys, limits)
        self._call: RawCall = self._channel.stream_stream(SERVICE + method)()
        self._queue: asyncio.Queue[peer_pb2.Frame | Exception] = asyncio.Queue()
        self._sending = asyncio.Lock()  # guards writes and the end of writing
        self._ended = False  # nothing more may be written; guarded by _sending
        self._draining = False
        self._reader: asyncio.Task[None] | None = None
        self.confirmed = 0

    async def hello(self, hello: peer_pb2.Hello) -> None:
        """Say hello and take the answer."""
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                await self.send(peer_pb2.Frame(hello=hello).SerializeToString())
                self._reader = asyncio.create_task(self._read())
                answer = (await self.next("hello")).hello
        except TimeoutError as error:
            raise DeliveryError(f"{self._partner}: no answer to hello in time") from error
        if answer.organisation != self._partner or answer.channel != hello.channel:
            wrong = finding("CLIENT-IDENTITY", expected=self._partner)
            raise VerificationError(f"the endpoint of {self._partner} answers as another", (wrong,))
        self.confirmed = answer.confirmed_sequence

    async def send(self, frame: bytes, *, draining: bool = False) -> None:
        """Write one frame; with `draining` also after the partner began to drain."""
        if len(frame) > self._limits.max_message_bytes:
            raise DeliveryError(f"{self._partner}: a message of {len(frame)} bytes", retryable=False)
        async with self._sending:
            if self._ended or (self._draining and not draining):
                raise DeliveryError(f"{self._partner}: the stream takes no more")
            try:
                await self._call.write(frame)
            except grpc.aio.AioRpcError as error:
                raise delivery_error(self._partner, error) from error
            except asyncio.InvalidStateError as error:  # the call has ended; the reader knows why
                raise DeliveryError(f"{self._partner}: the stream has ended") from error

    async def next(self, expected: str) -> peer_pb2.Frame:
        """Return the next frame, which must be of the expected kind."""
        frame = await self._queue.get()
        if isinstance(frame, Exception):
            self._queue.put_nowait(frame)  # the end stays the end
            raise frame
        if frame.WhichOneof("body") != expected:
            raise DeliveryError(f"{self._partner}: sent something else than a {expected}", retryable=False)
        return frame

    async def close(self) -> None:
        """End our side, wait for the partner to end its own, and release the connection."""
        await self._end()
        if self._reader is not None:
            await asyncio.wait({self._reader}, timeout=self._limits.close_seconds)
        await self.abandon()

    async def abandon(self) -> None:
        """Break the call off and release the connection."""
        self._call.cancel()
        if self._reader is not None:
            await asyncio.wait({self._reader})
        await self._channel.close()

    async def _read(self) -> None:
        """Queue frames until the call ends; then queue why."""
        try:
            while isinstance(raw := await self._call.read(), bytes):
                frame = peer_pb2.Frame.FromString(raw)
                if frame.WhichOneof("body") == "draining":
                    self._draining = True
                    if self._half_closes:
                        await self._end()
                else:
                    self._queue.put_nowait(frame)
            self._queue.put_nowait(DeliveryError(f"{self._partner}: ended the stream"))
        except grpc.aio.AioRpcError as error:
            self._queue.put_nowait(delivery_error(self._partner, error))
        except DecodeError:
            self._queue.put_nowait(DeliveryError(f"{self._partner}: sent no frame", retryable=False))
        except asyncio.CancelledError:  # grpc.aio raises it in readers when the call is cancelled
            self._queue.put_nowait(DeliveryError(f"{self._partner}: the call was broken off"))

    async def _end(self) -> None:
        """End our side of the stream, once."""
        async with self._sending:
            if not self._ended:
                self._ended = True
                if not self._call.done():
                    await self._call.done_writing()
