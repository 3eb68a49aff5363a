# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The header of W3C Trace Context, the places of batches, and that nothing runs unless it is wanted."""

import hashlib
import subprocess
import sys

import pytest

from gateway.tracing import Place, batch_place, current, is_wanted, of_payload, outgoing, read_header

# The example of W3C Trace Context, 3.2.
EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_example_of_the_standard_is_read_and_written() -> None:
    """The published header names its place and comes back as it was."""
    place = read_header(EXAMPLE)
    assert place == Place(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)
    assert place.header() == EXAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        EXAMPLE.upper(),
        EXAMPLE.replace("00-4", "ff-4", 1),
        EXAMPLE + "-more",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
    ],
)
def test_what_is_no_header_begins_a_new_trace(text) -> None:
    """Zero ids, capital letters, version ff and rests in version 00 name no place."""
    assert read_header(text) is None


def test_later_versions_may_say_more() -> None:
    """A header of a later version is read up to what is known."""
    assert read_header(EXAMPLE.replace("00-4", "01-4", 1) + "-more") == read_header(EXAMPLE)


def test_both_ends_name_the_same_place_of_a_batch() -> None:
    """The digest that is signed and the payload that travels give one place."""
    assert batch_place(b"payload") == of_payload(hashlib.sha256(b"payload").digest())
    assert of_payload(bytes(32)) == Place(1, 1)


def test_calls_carry_the_current_place_and_nothing_without_one() -> None:
    """Outside of spans a call has no metadata."""
    assert outgoing() is None
    token = current.set(read_header(EXAMPLE))
    try:
        assert outgoing() == (("traceparent", EXAMPLE),)
    finally:
        current.reset(token)


def test_traces_are_wanted_only_when_a_collector_is_named() -> None:
    """The standard variables decide."""
    assert not is_wanted({})
    named = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}
    assert is_wanted(named)
    assert not is_wanted(named | {"OTEL_SDK_DISABLED": "true"})


def test_a_node_without_collector_does_not_load_the_library() -> None:
    """Whoever does not trace does not even import OpenTelemetry."""
    code = "import sys, gateway.node; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
