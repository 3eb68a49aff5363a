# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and packets of partners without a gateway: passive, frozen, no verbs."""

from gateway.exchange.rows import Row
from gateway.finding import Finding


class WrittenDocument(Row, frozen=True, kw_only=True, gc=False):
    """A document in a partner's format; `indexes` are the positions in the batch of the records in it.

    `function` is what these records do: original, amendment or cancellation. `findings` say what the format
    could not hold or changed.
    """

    function: str
    body: bytes
    content_type: str
    indexes: tuple[int, ...]
    findings: tuple[Finding, ...] = ()


class WrittenBatch(Row, frozen=True, kw_only=True, gc=False):
    """A batch in a partner's format; `rejected` are the records that it cannot hold, by position."""

    documents: tuple[WrittenDocument, ...]
    rejected: tuple[tuple[int, tuple[Finding, ...]], ...]


class WebhookRow(Row, frozen=True, kw_only=True, gc=False):
    """What a partner delivered by webhook; `key` is its idempotency key, `message` the row that holds it.

    `delivery` is the statement that the log entry is about, `receipt` the envelope of our answer. The signed
    receipt stands in the entry after `log_index`.
    """

    id: int
    partner: str
    key: str
    body_digest: bytes
    message: int
    received_at: int
    delivery: bytes
    receipt: bytes
    log_index: int
