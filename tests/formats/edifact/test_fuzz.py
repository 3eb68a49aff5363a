# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A fuzz target for tokeniser and reader: five seconds in every run, a minute with --long."""

import time

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from gateway.formats.edifact import Interchange, Reader, own_guides
from gateway.sample.edifact_faults import HEAD, interchange, joined, own_faults, ten_faults

CORPUS = [joined(interchange()), *(one.raw for one in (*ten_faults(), *own_faults()))]
HOSTILE = st.sampled_from(
    [
        b"'",
        b"?",
        b"+",
        b":",
        b"*",
        b"??'",
        b"?",
        b"\n",
        b"UNA:+.? '",
        b"UNB+",
        b"UNZ+1+REF1'",
        b"UNT+1+1'",
        b"UNH+1+TRLITM:1:0:ZZ:EADGW1'",
        b"UNG+",
        b"UNE+1+1'",
        b"NAD+CZ'",
        b"\xe4\xb8\xad",
        b"\xff",
        b"\x00",
        b"UNA|/.!^~",
        HEAD.encode() + b"'",
    ]
)


def target(data):
    """Spoil a file somewhere and read it whole and in pieces."""
    raw = bytearray(data.draw(st.sampled_from(CORPUS)))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 8))
        raw[place : place + cut] = data.draw(st.one_of(HOSTILE, st.binary(max_size=4)))
    size = data.draw(st.integers(1, 200))
    outcomes = []
    for step in (size, len(raw) or 1):
        reader, events = Reader(own_guides()), []
        for begin in range(0, len(raw), step):
            events += reader.feed(bytes(raw[begin : begin + step]))
        events += reader.close()
        assert isinstance(events[-1], Interchange)
        outcomes.append(
            [
                (type(one), [(fault.code, fault.offset, fault.segment) for fault in one.faults])
                for one in events
            ]
        )
        messages = [one for one in events if not isinstance(one, Interchange)]
        assert sum(one.message_count for one in events if isinstance(one, Interchange)) == len(messages)
    assert outcomes[0] == outcomes[1]


def run_for(seconds):
    """Run the target with one seed after the other until the time is over."""
    end, turn = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        turn += 1
        quiet = settings(
            max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        seed(turn)(quiet(given(st.data())(target)))()


def test_five_seconds_of_spoilt_input():
    """Spoilt input is read alike whole and in pieces, and never raises."""
    run_for(5)


@pytest.mark.long
def test_a_minute_of_spoilt_input():
    """The same holds for a minute."""
    run_for(60)
