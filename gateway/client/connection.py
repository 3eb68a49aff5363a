# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A TLS connection to one partner, and what its failures mean.

The partner's bundle is the only source of trust: its authorities are the only roots, and the host name of its
endpoint must stand in the certificate. Keys are taken when a connection is made: a new one follows rotation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from gateway.errors import DeliveryError, NotOffered
from gateway.wire.v1 import envelope_pb2

SERVICE = "/customs.ead.v1.Peer/"


class Bundle(Protocol):
    """What a call needs of a `PartnerBundle`."""

    @property
    def organisation(self) -> str:
        """The id of the partner."""

    @property
    def endpoint(self) -> str:
        """Host and port of its gateway."""

    @property
    def authorities(self) -> tuple[bytes, ...]:
        """Its certificate authorities, PEM."""


class Keys(Protocol):
    """What a call needs of a `KeySet`."""

    @property
    def tls_certificate(self) -> bytes:
        """Own chain, PEM."""

    @property
    def tls_key(self) -> bytes:
        """Own private key, PEM."""


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Bounds of calls to partners; times in seconds. Servers count pings under 30 seconds as abuse."""

    connect_seconds: float = 10.0
    call_seconds: float = 30.0
    close_seconds: float = 5.0
    max_message_bytes: int = 8 * 1024 * 1024
    keepalive_seconds: float = 60.0
    keepalive_timeout_seconds: float = 20.0


DEFAULT_LIMITS = ClientLimits()
_FINAL = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)


def connect(bundle: Bundle, keys: Keys | None, limits: ClientLimits) -> grpc.aio.Channel:
    """Return a new channel; it connects on first use. Without keys it shows no certificate."""
    credentials = grpc.ssl_channel_credentials(
        root_certificates=b"".join(bundle.authorities),
        private_key=None if keys is None else keys.tls_key,
        certificate_chain=None if keys is None else keys.tls_certificate,
    )
    options = [
        ("grpc.max_receive_message_length", limits.max_message_bytes),
        ("grpc.max_send_message_length", limits.max_message_bytes),
        ("grpc.keepalive_time_ms", int(limits.keepalive_seconds * 1000)),
        ("grpc.keepalive_timeout_ms", int(limits.keepalive_timeout_seconds * 1000)),
        ("grpc.use_local_subchannel_pool", 1),  # a lane keeps its own connection, and a new one its new keys
        ("grpc.enable_retries", 0),  # the outbox is the retry
    ]
    return grpc.aio.secure_channel(bundle.endpoint, credentials, options)


def delivery_error(partner: str, error: grpc.aio.AioRpcError) -> DeliveryError:
    """Say what a failed call means: the status, the partner's finding codes, and whether to try again."""
    code = error.code()
    codes = finding_codes(error)
    text = f"{partner}: {code.name}" + (f" ({', '.join(codes)})" if codes else "")
    kind = NotOffered if code is grpc.StatusCode.UNIMPLEMENTED else DeliveryError
    return kind(text, retryable=code not in _FINAL)


def finding_codes(error: grpc.aio.AioRpcError) -> tuple[str, ...]:
    """Return the codes of the findings that came with a status; none if the details are not readable."""
    try:
        status = rpc_status.from_call(error)  # type: ignore[arg-type]  # the stub knows the blocking call only
    except (ValueError, DecodeError):
        return ()
    return tuple(_codes(status.details)) if status is not None else ()


def _codes(details: Iterable[object]) -> Iterable[str]:
    """Pick the finding codes out of packed details."""
    for detail in details:
        one = envelope_pb2.WireFinding()
        if detail.Unpack(one):  # type: ignore[attr-defined]  # google.rpc ships no types
            yield one.code
