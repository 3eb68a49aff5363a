# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What every page keeps to: acts come from our own pages, refusals are pages, nothing foreign is loaded."""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.console.api import Reply
from gateway.console.kept import fits
from gateway.console.rendering import POLICY, Pages, keep_language

UNAUTHORISED, FORBIDDEN, MISSING = 401, 403, 404


class Refused(Exception):
    """The interface has refused what a page needs."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def guard(pages: Pages) -> Middleware:
    """Return the middleware of all pages."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        acts = request.method not in ("GET", "HEAD")
        if acts and not (is_own(request) and await fits(request)):
            response: web.StreamResponse = pages.show(
                request, "refused", FORBIDDEN, code="origin", findings=()
            )
        else:
            response = await _answered(pages, request, handler)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        keep_language(request, response)
        return response

    return check


async def _answered(pages: Pages, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return the page, or the page that says why there is none."""
    try:
        return await handler(request)
    except Refused as error:
        status = error.reply.status
        if status == UNAUTHORISED:
            return pages.show(request, "login", UNAUTHORISED, failed=False)
        body = error.reply.body if isinstance(error.reply.body, dict) else {}
        code = {FORBIDDEN: "forbidden", MISSING: "missing"}.get(status, "other")
        return pages.show(request, "refused", status, code=code, findings=body.get("findings", ()))
    except web.HTTPNotFound:
        return pages.show(request, "refused", MISSING, code="missing", findings=())


def is_own(request: web.Request) -> bool:
    """Say whether an act comes from a page of this console: a browser says where it comes from.

    A site that sends a form cannot choose this header, so no other page acts in the name of the reader.
    """
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("Host", "")
