# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Calls over real TLS carry `traceparent`, and the answering side goes on with that trace."""

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from gateway.client.questions import checkpoint, echo
from gateway.errors import DeliveryError
from gateway.telemetry import OtelTracer
from tests.peering import OWN, start_node


@pytest.fixture(name="traced")
async def _traced(keys):
    """A node with a tracer, another tracer for who calls it, and what each has recorded."""
    told, asked = InMemorySpanExporter(), InMemorySpanExporter()
    node = await start_node(keys, tracer=OtelTracer(OWN, 0, SimpleSpanProcessor(told)))
    yield node, OtelTracer("caller", 0, SimpleSpanProcessor(asked)), told, asked
    await node.server.drain()


async def test_answer_is_a_child_of_the_question(traced):
    """The span of the answering side has the trace and the span of the asking side above it."""
    node, tracer, told, asked = traced
    with tracer.span("question") as place:
        await echo(node.address(), node.keys.partner, 5)
    (answer,), (question,) = told.get_finished_spans(), asked.get_finished_spans()
    assert answer.name == "customs.ead.v1.Peer/Echo"
    assert (answer.context.trace_id, answer.parent.span_id) == (place.trace, place.span)
    assert question.context.span_id == place.span
    assert dict(answer.attributes) == {"organisation": node.keys.partner.organisation}


async def test_call_outside_of_a_span_begins_a_trace(traced):
    """Who does not trace is traced here all the same, from here on."""
    node, _, told, _ = traced
    await echo(node.address(), node.keys.partner, 5)
    (answer,) = told.get_finished_spans()
    assert answer.parent is None


async def test_refusal_is_told_without_its_text(traced):
    """A call that fails has the type of the error and nothing of what it said."""
    node, _, told, _ = traced
    with pytest.raises(DeliveryError):
        await checkpoint(node.address(), node.keys.partner, log="log/of-another", timeout=5)
    (answer,) = told.get_finished_spans()
    assert answer.status.status_code is StatusCode.ERROR
    assert answer.events == ()
    assert "of-another" not in answer.to_json()
