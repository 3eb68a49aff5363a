# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is on an incoming channel: the next batch in number and digest; none while it is stopped."""

from gateway.errors import PolicyRefusal
from gateway.exchange.rows import ChannelRow
from gateway.finding import Finding, finding
from gateway.wire.v1 import envelope_pb2


def stopped(channel: ChannelRow) -> PolicyRefusal:
    """Return the refusal of a stopped channel."""
    found = finding("RECEIVE-STOPPED", path=channel.name, actual=channel.stopped)
    return PolicyRefusal(f"channel {channel.name} is stopped: {channel.stopped}", (found,))


def check_sequence(statement: envelope_pb2.BatchStatement, channel: ChannelRow) -> list[Finding]:
    """Check that a batch follows the last stored one in number and digest."""
    expected = channel.sequence + 1
    if statement.sequence < expected:
        return [finding("RECEIVE-CONFLICT", path="sequence", expected=str(expected))]
    if statement.sequence > expected:
        return [finding("TRUST-SEQUENCE-GAP", path="sequence", expected=str(expected))]
    if statement.previous_digest != channel.last_digest:
        return [finding("TRUST-SEQUENCE-GAP", path="previous_digest")]
    return []
