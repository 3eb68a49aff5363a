# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Go on with the trace that an admitted caller names in `traceparent` (W3C Trace Context 3.2)."""

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.tracing import HEADER, current, read_header


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer as part of the caller's trace; a header that is wrong, or there twice, counts as none."""
    named = request.headers.getall(HEADER, [])
    place = read_header(named[0]) if len(named) == 1 else None
    if place is None:
        return await handler(request)
    before = current.set(place)
    try:
        return await handler(request)
    finally:
        current.reset(before)
