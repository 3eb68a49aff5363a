# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The console as one application that the HTTP face mounts under `/console`."""

from collections.abc import Callable, Mapping

from aiohttp import web

from gateway.console.answers import Answers
from gateway.console.api import Api
from gateway.console.guard import guard
from gateway.console.letters import Letters
from gateway.console.login import START, Login
from gateway.console.partners import Partners
from gateway.console.provider_login import ProviderLogin
from gateway.console.queues import Queues
from gateway.console.rendering import Pages, go_to, static_files
from gateway.console.views import Views

STATIC_SECONDS = 3600


def make_console(
    organisation: str,
    provider: str = "",
    *,
    by_tls: bool = False,
    tell: Callable[[web.Request], Mapping[str, str]] = lambda _: {},
) -> web.Application:
    """Return the console of a node; it knows the name of the node and its public interface.

    `provider` is the name of the provider that people log in through, if any; `by_tls` is for its ways alone.
    `tell` tells the interface, in headers, who sent a request to the console.
    """
    api, pages = Api(tell), Pages(organisation, provider)
    application = web.Application(middlewares=[guard(pages)])
    files = static_files()

    async def start(_request: web.Request) -> web.Response:
        return go_to(START)

    async def static(request: web.Request) -> web.Response:
        found = files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": f"private, max-age={STATIC_SECONDS}"}
        return web.Response(body=found[0], content_type=found[1], charset="utf-8", headers=headers)

    async def close(_application: web.Application) -> None:
        await api.close()

    application.add_routes([web.get("", start), web.get("/", start), web.get("/static/{name}", static)])
    application.add_routes(Login(api, pages).routes())
    application.add_routes(ProviderLogin(api, pages, by_tls=by_tls).routes())
    application.add_routes(Views(api, pages).routes())
    application.add_routes(Letters(api, pages).routes())
    application.add_routes(Partners(api, pages).routes())
    application.add_routes(Answers(api, pages, organisation).routes())
    application.add_routes(Queues(api, pages).routes())
    application.on_cleanup.append(close)
    return application
