# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statements about changes of keys, from bytes whose signatures were verified."""

from gateway.wire.convert import parse_whole
from gateway.wire.v1 import envelope_pb2


def parse_announcement(statement: bytes) -> envelope_pb2.KeyAnnouncement:
    """Return an announcement of keys.

    Raises:
        InputError: it is none, or holds fields unknown to this version.
    """
    return parse_whole(envelope_pb2.KeyAnnouncement, statement, "announcement")


def parse_confirmation(statement: bytes) -> envelope_pb2.KeyConfirmation:
    """Return the confirmation of an announcement of keys.

    Raises:
        InputError: it is none, or holds fields unknown to this version.
    """
    return parse_whole(envelope_pb2.KeyConfirmation, statement, "confirmation")
