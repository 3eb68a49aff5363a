# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Events, dispatches, assessments, answers and controls are records of their own."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from gateway.model import Answer, Assessment, Control, Dispatch, Event, unpack_item
from tests.document_bench import DocumentBench
from tests.partner_messages import said

NUMBER, DISPATCH = "RX000000002CN", "CNHGHANLAMSAAUN61234"
TIME = datetime(2026, 11, 19, tzinfo=UTC)
GROUPS = {
    "event": {"event": Event(code="EMA", scheme="EMSEVT")},
    "assessment": {"assessment": Assessment(outcome="registered")},
    "answer": {"answer": Answer(referral="R", kind="data")},
    "control": {"control": Control(reference="C", result="satisfactory")},
}


def record(kind, function="new", reference="E1", **fields):
    """Return a record about the item."""
    return said(kind, function, reference, **{"tracking_number": NUMBER} | (fields or GROUPS[kind]))


def item(**fields):
    """Return words about the item."""
    return said("postal", reference="P", tracking_number=NUMBER, **fields)


@pytest.fixture(name="bench")
def _bench():
    """A fresh bench."""
    return DocumentBench()


@pytest.mark.parametrize("kind", GROUPS)
def test_each_kind_makes_a_row_of_its_own(bench, kind):
    """A record has the shape of an item, its own row, and is found under the number of the item."""
    bench.take(record(kind))
    (row,) = bench.rows(kind)
    assert (row.tracking_number, row.state, row.version, len(row.secret)) == (NUMBER, "open", 1, 32)
    assert getattr(unpack_item(row.body), kind) == GROUPS[kind][kind]
    assert bench.rows() == []


def test_dispatch_is_found_under_its_own_number(bench):
    """A dispatch is about no single item, so its row bears the number of the dispatch, or the consignment."""
    bench.take(said("dispatch", reference="D", keys=(f"dsp:{DISPATCH}",), dispatch=Dispatch(number=DISPATCH)))
    bench.take(said("dispatch", reference="K", keys=("dsp:K",), dispatch=Dispatch(consignment="K1")))
    assert [row.tracking_number for row in bench.rows("dispatch")] == [DISPATCH, "K1"]


@pytest.mark.parametrize("first", [True, False])
def test_records_and_items_never_touch_each_other(bench, first):
    """An item that comes before or after the records about it holds nothing of theirs, nor they of it."""
    documents = [item(note="words"), *(record(kind) for kind in GROUPS)]
    for one in documents if first else documents[::-1]:
        bench.take(one)
    (row,) = bench.rows()
    assert unpack_item(row.body) == item(note="words").item
    assert row.version == 1
    assert all(unpack_item(one.body).note is None for kind in GROUPS for one in bench.rows(kind))


def test_change_replaces_what_the_record_said(bench):
    """A change under the same reference gives its row the next version; another reference is another row."""
    bench.take(record("event"), record("event", reference="E2"))
    bench.take(record("event", "change", event=Event(code="EMC")))
    assert [(row.version, unpack_item(row.body).event.code) for row in bench.rows("event")] == [
        (2, "EMC"),
        (1, "EMA"),
    ]


def test_deleted_record_keeps_what_it_said(bench):
    """A deletion that names only the item leaves the row deleted, with its words; a change brings it back."""
    bench.take(record("event"))
    bench.take(record("event", "delete", note="by mistake"))
    (row,) = bench.rows("event")
    assert (row.state, row.version, unpack_item(row.body).event.code) == ("deleted", 2, "EMA")
    bench.take(record("event", "change", event=Event(code="EMB")))
    (row,) = bench.rows("event")
    assert (row.state, row.version, unpack_item(row.body).event.code) == ("open", 3, "EMB")


def test_stale_change_makes_no_new_version(bench):
    """A change issued before what is in force is kept and changes nothing, not even the version."""
    newest = record("event", "change", event=Event(code="EMC"))
    bench.take(record("event"), msgspec.structs.replace(newest, issued_at=TIME))
    stale = msgspec.structs.replace(
        record("event", "change", event=Event(code="EMB")), issued_at=TIME - timedelta(hours=1)
    )
    before = bench.rows("event")
    assert bench.codes(stale) == ["ASSEMBLE-STALE"]
    assert bench.rows("event") == before


def test_references_belong_to_kind_and_sender(bench):
    """The same reference names another record for another kind and for another sender."""
    bench.take(record("event", reference="X"), record("control", reference="X"))
    bench.take(record("event", "delete", reference="X"), scope="other|")
    assert [row.state for row in bench.rows("event")] == ["open", "deleted"]
    assert [row.state for row in bench.rows("control")] == ["open"]


def test_repeated_and_contradicting_records(bench):
    """The same words again have no effect, and other words need to be a change."""
    bench.take(record("event"))
    assert bench.take(record("event")) == [(True, ["ASSEMBLE-REPEATED"])]
    assert bench.take(record("event", event=Event(code="EMC"))) == [(False, ["ASSEMBLE-DUPLICATE"])]
    assert [row.version for row in bench.rows("event")] == [1]
