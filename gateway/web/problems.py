# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Problem details for HTTP (RFC 9457), and the one table from errors to HTTP status codes.

A body holds findings, never the text or the trace of an exception.
"""

from collections.abc import Sequence

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.errors import (
    CouldNotCheck,
    GatewayError,
    InputError,
    PolicyRefusal,
    TryLater,
    VerificationError,
)
from gateway.exchange.intake import RETRY_SECONDS, Busy, Closed
from gateway.finding import Finding, catalogue, finding

_STATUS: tuple[tuple[type[GatewayError], int], ...] = (
    (InputError, 422),
    (PolicyRefusal, 403),
    (VerificationError, 403),
    (CouldNotCheck, 503),
    (TryLater, 503),
)
_HTTP_CODES = {404: "WEB-NOT-FOUND", 405: "WEB-METHOD"}
_INPUT_STATUS = {"INTAKE-TOO-LARGE": 413, "INTAKE-ENCODING": 415}

logger = structlog.get_logger()


def problem(status: int, findings: Sequence[Finding], *, close: bool = False) -> web.Response:
    """Return a problem body; the first finding names its type. With `close` the connection ends."""
    first = findings[0].code if findings else "WEB-REQUEST"
    body = {
        "type": f"/v1/errors/{first}",
        "title": catalogue()[first].meaning,
        "status": status,
        "findings": list(findings),
    }
    response = web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/problem+json"
    )
    if status == 503:  # noqa: PLR2004  # the number is the name of the status
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if status == 401:  # noqa: PLR2004  # the number is the name of the status
        response.headers["WWW-Authenticate"] = "Bearer"
    if close:
        response.force_close()
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem body."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = problem(error.status, (finding(_HTTP_CODES.get(error.status, "WEB-REQUEST")),))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Busy as error:
        answer = problem(503, (finding("WEB-BUSY"),), close=True)
        answer.headers["Retry-After"] = str(error.retry_seconds)
        return answer
    except GatewayError as error:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        if error.findings:
            status = _INPUT_STATUS.get(error.findings[0].code, status)
        findings = error.findings or (finding("WEB-INTERNAL" if status >= 500 else "WEB-REQUEST"),)  # noqa: PLR2004  # server errors
        logger.warning(
            "web.refused",
            route=_route(request),
            status=status,
            codes=[one.code for one in findings],
            error=str(error),
        )
        answer = problem(status, findings)
        if isinstance(error, Closed):
            answer.headers["Retry-After"] = str(error.retry_seconds)
        return answer
    except Exception as error:  # noqa: BLE001  # the border of the process: everything becomes a problem body
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        logger.error(  # noqa: TRY400  # a trace quotes values, which may be personal data
            "web.failed",
            route=_route(request),
            error=type(error).__name__,
            raised_at=f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "",
        )
        return problem(500, (finding("WEB-INTERNAL"),))


def _route(request: web.Request) -> str:
    """Return the pattern of the path; the path itself may hold a tracking number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
