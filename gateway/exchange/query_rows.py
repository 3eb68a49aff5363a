# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The row of a question between partners: passive, frozen, no verbs."""

from gateway.exchange.rows import Row


class InquiryRow(Row, frozen=True, kw_only=True, gc=False):
    """One question and its answer, as envelopes.

    `direction` is sent or received; `state` is pending, answered, refused or erased. `keys` counts the
    numbers asked for.
    """

    id: int
    query_id: str
    partner: str
    direction: str
    agreement: str
    keys: int
    state: str
    created_at: int
    query: bytes
    log_index: int
    answer: bytes = b""
    answered_at: int = 0
