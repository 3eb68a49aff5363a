# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Single questions to a partner: is it there, what does its log say, and can it prove it.

Answers are not verified here: `audit` does that, offline, from the bytes returned.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message

from gateway.client.connection import SERVICE, Bundle, ClientLimits, Keys, connect, delivery_error
from gateway.clock import moment
from gateway.errors import DeliveryError, VerificationError
from gateway.finding import finding
from gateway.tracing import outgoing
from gateway.wire.v1 import peer_pb2

M = TypeVar("M", bound=Message)
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Echo:
    """What a partner says in a partner test; `agreements` are the ids it holds in force with us."""

    organisation: str
    time: datetime
    agreements: tuple[str, ...]


async def echo(
    bundle: Bundle,
    keys: Keys,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
    *,
    random: Callable[[int], bytes] = os.urandom,
) -> Echo:
    """Test the whole way to a partner: name, TLS both ways, identity, service.

    Raises:
        DeliveryError: it cannot be reached in `timeout` seconds, or refuses us.
        VerificationError: somebody else answers.
    """
    nonce = random(NONCE_BYTES)
    reply = await _ask(bundle, keys, timeout, peer_pb2.EchoRequest(nonce=nonce), peer_pb2.EchoReply)
    if reply.organisation != bundle.organisation or not hmac.compare_digest(reply.nonce, nonce):
        wrong = finding("CLIENT-IDENTITY", expected=bundle.organisation)
        raise VerificationError(f"the endpoint of {bundle.organisation} answers as another", (wrong,))
    return Echo(reply.organisation, moment(reply.time_ms), tuple(reply.agreements))


async def checkpoint(
    bundle: Bundle,
    keys: Keys,
    *,
    log: str,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> bytes:
    """Return the partner's last signed checkpoint of a log."""
    request = peer_pb2.CheckpointRequest(log=log)
    return (await _ask(bundle, keys, timeout, request, peer_pb2.CheckpointReply)).checkpoint


async def inclusion(
    bundle: Bundle,
    keys: Keys,
    *,
    log: str,
    index: int,
    size: int,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> tuple[bytes, ...]:
    """Return the partner's proof that its log of `size` entries holds entry `index`."""
    request = peer_pb2.InclusionRequest(log=log, index=index, size=size)
    return tuple((await _ask(bundle, keys, timeout, request, peer_pb2.InclusionReply)).hashes)


async def consistency(
    bundle: Bundle,
    keys: Keys,
    *,
    log: str,
    old: int,
    new: int,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> tuple[bytes, ...]:
    """Return the partner's proof that its log of `new` entries begins with that of `old`."""
    request = peer_pb2.ConsistencyRequest(log=log, old_size=old, new_size=new)
    return tuple((await _ask(bundle, keys, timeout, request, peer_pb2.ConsistencyReply)).hashes)


async def notify(
    bundle: Bundle,
    keys: Keys,
    notice: bytes,
    *,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> bytes:
    """Hand a signed notice to a partner; return the envelope of its confirmation."""
    request = peer_pb2.NotifyRequest(notice=notice)
    return (await _ask(bundle, keys, timeout, request, peer_pb2.NotifyReply)).confirmation


async def inquire(
    bundle: Bundle,
    keys: Keys,
    query: bytes,
    *,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> bytes:
    """Hand a signed question to a partner; return the envelope of its answer."""
    request = peer_pb2.InquireRequest(query=query)
    return (await _ask(bundle, keys, timeout, request, peer_pb2.InquireReply)).answer


async def announce(
    bundle: Bundle,
    keys: Keys,
    announcement: bytes,
    *,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> bytes:
    """Hand a signed announcement of keys to a partner; return the envelope of its confirmation."""
    request = peer_pb2.AnnounceRequest(announcement=announcement)
    return (await _ask(bundle, keys, timeout, request, peer_pb2.AnnounceReply)).confirmation


async def reconcile(
    bundle: Bundle,
    keys: Keys,
    request: peer_pb2.ReconcileRequest,
    *,
    timeout: float,  # noqa: ASYNC109  # becomes the deadline of the call
) -> peer_pb2.ReconcileReply:
    """Ask a partner one round of a comparison of lists of batches."""
    return await _ask(bundle, keys, timeout, request, peer_pb2.ReconcileReply)


async def _ask(bundle: Bundle, keys: Keys, seconds: float, request: Message, kind: type[M]) -> M:
    """Ask on a connection of its own."""
    async with connect(bundle, keys, ClientLimits()) as channel:
        return await ask(channel, bundle.organisation, seconds, request, kind)


async def ask(channel: grpc.aio.Channel, partner: str, seconds: float, request: Message, kind: type[M]) -> M:
    """Ask on an open connection; the method is named like its request.

    Raises:
        DeliveryError: there is no answer in time, or it is a refusal or something else.
    """
    method = request.DESCRIPTOR.name.removesuffix("Request")
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(SERVICE + method)
    try:
        return kind.FromString(await call(request.SerializeToString(), timeout=seconds, metadata=outgoing()))
    except grpc.aio.AioRpcError as error:
        raise delivery_error(partner, error) from error
    except DecodeError as error:
        raise DeliveryError(f"{partner}: sent no {kind.DESCRIPTOR.name}", retryable=False) from error
