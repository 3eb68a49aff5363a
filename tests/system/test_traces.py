# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real gateways export their spans to a collector on this machine: one trace across both."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from gateway.demo.stage import make_parties, packaged_agreements
from gateway.sample import generate
from gateway.tracing import Place, batch_place
from tests.system.books import Books, payload_of
from tests.system.submitting import eventually, settled, submit, submit_until_answered

SUBMITTER = Place(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)
CALL = "customs.ead.v1.Peer/Checkpoint"  # gateways compare their logs when there was traffic


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what is exported."""

    def __init__(self):
        self.requests = []

    def Export(self, request, context):  # noqa: N802 - the name of the call
        """Keep a request."""
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans(self, name):
        """Return all spans of a name, each with the organisation that recorded it."""
        return [
            (_value(group.resource.attributes, "service.namespace"), span)
            for request in list(self.requests)
            for group in request.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
            if span.name == name
        ]


def _value(attributes, key):
    return next(one.value.string_value for one in attributes if one.key == key)


@pytest.fixture(scope="module", name="story")
def _story(tmp_path_factory):
    """A few messages, and what two traced gateways told the collector about them."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    here, there = parties = make_parties(tmp_path_factory.mktemp("traces"), packaged_agreements())
    try:
        for one in parties:
            one.start(environment)
        messages = generate(41, 60, destinations=["NL"])
        for message in messages:
            submit_until_answered(here.url, message)
        own, *_ = generate(43, 2, destinations=["NL"])
        submit(here.url, own.raw, adapter=own.adapter, traceparent=SUBMITTER.header())
        eventually(lambda: settled(here.url), 60)
        eventually(lambda: collector.spans("deliver") and collector.spans(CALL), 60)
        assert [one.stop() for one in parties] == [0, 0]
        yield collector, Books(here), Books(there)
    finally:
        for one in parties:
            one.kill()
        server.stop(0)


def test_each_message_and_each_batch_has_its_span(story) -> None:
    """The sender tells of every intake and every batch, at the place that follows from its payload."""
    collector, ours, _ = story
    assert len(collector.spans("intake")) == len(ours.rows("message"))
    places = {batch_place(payload_of(row)) for row in ours.rows("batch")}
    told = {
        (int.from_bytes(span.trace_id, "big"), int.from_bytes(span.span_id, "big"))
        for organisation, span in collector.spans("batch")
        if organisation == ours.organisation
    }
    assert told == {(one.trace, one.span) for one in places}


def test_one_trace_reaches_from_the_sender_over_the_partner_to_the_receipt(story) -> None:
    """For each batch the partner's span and the one that its receipt ends are children of the batch."""
    collector, ours, theirs = story
    batches = {span.trace_id: span for _, span in collector.spans("batch")}
    for name, owner in (("receive", theirs.organisation), ("deliver", ours.organisation)):
        found = [span for organisation, span in collector.spans(name) if organisation == owner]
        assert {one.trace_id for one in found} == set(batches)
        assert all(one.parent_span_id == batches[one.trace_id].span_id for one in found)


def test_intake_belongs_to_the_trace_of_who_submits_in_one(story) -> None:
    """The message that came with `traceparent` over HTTP is a child of that span, all others are roots."""
    collector, *_ = story
    intakes = [span for _, span in collector.spans("intake")]
    (named,) = [one for one in intakes if int.from_bytes(one.trace_id, "big") == SUBMITTER.trace]
    assert int.from_bytes(named.parent_span_id, "big") == SUBMITTER.span
    assert not any(one.parent_span_id for one in intakes if one is not named)


def test_batches_link_to_the_intakes_of_their_items(story) -> None:
    """Each batch points to intakes that were told of, and every intake of a shared item is pointed to."""
    collector, *_ = story
    intakes = {(span.trace_id, span.span_id) for _, span in collector.spans("intake")}
    links = {(one.trace_id, one.span_id) for _, span in collector.spans("batch") for one in span.links}
    assert links
    assert links <= intakes
    assert all(span.links for _, span in collector.spans("batch"))


def test_unary_calls_between_gateways_are_spans_of_the_answering_side(story) -> None:
    """What gateways ask each other in single calls is told with the organisation that asked."""
    collector, ours, theirs = story
    found = collector.spans(CALL)
    assert {_value(span.attributes, "organisation") for _, span in found} <= {
        ours.organisation,
        theirs.organisation,
    }
    assert all(_value(span.attributes, "organisation") != organisation for organisation, span in found)


def test_no_span_holds_personal_data(story) -> None:
    """No tracking number, name or address of an item stands in what was exported."""
    collector, ours, _ = story
    exported = b"".join(one.SerializeToString() for one in collector.requests)
    numbers = {row["tracking_number"] for row in ours.rows("item")}
    assert numbers
    assert not [one for one in numbers if one.encode() in exported]
    known = {"source", "agreement", "records", "rejected", "partner", "channel", "organisation"}
    told = {
        attribute.key
        for request in collector.requests
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
        for attribute in span.attributes
    }
    assert told <= known


def test_collector_that_is_down_costs_no_message(tmp_path) -> None:
    """With nobody at the address, messages are taken and delivered, and the nodes end as they should."""
    parties = here, _ = make_parties(tmp_path, packaged_agreements())
    try:
        for one in parties:
            one.start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
        for message in generate(42, 25, destinations=["NL"]):
            submit_until_answered(here.url, message)
        eventually(lambda: settled(here.url), 60)
        assert [one.stop() for one in parties] == [0, 0]
    finally:
        for one in parties:
            one.kill()
