# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Refuse what no text can hold: U+0000 in a path or a question, which PostgreSQL keeps in no text (8.3)."""

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.finding import finding
from gateway.web.problems import problem

NUL = "\x00"


@web.middleware
async def readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pass on a request whose path and question are text."""
    said = {**request.match_info, **request.query}
    wrong = [name for name, text in said.items() if NUL in name or NUL in text]
    if wrong:
        place = wrong[0].replace(NUL, "")[:20]
        return problem(422, (finding("WEB-CHARACTER", path=place, expected="no U+0000"),))
    return await handler(request)
