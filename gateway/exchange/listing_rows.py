# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of what operators list: shares, batches and records in a few words, without payloads."""

from gateway.exchange.rows import Row


class ListedShare(Row, frozen=True, kw_only=True, gc=False):
    """A share with the number of its item; `since` is when the item became known, in milliseconds.

    `batch` and `position` say where it left, zeros if it has not.
    """

    share: int
    tracking_number: str
    record: str
    agreement: str
    channel: str
    state: str
    version: int
    function: str
    deadline: int
    missing: tuple[str, ...]
    batch: int
    position: int
    updated_at: int
    since: int


class ListedBatch(Row, frozen=True, kw_only=True, gc=False):
    """A batch, sent or received; times in milliseconds. `answered_at` is 0 while there is no receipt."""

    id: int
    batch_id: str
    channel: str
    sequence: int
    agreement: str
    count: int
    state: str
    accepted: int
    rejected: int
    at: int
    answered_at: int = 0


class ListedRecord(Row, frozen=True, kw_only=True, gc=False):
    """A received record and the batch that brought it."""

    record: int
    tracking_number: str
    reference: str
    version: int
    state: str
    position: int


class ListedItem(Row, frozen=True, kw_only=True, gc=False):
    """An item, or another record about one."""

    id: int
    tracking_number: str
    record: str
    state: str
    version: int
    updated_at: int


class ListedMessage(Row, frozen=True, kw_only=True, gc=False):
    """A source message without its bytes; `findings` is MessagePack of what was found."""

    id: int
    submitter: str
    adapter: str
    message_type: str
    message_id: str
    received_at: int
    outcome: str
    documents: int
    accepted: int
    findings: bytes = b""


class ListedRefusal(Row, frozen=True, kw_only=True, gc=False):
    """An envelope of a partner that was refused, without its bytes."""

    id: int
    partner: str
    channel: str
    received_at: int
    codes: tuple[str, ...]
