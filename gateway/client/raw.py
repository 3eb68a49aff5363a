# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Calls whose bytes the caller chooses, for testing what the other side does with them.

Nothing is checked, repaired or tried again: what came back is returned, and a status is an answer.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import grpc
import grpc.aio

from gateway.client.connection import Bundle, ClientLimits, Keys, connect, finding_codes

PACKAGE = "/customs.ead.v1."
OK = "OK"
LIMITS = ClientLimits(max_message_bytes=64 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: the messages that came, the name of the gRPC status, and all that came with it.

    `codes` are those of the findings in the details; `said` is the text and the raw details.
    """

    messages: tuple[bytes, ...]
    status: str
    codes: tuple[str, ...] = ()
    said: bytes = b""


class RawPeer:
    """One connection to a gateway, under the identity shown in the handshake; none if `keys` is None."""

    def __init__(self, bundle: Bundle, keys: Keys | None) -> None:
        """Connect on first use."""
        self._channel = connect(bundle, keys, LIMITS)

    async def ask(
        self, method: str, body: bytes, *, seconds: float | None, service: str = "Peer", gzip: bool = False
    ) -> Ended:
        """Call a unary method; without `seconds` the call has no deadline."""
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(
            f"{PACKAGE}{service}/{method}"
        )
        compression = grpc.Compression.Gzip if gzip else None
        try:
            return Ended((await call(body, timeout=seconds, compression=compression),), OK)
        except grpc.aio.AioRpcError as error:
            return _refusal((), error)

    async def stream(
        self, method: str, frames: Sequence[bytes], *, seconds: float, gzip: bool = False
    ) -> Ended:
        """Call a streaming method, send every frame, end our side, and take all that comes until the end."""
        answers: list[bytes] = []
        compression = grpc.Compression.Gzip if gzip else None
        begin: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
        begin = self._channel.stream_stream(f"{PACKAGE}Peer/{method}")
        call = begin(_each(frames), timeout=seconds, compression=compression)
        try:
            async for answer in call:
                answers.append(answer)  # noqa: PERF401 - what came before a status counts
        except grpc.aio.AioRpcError as error:
            return _refusal(tuple(answers), error)
        return Ended(tuple(answers), OK)

    async def close(self) -> None:
        """Release the connection."""
        await self._channel.close()


@contextlib.asynccontextmanager
async def connected(bundle: Bundle, keys: Keys | None) -> AsyncIterator[RawPeer]:
    """Hold a connection of its own for a while."""
    peer = RawPeer(bundle, keys)
    try:
        yield peer
    finally:
        await peer.close()


async def _each(frames: Sequence[bytes]) -> AsyncIterator[bytes]:
    """Yield the frames."""
    for frame in frames:
        yield frame


def _refusal(messages: tuple[bytes, ...], error: grpc.aio.AioRpcError) -> Ended:
    """Return a status as what it says."""
    parts = [(error.details() or "").encode()]
    parts += [
        value if isinstance(value, bytes) else str(value).encode()
        for _, value in error.trailing_metadata() or ()
    ]
    return Ended(messages, error.code().name, finding_codes(error), b"\n".join(parts))
