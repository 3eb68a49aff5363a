# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing a batch in a partner's format: real adapters, halving, several documents, repeatable bytes."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import AdapterError
from gateway.exchange.translate import write_batch
from gateway.model import Encoded, Item, Party, Release, ReleaseFunction
from gateway.registry import load_adapters
from gateway.wire.convert import pack_payload, pack_release
from gateway.wire.payload import redact
from tests.webhook_partner import tracking

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TYPES = {"original": "SUPPLEMENT", "cancellation": "SUPPLEMENT"}
SUPPLEMENT = load_adapters(("supplement",))["supplement"]


def payload(*items, functions=()):
    """Return the payload of a batch of releases."""
    given = {**dict.fromkeys(range(len(items)), ReleaseFunction.ORIGINAL), **dict(functions)}
    records = [
        Release(reference=f"R{index}", version=1, function=given[index], item=item)
        for index, item in enumerate(items)
    ]
    return pack_payload([(bytes(32), pack_release(one)) for one in records])


def parcel(number, name="A. Example"):
    """Return a parcel; a name of more than 70 characters fits into no supplement."""
    return Item(tracking_number=tracking(number), destination_country="NL", addressee=Party(name=name))


def numbers(written):
    """Return the tracking numbers that were written, by document."""
    return [[one["tracking_number"] for one in json.loads(each.body)["items"]] for each in written.documents]


@settings(max_examples=60, deadline=None)
@given(bad=st.lists(st.booleans(), min_size=1, max_size=40))
def test_exactly_the_bad_records_are_left_out(bad) -> None:
    """Whatever records cannot be written, all others go in one document, in order."""
    items = [parcel(index, "A" * 71 if one else "A. Example") for index, one in enumerate(bad)]
    written = write_batch(SUPPLEMENT, TYPES, payload(*items), NOW)
    good = [index for index, one in enumerate(bad) if not one]
    assert [index for index, _ in written.rejected] == [index for index, one in enumerate(bad) if one]
    assert all(findings for _, findings in written.rejected)
    assert [list(one.indexes) for one in written.documents] == ([good] if good else [])
    assert numbers(written) == ([[tracking(one) for one in good]] if good else [])


def test_same_payload_and_time_give_the_same_bytes() -> None:
    """A repeated attempt posts what the first one did."""
    raw = payload(parcel(1), parcel(2))
    assert write_batch(SUPPLEMENT, TYPES, raw, NOW) == write_batch(SUPPLEMENT, TYPES, raw, NOW)


def test_functions_are_documents_of_their_own() -> None:
    """New records and cancellations go apart; a function without message type is rejected."""
    functions = {1: ReleaseFunction.CANCELLATION, 2: ReleaseFunction.AMENDMENT}
    raw = payload(parcel(0), parcel(1), parcel(2), functions=functions)
    written = write_batch(SUPPLEMENT, TYPES, raw, NOW)
    assert [(one.function, one.indexes) for one in written.documents] == [
        ("original", (0,)),
        ("cancellation", (1,)),
    ]
    assert [(index, found[0].code) for index, found in written.rejected] == [(2, "WEBHOOK-FUNCTION")]


def test_erased_record_is_not_written() -> None:
    """What was erased since it was sealed is rejected, and nothing of it is there to write."""
    written = write_batch(SUPPLEMENT, TYPES, redact(payload(parcel(0), parcel(1)), {0}), NOW)
    assert [(index, found[0].code) for index, found in written.rejected] == [(0, "RELEASE-ERASED")]
    assert numbers(written) == [[tracking(1)]]


def test_unknown_message_type_is_an_error_of_the_whole() -> None:
    """A message type that the adapter does not write rejects no record; it is a fault of the settings."""
    with pytest.raises(AdapterError):
        write_batch(SUPPLEMENT, {"original": "NOTHING"}, payload(parcel(0)), NOW)


class OneByOne:
    """A format that holds one record in a document, and breaks over a certain one."""

    def encode(self, message_type, items, now):
        """Write one record."""
        if len(items) != 1 or items[0].tracking_number == tracking(3):
            raise RuntimeError(message_type)
        return Encoded(body=items[0].tracking_number.encode(), content_type="text/plain")


def test_format_of_one_record_gets_a_document_each() -> None:
    """What fits into no one document goes in several, and a record that breaks the adapter stops no other."""
    raw = payload(*(parcel(index) for index in range(6)))
    written = write_batch(OneByOne(), {"original": "X"}, raw, NOW)
    assert [one.indexes for one in written.documents] == [(0,), (1,), (2,), (4,), (5,)]
    assert [(index, found[0].code) for index, found in written.rejected] == [(3, "WEBHOOK-UNWRITABLE")]
