# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The one table from errors to gRPC status codes, with findings as rich details (google.rpc.Status).

The text of an error never leaves the node: it may name another partner. A caller sees a fixed sentence, and
the findings with what the catalogue says of them, without the values they quote.
"""

from typing import Any, NoReturn, TypeAlias

import grpc
import grpc.aio
import structlog
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # ships no stubs marker
from grpc_status import rpc_status

from gateway.errors import (
    CouldNotCheck,
    DeliveryError,
    GatewayError,
    InputError,
    PolicyRefusal,
    TryLater,
    VerificationError,
)
from gateway.exchange.intake import RETRY_SECONDS, Busy, Closed
from gateway.finding import Finding
from gateway.wire.v1 import envelope_pb2

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

# Trailing metadata shares an 8 KiB limit with everything else in it.
DETAILS_BYTES = 6 * 1024

logger = structlog.get_logger()


class Overloaded(GatewayError):
    """The caller has too much open; it must slow down."""


class Unavailable(GatewayError):
    """The gateway cannot serve this now; the same call later can succeed."""


_CODES: tuple[tuple[type[GatewayError], grpc.StatusCode, str], ...] = (
    (Busy, grpc.StatusCode.RESOURCE_EXHAUSTED, "too much at one time"),
    (Overloaded, grpc.StatusCode.RESOURCE_EXHAUSTED, "too much at one time"),
    (Unavailable, grpc.StatusCode.UNAVAILABLE, "not available now"),
    (TryLater, grpc.StatusCode.UNAVAILABLE, "not available now"),
    (InputError, grpc.StatusCode.INVALID_ARGUMENT, "the call is not as the service describes it"),
    (PolicyRefusal, grpc.StatusCode.PERMISSION_DENIED, "no agreement allows this"),
    (VerificationError, grpc.StatusCode.UNAUTHENTICATED, "the caller is not who it must be"),
    (CouldNotCheck, grpc.StatusCode.UNAVAILABLE, "a check is not possible now"),
    (DeliveryError, grpc.StatusCode.UNAVAILABLE, "not available now"),
)
_RETRY = frozenset({grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE})


async def refuse(context: Context, error: Exception, method: str, organisation: str = "") -> NoReturn:
    """End the call with the status of an error; logs codes and identifiers only."""
    code, text = code_of(error)
    findings = error.findings if isinstance(error, GatewayError) else ()
    logger.log(
        40 if code is grpc.StatusCode.INTERNAL else 30,
        "server.refused",
        method=method,
        organisation=organisation,
        status=code.name,
        error=type(error).__name__,
        raised_at=_raised_at(error) if code is grpc.StatusCode.INTERNAL else "",
        codes=[one.code for one in findings],
    )
    status = status_pb2.Status(code=code.value[0], message=text)
    seconds = error.retry_seconds if isinstance(error, Busy | Closed) else RETRY_SECONDS
    status.details.extend(details(findings, retry=code in _RETRY, seconds=seconds))
    await context.abort_with_status(rpc_status.to_status(status))


def code_of(error: Exception) -> tuple[grpc.StatusCode, str]:
    """Return the status code of an error and the sentence that goes with it."""
    for kind, code, text in _CODES:
        if isinstance(error, kind):
            return code, text
    return grpc.StatusCode.INTERNAL, "internal error"


def details(findings: tuple[Finding, ...], *, retry: bool, seconds: int = RETRY_SECONDS) -> list[any_pb2.Any]:
    """Pack a retry hint of so many seconds and as many findings as fit, worst first."""
    packed: list[any_pb2.Any] = []
    if retry:
        pause = duration_pb2.Duration(seconds=seconds)
        packed.append(_pack(error_details_pb2.RetryInfo(retry_delay=pause)))
    room = DETAILS_BYTES
    for one in findings:
        detail = _pack(wire_finding(one))
        room -= detail.ByteSize()
        if room < 0:
            break
        packed.append(detail)
    return packed


def wire_finding(one: Finding) -> envelope_pb2.WireFinding:
    """Return a finding as a partner may see it: without the value that was found."""
    return envelope_pb2.WireFinding(
        code=one.code,
        severity=one.severity.value,
        finding_class=one.finding_class.value,
        path=one.path,
        position=one.position,
        expected=one.expected,
        remedy=one.remedy,
    )


def _pack(message: Any) -> any_pb2.Any:
    """Wrap a message with its type."""
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def _raised_at(error: Exception) -> str:
    """Return file and line where an unexpected error arose; its text may hold data and stays out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
