# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What surrounds every call, outermost first: identity, limits, deadline, metrics and log, trace, errors.

Streams here are written with `context.read` and `context.write`; the layers serve those and generators alike.
"""

import abc
import functools
import inspect
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import grpc
import grpc.aio
import structlog

from gateway.errors import GatewayError, InputError
from gateway.finding import finding
from gateway.metrics import Metrics
from gateway.server.identity import PeerIdentifier, caller, check_service, identify
from gateway.server.status import Context, Overloaded, refuse
from gateway.tracing import HEADER, Tracer, read_header

Call: TypeAlias = Callable[[], Awaitable[Any]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

logger = structlog.get_logger()


class Layer(grpc.aio.ServerInterceptor, abc.ABC):
    """One ring around a call."""

    unary_only = False

    @abc.abstractmethod
    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Do what this ring does, and the call inside it."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "Awaitable[Handler | None]"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Put this ring around the handler of one call."""
        handler = await continuation(handler_call_details)
        if handler is None or (self.unary_only and (handler.request_streaming or handler.response_streaming)):
            return handler
        return _wrap(handler, functools.partial(self.around, handler_call_details.method))


class IdentityLayer(Layer):
    """Know the organisation that calls, and whether the service is for it."""

    def __init__(self, identifier: PeerIdentifier, own: str) -> None:
        self._identifier = identifier
        self._own = own

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Refuse callers without a valid identity."""
        organisation = ""
        try:
            organisation = identify(context, self._identifier)
            check_service(method, organisation, self._own)
        except GatewayError as error:
            await refuse(context, error, method, organisation)
        return await call()


class LimitLayer(Layer):
    """Bound the calls that one organisation has open, so that it slows no other."""

    def __init__(self, per_organisation: int) -> None:
        self._limit = per_organisation
        self._open: Counter[str] = Counter()

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Refuse calls above the limit."""
        organisation = caller()
        if self._open[organisation] >= self._limit:
            busy = finding("SERVER-BUSY", expected=f"at most {self._limit} calls")
            await refuse(context, Overloaded("too many calls", (busy,)), method, organisation)
        self._open[organisation] += 1
        try:
            return await call()
        finally:
            self._open[organisation] -= 1
            if not self._open[organisation]:
                del self._open[organisation]


class DeadlineLayer(Layer):
    """Refuse calls that could wait for ever; streams are bounded in age instead."""

    unary_only = True

    def __init__(self, longest_seconds: float) -> None:
        self._longest = longest_seconds

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Refuse a missing or far deadline."""
        remaining: float | None = context.time_remaining()
        if remaining is None or remaining > self._longest:
            fault = finding("SERVER-DEADLINE", expected=f"at most {self._longest:g} seconds")
            await refuse(context, InputError("deadline", (fault,)), method, caller())
        return await call()


class LogLayer(Layer):
    """Count and log every call once, when it ends."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Measure the call."""
        started = time.perf_counter()
        status = grpc.StatusCode.CANCELLED  # stands if the caller goes away in the middle
        try:
            result = await call()
            status = grpc.StatusCode.OK
        except grpc.aio.AbortError:
            status = _status(context)
            raise
        else:
            return result
        finally:
            seconds = time.perf_counter() - started
            self._metrics.count("gateway_grpc_calls_total", method, status.name)
            self._metrics.time("gateway_grpc_call_seconds", seconds, method)
            logger.info(
                "server.call",
                method=method,
                organisation=caller(),
                status=status.name,
                seconds=round(seconds, 6),
            )


class TraceLayer(Layer):
    """Record single calls in the trace of the caller; what travels in streams has places of its own."""

    unary_only = True

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Go on with the trace that the metadata names, or begin one."""
        metadata = dict(context.invocation_metadata() or ())
        named = metadata.get(HEADER, "")
        parent = read_header(named) if isinstance(named, str) else None
        with self._tracer.span(method.removeprefix("/"), parent=parent, organisation=caller()):
            return await call()


class ErrorLayer(Layer):
    """Turn every error into a status; nothing else of it leaves."""

    async def around(self, method: str, context: Context, call: Call) -> Any:
        """Run the call and translate what it raises."""
        try:
            return await call()
        except grpc.aio.AbortError:
            raise  # a status was given already
        except Exception as error:  # noqa: BLE001  # the border of the process: everything becomes a status
            await refuse(context, error, method, caller())


def layers(
    identifier: PeerIdentifier,
    own: str,
    *,
    per_organisation: int,
    longest_seconds: float,
    metrics: Metrics,
    tracer: Tracer | None = None,
) -> Sequence[Layer]:
    """Return all layers in their order, outermost first."""
    return (
        IdentityLayer(identifier, own),
        LimitLayer(per_organisation),
        DeadlineLayer(longest_seconds),
        LogLayer(metrics),
        *(() if tracer is None else (TraceLayer(tracer),)),
        ErrorLayer(),
    )


def _status(context: Context) -> grpc.StatusCode:
    """Return the status a call was aborted with; gRPC keeps its number, whatever the stub says."""
    number: Any = context.code()
    return next((one for one in grpc.StatusCode if number in (one, one.value[0])), grpc.StatusCode.UNKNOWN)


def _wrap(handler: Handler, around: Callable[[Context, Call], Awaitable[Any]]) -> Handler:
    """Return the same handler with a ring around what it does."""
    kind = (handler.request_streaming, handler.response_streaming)
    make: Any
    behaviour: Any
    make, behaviour = {
        (False, False): (grpc.unary_unary_rpc_method_handler, handler.unary_unary),
        (False, True): (grpc.unary_stream_rpc_method_handler, handler.unary_stream),
        (True, False): (grpc.stream_unary_rpc_method_handler, handler.stream_unary),
        (True, True): (grpc.stream_stream_rpc_method_handler, handler.stream_stream),
    }[kind]

    async def run(request: Any, context: Context) -> Any:
        async def call() -> Any:
            if not inspect.isasyncgenfunction(behaviour):
                return await behaviour(request, context)
            async for reply in behaviour(request, context):
                await context.write(reply)
            return None

        return await around(context, call)

    wrapped: Handler = make(run, handler.request_deserializer, handler.response_serializer)
    return wrapped
