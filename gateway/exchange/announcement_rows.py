# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of changes of keys that gateways tell each other: passive, frozen, no verbs."""

from collections.abc import Mapping

import msgspec

from gateway.exchange.rows import Row


class AnnouncementRow(Row, frozen=True, kw_only=True, gc=False):
    """What a partner was told of our keys, or told us of its own; `direction` is sent or received.

    `state` is pending, confirmed or by-hand (sent) or done (received); `reason` says why it is not confirmed.
    `announcement` and `answer` are envelopes; the entries about both have this row as their subject.
    """

    id: int
    announcement_id: str
    partner: str
    direction: str
    serial: int
    state: str
    reason: str
    created_at: int
    announcement: bytes
    answer: bytes
    answered_at: int
    log_index: int


class RotationRow(Row, frozen=True, kw_only=True, gc=False):
    """One change of our own keys; `state` is announced, switched or retired, times are 0 while not reached.

    `keys` is the JSON of the ids of the new keys by name, `bundle` the one that was announced.
    """

    id: int
    serial: int
    state: str
    purposes: str
    keys: str
    overlap_ms: int
    started_at: int
    switched_at: int
    retired_at: int
    bundle: bytes

    @property
    def targets(self) -> Mapping[str, str]:
        """The ids of the new keys by name."""
        return msgspec.json.decode(self.keys, type=dict[str, str])
