# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Build, start and stop the HTTP server.

A connection that sends no whole header, or nothing, within `idle_seconds` is closed. Bodies are passed on as
they came, compressed or not.
"""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from gateway.config import Http, IntakeLimits
from gateway.errors import ConfigError
from gateway.web.access import access, load_tokens
from gateway.web.messages import Intake, Messages
from gateway.web.problems import problems
from gateway.web.queries import Queries, Query
from gateway.web.tlog import LogFiles

# After an early answer the rest of a body is read and dropped this long, so that the answer arrives.
LINGER_SECONDS = 2.0


class HttpServer:
    """One HTTP server of a node; `start` once, `stop` once."""

    def __init__(
        self,
        settings: Http,
        limits: IntakeLimits,
        *,
        intake: Intake,
        query: Query,
        ready: Callable[[], bool],
        metrics: Callable[[], str],
        logs: LogFiles | None = None,
        body_seconds: float = 60.0,
        pause_seconds: float = 10.0,
        idle_seconds: float = 15.0,
    ) -> None:
        """Take the ports; times in seconds."""
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._runner: web.AppRunner | None = None
        tokens = load_tokens(Path(settings.token_file)) if settings.token_file else None
        readers = load_tokens(Path(settings.log_token_file)) if settings.log_token_file else None
        self.application = web.Application(middlewares=[problems, access(tokens, readers)])
        self.application.on_response_prepare.append(_headers)
        if logs is not None:
            self.application.add_routes(logs.routes())
        messages = Messages(intake, limits, body_seconds=body_seconds, pause_seconds=pause_seconds)
        queries = Queries(query, ready=ready, metrics=metrics)
        self.application.add_routes(
            [
                web.post("/v1/messages", messages.post),
                web.get("/v1/items/{tracking}", queries.item),
                web.get("/v1/received/{tracking}", queries.received),
                web.get("/v1/status", queries.status),
                web.get("/v1/ledger", queries.ledger),
                web.get("/v1/errors/{code}", queries.error),
                web.get("/openapi.json", queries.openapi),
                web.get("/metrics", queries.metrics),
                web.get("/healthz", queries.healthz),
                web.get("/readyz", queries.readyz),
            ]
        )

    async def start(self) -> int:
        """Listen on the configured address and return the port, which may have been 0.

        Raises:
            ConfigError: the address cannot be bound.
        """
        host, _, port = self._settings.listen.rpartition(":")
        runner = web.AppRunner(
            self.application,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=self._idle_seconds,
            lingering_time=LINGER_SECONDS,
            shutdown_timeout=10.0,
        )
        await runner.setup()
        site = web.TCPSite(runner, host.strip("[]"), int(port))
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigError(f"cannot listen on {self._settings.listen}: {error.strerror}") from error
        self._runner = runner
        return site.port

    async def stop(self) -> None:
        """Take no new connections, let open requests end, then close."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Say nothing about the software, and let nobody keep or guess at what was answered."""
    response.headers["Server"] = "ead-gateway"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
