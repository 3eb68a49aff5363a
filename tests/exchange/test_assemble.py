# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Documents become items, whatever order they come in."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange.assemble import assemble, judge
from gateway.exchange.rows import PackedMessage
from gateway.exchange.touched import Arrival
from gateway.model import ContentPiece, Facilitation, Mass, Money, Party, unpack_contribution, unpack_item
from tests.fakes import FakeIds, MemoryTables, MemoryTransaction, repeating
from tests.partner_messages import message, said

TRK, ORD, INV = "trk:T1", "ord:shop|O1", "inv:N1"
TIME = datetime(2026, 11, 1, tzinfo=UTC)
LIST = said(
    "list",
    reference="L1",
    keys=(TRK, ORD, INV),
    tracking_number="T1",
    order_number="O1",
    gross_mass=Mass(value=Decimal("1.2"), unit="KGM"),
    content=(ContentPiece(number=1, item_number="a"), ContentPiece(number=2, item_number="b")),
)
ORDER = said(
    "order",
    reference="O1",
    keys=(ORD,),
    order_number="O1",
    platform=Party(name="Shop"),
    goods_value=Money(amount=Decimal(50), currency="CNY"),
    content=(
        ContentPiece(number=1, item_number="b", barcode="2"),
        ContentPiece(item_number="a", barcode="1"),
    ),
)
WAYBILL = said(
    "waybill",
    reference="W1",
    keys=(TRK,),
    tracking_number="T1",
    gross_mass=Mass(value=Decimal("1.3"), unit="KGM"),
    carrier=Party(name="Post"),
)
SUPPLEMENT = said(
    "supplement",
    reference="S1",
    keys=(TRK,),
    tracking_number="T1",
    addressee=Party(name="A. Example"),
    content=(ContentPiece(number=2, origin_country="CN"),),
)
CANCELLATION = said("cancellation", reference="C1", keys=(INV,), cancellation_reason="returned")
CHANGE = said(
    "list",
    "change",
    "L1",
    keys=(TRK, ORD, INV),
    issued_at=TIME + timedelta(hours=1),
    tracking_number="T1",
    order_number="O1",
    package_count=2,
    content=(ContentPiece(number=1, item_number="a"),),
)


class Bench:
    """A store in memory and the step under test."""

    def __init__(self):
        self.tables = MemoryTables()
        self.tx = MemoryTransaction(self.tables)
        self.ids = FakeIds()
        self.random = repeating()
        self.now = 1000

    def take(self, *documents, scope="s"):
        """Take one message; return (accepted, codes) for every document."""
        packed = msgspec.msgpack.decode(message(*documents), type=PackedMessage)
        self.now += 1
        arrival = Arrival(self.ids.take(1)[0], scope, self.now, self.ids, self.random)
        judged = judge(self.tx, packed.documents, arrival)
        self.touched = assemble(self.tx, judged, arrival)
        return [(one.accepted, [each.code for each in one.findings]) for one in judged.outcomes]

    def items(self):
        """Return state, record and findings of every item, by tracking number."""
        return {
            row.tracking_number: (row.state, unpack_item(row.body), row.order_key, row.list_key, row.findings)
            for row in self.tables.items.values()
        }


@pytest.fixture(name="bench")
def _bench():
    """A fresh bench."""
    return Bench()


def after(documents):
    """Return the items after documents that came one by one."""
    bench = Bench()
    for one in documents:
        bench.take(one)
    return bench.items()


def test_any_order_of_arrival_gives_the_same_item():
    """List, order, waybill, supplement and cancellation make the same item in each of 120 orders."""
    everything = [LIST, ORDER, WAYBILL, SUPPLEMENT, CANCELLATION]
    expected = after(everything)
    state, item, *_ = expected["T1"]
    assert state == "cancelled"
    assert item.platform.name == "Shop"
    assert [one.barcode for one in item.content] == ["1", "2"]
    assert item.content[1].origin_country == "CN"
    for order in itertools.permutations(everything):
        assert after(order) == expected


PARTS = [LIST, ORDER, WAYBILL, SUPPLEMENT, CANCELLATION, CHANGE]


@settings(max_examples=60, deadline=None)
@given(st.permutations(PARTS), st.lists(st.integers(1, 3), max_size=6))
def test_order_and_grouping_never_matter(documents, cuts):
    """However documents are ordered and grouped into messages, a change has the last word over its list."""
    expected = after([one for one in PARTS if one is not LIST])
    bench, rest = Bench(), list(documents)
    for cut in [*cuts, len(rest)]:
        bench.take(*rest[:cut])
        rest = rest[cut:]
    assert bench.items() == expected


def test_repeated_document_has_no_effect(bench):
    """The same words under the same reference are accepted again and change nothing."""
    bench.take(LIST)
    before = bench.items()
    assert bench.take(LIST) == [(True, ["ASSEMBLE-REPEATED"])]
    assert bench.items() == before
    assert not bench.touched


def test_duplicate_declaration_is_refused(bench):
    """Other words under a reference in force are refused, and change nothing."""
    bench.take(LIST)
    before = bench.items()
    other = msgspec.structs.replace(LIST, item=msgspec.structs.replace(LIST.item, package_count=9))
    moved = msgspec.structs.replace(LIST, keys=("trk:T2",))
    assert bench.take(other, moved) == [(False, ["ASSEMBLE-DUPLICATE"])] * 2
    assert bench.items() == before


def test_duplicates_within_one_message_are_found(bench):
    """The second document of a message with the reference of the first is compared with it."""
    other = msgspec.structs.replace(LIST, item=msgspec.structs.replace(LIST.item, package_count=9))
    assert bench.take(LIST, LIST, other) == [
        (True, []),
        (True, ["ASSEMBLE-REPEATED"]),
        (False, ["ASSEMBLE-DUPLICATE"]),
    ]
    assert len(bench.tables.contributions) == 1


def test_references_belong_to_their_sender(bench):
    """Another sender may use the same reference, and cannot change or delete what is not its own."""
    bench.take(LIST, scope="one")
    other = msgspec.structs.replace(LIST, keys=("trk:T2",), item=msgspec.structs.replace(LIST.item))
    assert bench.take(other, scope="two") == [(True, [])]
    delete = said("list", "delete", "L1", keys=("trk:T1",), tracking_number="T1")
    assert bench.take(delete, scope="three") == [(True, ["ASSEMBLE-UNKNOWN-PREVIOUS"])]
    assert bench.items()["T1"][0] == "open"


def test_change_replaces_the_list(bench):
    """After a change only its own words count, and the item has a new version."""
    bench.take(LIST)
    assert bench.take(CHANGE) == [(True, [])]
    assert bench.items()["T1"][1].gross_mass is None
    assert bench.touched[0].row.version == 2
    assert [row.retired for row in bench.tables.contributions.values()] == [True, False]


def test_change_of_the_tracking_number_moves_the_item(bench):
    """An item whose list went to another tracking number is deleted; the other one is open."""
    bench.take(LIST)
    moved = said("list", "change", "L1", keys=("trk:T2",), tracking_number="T2")
    bench.take(moved)
    assert {key: one[0] for key, one in bench.items().items()} == {"T1": "deleted", "T2": "open"}


def test_unknown_previous_is_a_warning(bench):
    """A change that comes first is taken, with a warning; the late list is then a duplicate."""
    assert bench.take(CHANGE) == [(True, ["ASSEMBLE-UNKNOWN-PREVIOUS"])]
    assert bench.take(LIST) == [(False, ["ASSEMBLE-DUPLICATE"])]
    assert bench.items()["T1"][1].package_count == 2


def test_stale_change_does_not_count(bench):
    """A change issued before the one in force is kept and does not count."""
    bench.take(LIST, CHANGE)
    before = bench.items()
    old = msgspec.structs.replace(
        CHANGE, issued_at=TIME, item=msgspec.structs.replace(CHANGE.item, package_count=7)
    )
    assert bench.take(old) == [(True, ["ASSEMBLE-STALE"])]
    assert bench.items() == before


def test_stale_change_does_not_revive_what_was_deleted_again(bench):
    """A change issued between a deletion and its repetition comes too late, in any order of arrival."""
    deletion = said("list", "delete", "L1", keys=(TRK,), issued_at=TIME, tracking_number="T1")
    again = msgspec.structs.replace(deletion, issued_at=TIME + timedelta(hours=2))
    bench.take(LIST)
    assert bench.take(deletion) == [(True, [])]
    assert bench.take(again) == [(True, ["ASSEMBLE-REPEATED"])]
    before = bench.items()
    assert before["T1"][0] == "deleted"
    assert not bench.touched
    assert bench.take(CHANGE) == [(True, ["ASSEMBLE-STALE"])]
    assert bench.items() == before
    for order in itertools.permutations([deletion, again, CHANGE]):
        assert after([LIST, *order])["T1"][0] == "deleted"


def test_earlier_repetition_does_not_turn_back_the_time(bench):
    """Words repeated with an earlier time of issue, or none, leave the later time in force."""
    bench.take(CHANGE)
    for issued in (None, TIME - timedelta(hours=9)):
        again = msgspec.structs.replace(CHANGE, issued_at=issued)
        assert bench.take(again) == [(True, ["ASSEMBLE-REPEATED"])]
    (kept,) = bench.tables.contributions.values()
    assert unpack_contribution(kept.body).issued_at == CHANGE.issued_at


def test_deleted_list_deletes_the_item(bench):
    """An item is deleted with its list, even if a waybill still speaks of it."""
    bench.take(LIST, WAYBILL)
    bench.take(said("list", "delete", "L1", keys=(TRK,), tracking_number="T1"))
    assert bench.items()["T1"][0] == "deleted"


def test_cancellation_waits_for_its_list(bench):
    """A cancellation that comes first makes the item cancelled as soon as it comes."""
    bench.take(CANCELLATION)
    assert bench.items() == {}
    bench.take(LIST)
    state, item, *_ = bench.items()["T1"]
    assert (state, item.cancellation_reason) == ("cancelled", "returned")


def test_withdrawn_cancellation_opens_the_item(bench):
    """A cancellation that is deleted lets the item live again."""
    bench.take(LIST, CANCELLATION)
    bench.take(said("cancellation", "delete", "C1", keys=(INV,)))
    assert bench.items()["T1"][0] == "open"


def test_one_order_serves_several_items(bench):
    """An order that comes after two lists fills both items."""
    second = said("list", reference="L2", keys=("trk:T2", ORD), tracking_number="T2")
    bench.take(LIST, second)
    bench.take(ORDER)
    assert [one[1].platform.name for one in bench.items().values()] == ["Shop", "Shop"]


def test_refused_document_leaves_the_others(bench):
    """A document without keys is refused whole, with all its contributions; its neighbours are taken."""
    nameless = msgspec.structs.replace(WAYBILL, keys=())
    outcomes = bench.take((LIST, nameless), SUPPLEMENT)
    assert outcomes == [(False, ["ASSEMBLE-NO-KEY"]), (True, [])]
    assert [row.kind for row in bench.tables.contributions.values()] == ["supplement"]


def test_claimed_facilitation_is_dropped_with_a_finding(bench):
    """Without rules our own submitters' claims are dropped and said so; a partner's words are kept."""
    claim = Facilitation(simplified="yes", reason="we say so")
    mine = msgspec.structs.replace(LIST, item=msgspec.structs.replace(LIST.item, facilitation=claim))
    theirs = msgspec.structs.replace(
        mine, keys=("trk:T2",), item=msgspec.structs.replace(mine.item, tracking_number="T2")
    )
    bench.take(mine)
    bench.take(theirs, scope="partner:beta|agreement")
    (_, ours, *_, findings), (_, kept, *_, none) = (bench.items()[one] for one in ("T1", "T2"))
    assert ours.facilitation is None
    assert b"FACILITATION-CLAIMED" in findings
    assert kept.facilitation == claim
    assert none == b"\x90"


def test_secret_is_kept_for_life(bench):
    """The secret of an item is 32 random bytes that no later message changes."""
    bench.take(WAYBILL)
    (before,) = bench.tables.items.values()
    bench.take(LIST)
    (row,) = bench.tables.items.values()
    assert len(row.secret) == 32
    assert (row.secret, row.created_at) == (before.secret, before.created_at)
    assert row.updated_at > before.updated_at


def test_filing_joins_the_item_by_its_movement_reference_number():
    """What waits under an MRN belongs to the item that bears it, whichever comes first."""
    declared = said("filing", reference="D1", keys=("mrn:26NL1",), mrn="26NL1", package_count=3)
    listed = said("list", reference="L1", keys=("trk:T1", "mrn:26NL1"), tracking_number="T1", mrn="26NL1")
    for order in itertools.permutations((declared, listed)):
        assert after(order)["T1"][1].package_count == 3
