# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Build, start and drain the gRPC server: mutual TLS, limits, services, health, reflection.

Limits on the HTTP/2 layer are those of gRPC core: streams per connection, header size, pings, frames,
handshake time. Certificates and trusted authorities are asked for at every new connection; connections are
bounded in age so that a change of either reaches everybody.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import grpc
import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.clock import system_clock
from gateway.config import Grpc
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.server.collect import Outbox
from gateway.server.controls import Controls, ControlService, Recognitions
from gateway.server.enterprises import EnterpriseService, Register
from gateway.server.identity import PeerIdentifier
from gateway.server.intake import Intake, IntakeService
from gateway.server.interceptors import layers
from gateway.server.peer import (
    Announcements,
    Books,
    Inquiries,
    Logs,
    Notices,
    PeerService,
    Receiving,
    StreamLimits,
)
from gateway.server.returns import Desk, ReturnService
from gateway.server.statistics import Answers, StatisticsService
from gateway.server.stock import Stocks, StockService
from gateway.server.stream import Drain
from gateway.tracing import Tracer

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What a handshake needs, all PEM: own chain and key, and every trusted authority."""

    certificate: bytes
    key: bytes
    authorities: bytes


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Bounds on calls that configuration leaves to the house; times in seconds."""

    per_organisation: int = 64
    longest_deadline_seconds: float = 120.0
    window: int = 32
    hello_seconds: float = 10.0
    poll_seconds: float = 0.5
    metadata_bytes: int = 8 * 1024
    handshake_seconds: float = 10.0
    idle_seconds: float = 600.0
    keepalive_seconds: float = 60.0
    keepalive_timeout_seconds: float = 20.0
    shortest_ping_interval_seconds: float = 30.0


DEFAULT_CALL_LIMITS = CallLimits()


class PeerServer:
    """One gRPC server of a node; `start` once, `drain` once."""

    def __init__(
        self,
        settings: Grpc,
        own: str,
        *,
        tls: Callable[[], TlsMaterial],
        identifier: PeerIdentifier,
        receiver: Receiving,
        outbox: Outbox,
        logs: Logs,
        notices: Notices,
        inquiries: Inquiries,
        announcements: Announcements,
        books: Books,
        agreements: Callable[[str], Sequence[str]],
        intake: Intake,
        enterprises: Register | None = None,
        registered_by_calls: bool = False,
        returns: Desk | None = None,
        returned_by_calls: bool = False,
        controls: Controls | None = None,
        recognitions: Recognitions | None = None,
        recorded_by_calls: bool = False,
        statistics: Answers | None = None,
        stocks: Stocks | None = None,
        stock_by_calls: bool = False,
        limits: CallLimits = DEFAULT_CALL_LIMITS,
        metrics: Metrics | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """Take the ports; `tls` is called in gRPC's thread at every new connection."""
        self._settings = settings
        self._tls = _Rotating(tls)
        self._identifier = identifier
        self._own = own
        self._limits = limits
        self._drain = Drain()
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None
        self.metrics = metrics or Metrics()
        self._tracer = tracer
        streams = StreamLimits(
            window=limits.window,
            hello_seconds=limits.hello_seconds,
            max_age_seconds=settings.max_stream_age_seconds,
            grace_seconds=settings.drain_seconds,
            poll_seconds=limits.poll_seconds,
        )
        self._services: tuple[
            PeerService
            | IntakeService
            | EnterpriseService
            | ControlService
            | ReturnService
            | StatisticsService
            | StockService,
            ...,
        ] = (
            PeerService(
                own,
                receiver=receiver,
                outbox=outbox,
                logs=logs,
                notices=notices,
                inquiries=inquiries,
                announcements=announcements,
                books=books,
                agreements=agreements,
                drain=self._drain,
                limits=streams,
            ),
            IntakeService(
                intake,
                drain=self._drain,
                window=limits.window,
                max_age_seconds=settings.max_stream_age_seconds,
            ),
        )
        if enterprises is not None:
            register = EnterpriseService(enterprises, acts=registered_by_calls)
            self._services = (*self._services, register)
        if returns is not None:
            self._services = (*self._services, ReturnService(returns, allowed=returned_by_calls))
        if controls is not None and recognitions is not None:
            service = ControlService(controls, recognitions, acts=recorded_by_calls)
            self._services = (*self._services, service)
        if stocks is not None:
            self._services = (*self._services, StockService(stocks, reports=stock_by_calls))
        if statistics is not None:
            self._services = (*self._services, StatisticsService(statistics, system_clock))

    async def start(self) -> int:
        """Listen on the configured address and return the port, which may have been 0.

        Raises:
            ConfigError: the address cannot be bound.
        """
        server = grpc.aio.server(
            interceptors=layers(
                self._identifier,
                self._own,
                per_organisation=self._limits.per_organisation,
                longest_seconds=self._limits.longest_deadline_seconds,
                metrics=self.metrics,
                tracer=self._tracer,
            ),
            options=_options(self._settings, self._limits),
            maximum_concurrent_rpcs=self._settings.max_concurrent_rpcs,
        )
        for service in self._services:
            handler = grpc.method_handlers_generic_handler(service.name, dict(service.handlers()))
            server.add_generic_rpc_handlers((handler,))
            await self._health.set(service.name, health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._settings.reflection:
            names = (
                *(service.name for service in self._services),
                health.SERVICE_NAME,
                reflection.SERVICE_NAME,
            )
            reflection.enable_server_reflection(names, server)
        try:
            port = server.add_secure_port(self._settings.listen, self._tls.credentials())
        except RuntimeError as error:
            raise ConfigError(f"cannot listen on {self._settings.listen}") from error
        await server.start()
        self._server = server
        return port

    async def drain(self) -> None:
        """Stop in order: report not serving, take no new streams, let open ones end, then close."""
        if self._server is None:
            return
        await self._health.enter_graceful_shutdown()
        in_time = await self._drain.run(self._settings.drain_seconds)
        if not in_time:
            logger.warning("server.drain", streams="cut off")
        await self._server.stop(None if not in_time else self._settings.drain_seconds)
        self._server = None


class _Rotating:
    """Server credentials that follow the files: the callback runs in a thread of gRPC, hence the lock."""

    def __init__(self, read: Callable[[], TlsMaterial]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._current = read()  # guarded by _lock

    def credentials(self) -> grpc.ServerCredentials:
        """Return credentials that require a client certificate."""
        fetch = cast("Callable[[], grpc.ServerCertificateConfiguration]", self._fetch)  # None means no change
        return grpc.dynamic_ssl_server_credentials(_configuration(self._current), fetch, True)

    def _fetch(self) -> grpc.ServerCertificateConfiguration | None:
        """Return a new configuration if the material has changed."""
        try:
            material = self._read()
        except Exception as error:  # noqa: BLE001  # gRPC would drop the connection; the old material still holds
            logger.warning("server.certificates", error=type(error).__name__)
            return None
        with self._lock:
            if material == self._current:
                return None
            self._current = material
        return _configuration(material)


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    """Return the material in gRPC's form."""
    return grpc.ssl_server_certificate_configuration(
        [(material.key, material.certificate)], root_certificates=material.authorities
    )


def _options(settings: Grpc, limits: CallLimits) -> list[tuple[str, int]]:
    """Return the channel arguments; the client keeps its pings above the shortest interval here."""
    age = settings.max_stream_age_seconds
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_metadata_size", limits.metadata_bytes),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes),
        ("grpc.max_concurrent_streams", limits.per_organisation),
        ("grpc.compression_enabled_algorithms_bitset", 1),  # identity only: no bombs below the message limit
        ("grpc.keepalive_time_ms", _ms(limits.keepalive_seconds)),
        ("grpc.keepalive_timeout_ms", _ms(limits.keepalive_timeout_seconds)),
        ("grpc.http2.min_ping_interval_without_data_ms", _ms(limits.shortest_ping_interval_seconds)),
        ("grpc.http2.max_ping_strikes", 2),
        ("grpc.server_handshake_timeout_ms", _ms(limits.handshake_seconds)),
        ("grpc.max_connection_idle_ms", _ms(limits.idle_seconds)),
        ("grpc.max_connection_age_ms", _ms(age)),
        # A stream opened at the connection's last moment still lives to its own age.
        ("grpc.max_connection_age_grace_ms", _ms(age + 2 * settings.drain_seconds)),
        ("grpc.so_reuseport", 0),
    ]


def _ms(seconds: float) -> int:
    """Return whole milliseconds."""
    return int(seconds * 1000)
