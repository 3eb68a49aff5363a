# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Record spans with OpenTelemetry and export them by OTLP: the optional extra `traces`.

Imported only if `tracing.is_wanted`. The variables of the OpenTelemetry specification say where to and how.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from gateway.tracing import Place, current

_chosen: ContextVar[Place | None] = ContextVar("chosen", default=None)
_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)


class _Ids(RandomIdGenerator):
    """Random ids, but for places that are known before their span."""

    def generate_trace_id(self) -> int:
        place = _chosen.get()
        return super().generate_trace_id() if place is None else place.trace

    def generate_span_id(self) -> int:
        place = _chosen.get()
        return super().generate_span_id() if place is None else place.span


class OtelTracer:
    """A tracer on the SDK (`tracing.Tracer`); `close` sends what is left."""

    def __init__(self, organisation: str, node: int, processor: SpanProcessor | None = None) -> None:
        """Record as one node of an organisation; make it after the workers, for the exporter uses gRPC."""
        about = {
            "service.name": "ead-gateway",
            "service.namespace": organisation,
            "service.instance.id": str(node),
        }
        self._provider = TracerProvider(resource=Resource.create(about), id_generator=_Ids())
        self._provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("gateway")

    @contextlib.contextmanager
    def span(self, name: str, *, parent: Place | None = None, **attributes: str | int) -> Iterator[Place]:
        """Record the work inside; without a parent it is a child of the current place, if there is one."""
        span = self._tracer.start_span(
            name,
            context=_under(parent or current.get()),
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        )
        about = span.get_span_context()
        place = Place(about.trace_id, about.span_id)
        before = current.set(place)
        try:
            yield place
        except BaseException as error:
            # The text of an error may hold data and stays out.
            span.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            current.reset(before)
            span.end()

    def done(
        self,
        name: str,
        started_ns: int,
        *,
        place: Place | None = None,
        parent: Place | None = None,
        links: Sequence[Place] = (),
        **attributes: str | int,
    ) -> None:
        """Record work that has just ended, at a place that is known already or a new one."""
        before = _chosen.set(place)
        try:
            span = self._tracer.start_span(
                name,
                context=_under(parent),
                attributes=attributes,
                links=[trace.Link(_context(one)) for one in links],
                start_time=started_ns,
            )
        finally:
            _chosen.reset(before)
        span.end(time.time_ns())

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()


def _context(place: Place) -> trace.SpanContext:
    """Return a place in the words of the library."""
    return trace.SpanContext(place.trace, place.span, is_remote=True, trace_flags=_SAMPLED)


def _under(parent: Place | None) -> Context:
    """Return the context of children of a place; that of a root if there is none."""
    if parent is None:
        return Context()
    return trace.set_span_in_context(trace.NonRecordingSpan(_context(parent)), Context())
