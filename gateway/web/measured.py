# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Count and time every request, by the pattern of its path: the path itself may hold a tracking number."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.metrics import Metrics

NO_ROUTE = "none"


def measured(metrics: Metrics) -> Middleware:
    """Return the middleware; it stands outside all others, so that it sees their answers."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun = time.perf_counter()
        answer = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else NO_ROUTE
        metrics.count("gateway_http_requests_total", route, str(answer.status))
        metrics.time("gateway_http_request_seconds", time.perf_counter() - begun, route)
        return answer

    return measure
