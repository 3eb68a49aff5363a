# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Build, start and stop the HTTP server.

A connection that sends no whole header, or nothing, within `idle_seconds` is closed. Bodies are passed on as
they came, compressed or not.
"""

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

from gateway.access import Names
from gateway.admission import Door
from gateway.clock import system_clock
from gateway.config import Http, IntakeLimits
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.web.access import CONSOLE_PATHS, Guard, access
from gateway.web.characters import readable
from gateway.web.console import Console
from gateway.web.controls import ControlPages, Controls, Recognitions
from gateway.web.enterprises import EnterprisePages, Register
from gateway.web.keys import KeyPages, Keys
from gateway.web.measured import measured
from gateway.web.messages import Intake, Messages
from gateway.web.problems import problems
from gateway.web.provider_login import ProviderLogin, ProviderLoginPages
from gateway.web.queries import Queries, Query
from gateway.web.returns import Desk, ReturnPages
from gateway.web.sessions import SessionPages, Sessions
from gateway.web.source import Sources
from gateway.web.statistics import Answers, NoStatistics, StatisticsPages
from gateway.web.stock import StockPages, Stocks
from gateway.web.tlog import LogFiles
from gateway.web.token_file import load_tokens
from gateway.web.traced import traced
from gateway.web.turns import Turns
from gateway.web.webhook import NoPartners, Taker, WebhookPosts

# After an early answer the rest of a body is read and dropped this long, so that the answer arrives.
LINGER_SECONDS = 2.0
# Longer than the 15 s after which clients of aiohttp drop a connection that they keep: when both ends do so
# at the same moment, a message is lost on the way.
IDLE_SECONDS = 20.0
# Connections that wait to be accepted while the loop is busy; the kernel turns away what is beyond, and there
# one gets no answer, but a silence of seconds or a reset.
BACKLOG = 1024
NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


Site: TypeAlias = web.Application


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
        counts: Metrics | None = None,
        figures: Callable[[], Awaitable[bytes]] | None = None,
        logs: LogFiles | None = None,
        webhooks: Taker = NoPartners(),  # noqa: B008 - it holds nothing
        statistics: Answers = NoStatistics(),  # noqa: B008 - the same
        enterprises: Register | None = None,
        registrars: Collection[str] = (),
        controls: Controls | None = None,
        recognitions: Recognitions | None = None,
        recorders: Collection[str] = (),
        stocks: Stocks | None = None,
        reporters: Collection[str] = (),
        returns: Desk | None = None,
        deciders: Collection[str] = (),
        door: Door | None = None,
        keys: Keys | None = None,
        sessions: Sessions | None = None,
        logins: ProviderLogin | None = None,
        console: Console = Console(),  # noqa: B008 - the same
        site: web.Application | None = None,
        sources: Sources | None = None,
        traces: bool = False,
        body_seconds: float = 60.0,
        pause_seconds: float = 10.0,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Take the ports; times in seconds. With `traces` what is done belongs to the caller's trace."""
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._runner: web.AppRunner | None = None
        counts = counts or Metrics()
        tokens = load_tokens(Path(settings.token_file)) if settings.token_file else None
        readers = load_tokens(Path(settings.log_token_file)) if settings.log_token_file else None
        names = Names(
            settings.operators,
            settings.auditors,
            {
                "enterprises.registrars": registrars,
                "inspection.recorders": recorders,
                "b2b.reporters": reporters,
                "returns.deciders": deciders,
            },
        )
        guard = Guard(
            tokens,
            readers,
            names,
            door,
            sources or Sources(settings.proxies),
            Turns(settings.requests_per_minute),
            counts,
        )
        rings = [measured(counts), problems, access(guard), readable, *([traced] if traces else [])]
        self.application = web.Application(middlewares=rings)
        self.application.on_response_prepare.append(_headers)
        if logs is not None:
            self.application.add_routes(logs.routes())
        posts = WebhookPosts(webhooks, limits, body_seconds=body_seconds, pause_seconds=pause_seconds)
        self.application.add_routes(posts.routes())
        self.application.add_routes(StatisticsPages(statistics, system_clock).routes())
        register = EnterprisePages(
            enterprises, registrars, body_seconds=body_seconds, pause_seconds=pause_seconds
        )
        self.application.add_routes(register.routes())
        controlled = ControlPages(
            controls, recognitions, recorders, body_seconds=body_seconds, pause_seconds=pause_seconds
        )
        self.application.add_routes(controlled.routes())
        stock = StockPages(stocks, reporters, body_seconds=body_seconds, pause_seconds=pause_seconds)
        self.application.add_routes(stock.routes())
        pages = ReturnPages(returns, deciders, body_seconds=body_seconds, pause_seconds=pause_seconds)
        self.application.add_routes(pages.routes())
        keyring = KeyPages(keys, body_seconds=body_seconds, pause_seconds=pause_seconds)
        self.application.add_routes(keyring.routes())
        self.application.add_routes(SessionPages(sessions, logins).routes())
        self.application.add_routes(ProviderLoginPages(logins).routes())
        self.application.add_routes(console.routes())
        if site is not None:
            self.application.add_subapp(CONSOLE_PATHS, site)
        messages = Messages(intake, limits, body_seconds=body_seconds, pause_seconds=pause_seconds)
        queries = Queries(query, ready=ready, metrics=figures or counts.rendered)
        self.application.add_routes(
            [
                web.post("/v1/messages", messages.post),
                web.get("/v1/items/{tracking}", queries.item),
                web.get("/v1/received/{tracking}", queries.received),
                web.get("/v1/items/{tracking}/referrals", queries.item_referrals),
                web.get("/v1/referrals", queries.referrals),
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
        site = web.TCPSite(runner, host.strip("[]"), int(port), backlog=BACKLOG)
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
    # Answers are no pages: a browser that is led to one runs, loads, frames and tells nothing.
    response.headers.setdefault("Content-Security-Policy", NO_PAGE)
    response.headers.setdefault("Referrer-Policy", "no-referrer")
