# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A store in a temporary folder, and rows with invented content."""

import hashlib
from types import SimpleNamespace

import pytest

from gateway.exchange.rows import (
    BatchRow,
    ChannelRow,
    ContributionRow,
    InboundRecordRow,
    InboundRow,
    ItemRow,
    LogEntryRow,
    MessageRow,
    RefusalRow,
    ShareRow,
)
from gateway.model import ContributionKind, Function, ReleaseFunction, ShareState
from gateway.store import open_store


@pytest.fixture
def sqlite_url(tmp_path):
    """Give the address of a database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'deep' / 'gateway.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """Give the address of a new database of either kind; on SQLite it does not exist yet."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def store(url):
    """Give an open store."""
    opened = open_store(url)
    yield opened
    opened.shut()


@pytest.fixture
def sqlite_store(sqlite_url):
    """Give an open store on SQLite, for what only it has."""
    opened = open_store(sqlite_url)
    yield opened
    opened.shut()


def message(key=1, raw=b"<message/>", **fields):
    """Make a message."""
    row = {
        "id": key,
        "digest": hashlib.sha256(raw).digest(),
        "source": "folder",
        "submitter": "test",
        "adapter": "gacc_ceb",
        "message_type": "CEB603",
        "message_id": "m-1",
        "received_at": 5,
        "outcome": "accepted",
        "documents": 2,
        "accepted": 1,
        "raw": raw,
        "acknowledgement": b"ok",
        "content_type": "text/xml",
        "findings": b"",
    }
    return MessageRow(**row | fields)


def contribution(key, message_row=1, **fields):
    """Make a contribution."""
    row = {
        "id": key,
        "message_row": message_row,
        "position": 0,
        "kind": ContributionKind.LIST,
        "function": Function.NEW,
        "reference": f"ref-{key}",
        "join_key": f"trk:{key}",
        "keys": (f"trk:{key}", f"ord:p|{key}"),
        "body": b"body",
    }
    return ContributionRow(**row | fields)


def item(key, **fields):
    """Make an item."""
    row = {
        "id": key,
        "tracking_number": str(key),
        "order_key": f"ord:p|{key}",
        "list_key": "",
        "state": "open",
        "version": 1,
        "created_at": 1,
        "updated_at": 2,
        "secret": b"s" * 32,
        "body": b"item",
        "findings": b"",
    }
    return ItemRow(**row | fields)


def share(key, of=1, **fields):
    """Make a share."""
    row = {
        "id": key,
        "item": of,
        "agreement": "a/1",
        "channel": "CN/XA/item",
        "state": ShareState.READY,
        "version": 1,
        "function": ReleaseFunction.ORIGINAL,
        "deadline": 0,
    }
    return ShareRow(**row | fields)


def batch(key, sequence=1, **fields):
    """Make an outgoing batch."""
    row = {
        "id": key,
        "batch_id": f"b-{key}",
        "channel": "CN/XA/item",
        "sequence": sequence,
        "statement_digest": b"d" * 32,
        "count": 2,
        "agreement": "a/1",
        "created_at": 3,
        "envelope": b"envelope",
        "payload": b"payload" * 50,
        "salts": b"salts",
        "log_index": 0,
    }
    return BatchRow(**row | fields)


def inbound(key, sequence=1, **fields):
    """Make a received batch."""
    row = {
        "id": key,
        "batch_id": f"i-{key}",
        "channel": "XA/CN/item",
        "sequence": sequence,
        "partner": "XA",
        "agreement": "a/1",
        "statement_digest": b"d" * 32,
        "count": 2,
        "accepted": 1,
        "received_at": 4,
        "envelope": b"envelope",
        "payload": b"payload" * 50,
        "receipt": b"receipt",
        "log_index": 0,
    }
    return InboundRow(**row | fields)


def record(key, of, position=0, **fields):
    """Make the place of a received record."""
    row = {
        "id": key,
        "inbound": of,
        "position": position,
        "tracking_number": "EE1",
        "reference": "r",
        "version": 1,
        "state": "accepted",
    }
    return InboundRecordRow(**row | fields)


def refusal(key):
    """Make a refusal."""
    return RefusalRow(
        id=key,
        partner="XA",
        channel="XA/CN/item",
        received_at=9,
        codes=("TRUST-SIGNATURE", "TRUST-STALE"),
        envelope=b"e",
        receipt=b"r",
        log_index=2,
    )


def entry(index, log="XA"):
    """Make a log entry."""
    return LogEntryRow(
        log=log, index=index, event="sent", subject="batch:1", leaf=b"leaf", salt=b"salt", created_at=1
    )


def channel(name="CN/XA/item", **fields):
    """Make a channel."""
    return ChannelRow(name=name, partner="XA", direction="out", **fields)


@pytest.fixture(name="rows", scope="session")
def _rows():
    """Give the makers of rows."""
    return SimpleNamespace(
        batch=batch,
        channel=channel,
        contribution=contribution,
        entry=entry,
        inbound=inbound,
        item=item,
        message=message,
        record=record,
        refusal=refusal,
        share=share,
    )
