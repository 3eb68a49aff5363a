# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The way to one partner's logs (`exchange.gossip.LogClient`): one connection for all questions of a round.

Answers are not verified here.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence

import grpc.aio
from google.protobuf.message import Message

from gateway.client.connection import Bundle, ClientLimits, Keys, connect
from gateway.client.questions import M, ask
from gateway.wire.v1 import peer_pb2

ANSWER_SECONDS = 10.0


class GrpcLogs:
    """The logs of one partner."""

    def __init__(self, bundle: Bundle, keys: Keys, seconds: float = ANSWER_SECONDS) -> None:
        """Ask the partner of the bundle, and wait so long for each answer."""
        self._bundle = bundle
        self._keys = keys
        self._seconds = seconds

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator["LogQuestions"]:
        """Connect for one round."""
        async with connect(self._bundle, self._keys, ClientLimits()) as channel:
            yield LogQuestions(channel, self._bundle.organisation, self._seconds)


class LogQuestions:
    """One connection; every question raises DeliveryError if there is no answer."""

    def __init__(self, channel: grpc.aio.Channel, partner: str, seconds: float) -> None:
        """Ask over an open channel."""
        self._channel = channel
        self._partner = partner
        self._seconds = seconds

    async def checkpoint(self, log: str) -> bytes:
        """Return the newest signed checkpoint."""
        reply = await self._ask(peer_pb2.CheckpointRequest(log=log), peer_pb2.CheckpointReply)
        return reply.checkpoint

    async def consistency(self, log: str, old: int, new: int) -> Sequence[bytes]:
        """Return the proof that a log has only grown between two sizes."""
        request = peer_pb2.ConsistencyRequest(log=log, old_size=old, new_size=new)
        return tuple((await self._ask(request, peer_pb2.ConsistencyReply)).hashes)

    async def tile(self, log: str, path: str) -> bytes:
        """Return a static file of a log."""
        return (await self._ask(peer_pb2.TileRequest(log=log, path=path), peer_pb2.TileReply)).content

    async def witness(self, request: bytes) -> tuple[bytes, int | None]:
        """Bring a checkpoint of ours; return the cosignatures, or the size last cosigned if we are stale."""
        reply = await self._ask(peer_pb2.WitnessRequest(request=request), peer_pb2.WitnessReply)
        stale = reply.outcome == peer_pb2.WitnessReply.OUTCOME_STALE
        return reply.cosignatures, reply.size if stale else None

    async def _ask(self, request: Message, kind: type[M]) -> M:
        """Ask one question."""
        return await ask(self._channel, self._partner, self._seconds, request, kind)
