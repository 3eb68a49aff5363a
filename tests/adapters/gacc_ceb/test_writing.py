# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import re
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.gacc_ceb import adapter
from adapters.gacc_ceb.catalogue import MESSAGES
from gateway.sample import generate
from gateway.sdk import AdapterError, InputError, Item, Limits, Mass

TYPES = sorted(one.lower() for one in MESSAGES if one != "CEB607")


def _items(message) -> list[Item]:
    return [two.item for one in message.documents for two in one.contributions]


@pytest.mark.parametrize("name", TYPES)
def test_what_is_read_can_be_written_and_read_again(decode, codes, text, now, name) -> None:
    """Every field of a sample survives the way out and back, and the document written has no fault."""
    items = list(adapter.items(text(name).encode(), Limits()))
    assert items
    encoded = adapter.encode(name.upper(), items, now)
    again = decode(encoded.body)
    assert list(adapter.items(encoded.body, Limits())) == items
    expected = {"SCHEMA-UNMAPPED-FIELD", "CEB-UNSIGNED", "CEB-B2B-PAYMENT-DROPPED", "GACC-RETURN-EVENT"}
    assert set(codes(again)) <= expected
    assert all(one.kind == "derived" for one in encoded.losses)


@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["CEB303", "CEB505", "CEB603"]))
def test_generated_documents_survive_the_way_out_and_back(now, seed, kind) -> None:
    """Decode, encode and decode again give the same items for any sample."""
    raw = next(one.raw for one in generate(seed, 3) if kind in one.name)
    items = _items(adapter.decode(raw, Limits()))
    assert len(items) == 3
    assert _items(adapter.decode(adapter.encode(kind, items, now).body, Limits())) == items


@given(note=st.text(max_size=40), amount=st.decimals(0, 10**9, places=5, allow_nan=False))
def test_any_text_and_amount_survives(text, decode, now, note, amount) -> None:
    """Markup, spaces and decimals come back exactly, or the writer refuses; edges are trimmed on reading."""
    item = msgspec.structs.replace(_items(decode(text("ceb605")))[0], note=note.strip() or None)
    if re.search("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", item.note or ""):
        with pytest.raises(InputError) as caught:
            adapter.encode("CEB605", [item], now)
        assert [one.code for one in caught.value.findings] == ["XML-CHARACTER"]
        return
    assert _items(decode(adapter.encode("CEB605", [item], now).body)) == [item]
    order = _items(decode(text("ceb303")))[0]
    order = msgspec.structs.replace(
        order, goods_value=msgspec.structs.replace(order.goods_value, amount=amount)
    )
    assert _items(decode(adapter.encode("CEB303", [order], now).body))[0].goods_value.amount == amount


def test_every_missing_field_is_named(now) -> None:
    """Nothing is written half, and nothing missing goes unnamed."""
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB603", [Item(), Item(tracking_number="X1")], now)
    found = [(one.position, one.path) for one in caught.value.findings]
    assert ("item 1", "InventoryHead/logisticsNo") in found
    assert ("item 2", "InventoryHead/logisticsNo") not in found
    assert ("item 2", "InventoryList") in found
    assert not any(path.endswith(("guid", "appTime")) for _, path in found)


def test_a_short_commodity_code_is_refused_not_padded(decode, text, now) -> None:
    """A gcode has ten digits; six are not made ten."""
    item = _items(decode(text("ceb603")))[0]
    piece = msgspec.structs.replace(item.content[0], commodity_code="610910")
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB603", [msgspec.structs.replace(item, content=(piece,))], now)
    assert [one.code for one in caught.value.findings] == ["SCHEMA-LENGTH"]


def test_what_a_message_cannot_say_is_reported_as_lost(decode, text, now) -> None:
    """A waybill has no place for the destination of an item."""
    item = msgspec.structs.replace(_items(decode(text("ceb505")))[0], destination_country="DE")
    losses = adapter.encode("CEB505", [item], now).losses
    assert [(one.kind, one.path) for one in losses] == [("lost", "destination_country")]


def test_an_hs_code_is_derived_only_where_the_full_code_is_written(decode, text, now) -> None:
    """A list says gcode and so implies the HS code; an order has no place for either."""
    item = _items(decode(text("ceb603")))[0]
    assert [(one.kind, one.path) for one in adapter.encode("CEB603", [item], now).losses] == [
        ("derived", "content[].hs")
    ]
    order = _items(decode(text("ceb303")))[0]
    piece = msgspec.structs.replace(order.content[0], hs="6109", commodity_code="6109100010")
    losses = adapter.encode("CEB303", [msgspec.structs.replace(order, content=(piece,))], now).losses
    assert {(one.kind, one.path) for one in losses} == {
        ("lost", "content[].hs"),
        ("lost", "content[].commodity_code"),
    }
    foreign = msgspec.structs.replace(item.content[0], hs="999999")
    losses = adapter.encode("CEB603", [msgspec.structs.replace(item, content=(foreign,))], now).losses
    assert [(one.kind, one.path) for one in losses] == [("lost", "content[].hs")]


def test_a_manifest_takes_items_as_lines_and_adds_their_masses(decode, text, now) -> None:
    """CEB607 holds one head, a line per item, and the sum of the gross masses."""
    item = _items(decode(text("ceb607")))[0]
    items = [
        msgspec.structs.replace(
            item, tracking_number=f"X{n}", gross_mass=Mass(value=Decimal("0.5"), unit="KGM")
        )
        for n in range(3)
    ]
    body = adapter.encode("CEB607", items, now).body
    assert b"<ceb:grossWeight>1.5<" in body
    document = decode(body).documents[0]
    assert [one.item.tracking_number for one in document.contributions] == ["X0", "X1", "X2"]
    with pytest.raises(InputError):
        adapter.encode("CEB607", [*items, item], now)


def test_items_of_one_arrival_must_agree_about_its_head(decode, text, now) -> None:
    """Two sites cannot stand in one arrival."""
    item = _items(decode(text("ceb507")))[0]
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB507", [item, msgspec.structs.replace(item, supervised_site="GZ02")], now)
    assert [(one.code, one.path) for one in caught.value.findings] == [
        ("SCHEMA-CONFLICT", "ArrivalHead/loctNo")
    ]


@pytest.mark.parametrize("name", ["CEB604", "CEB900", "ITMATT"])
def test_other_types_are_not_written(now, name) -> None:
    """A type that is not ours is the caller's fault."""
    with pytest.raises(AdapterError):
        adapter.encode(name, [Item()], now)


@pytest.mark.parametrize("count", [0, 101])
def test_a_message_takes_1_to_100_items(now, count) -> None:
    """The limits of reading hold for writing."""
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB505", [Item()] * count, now)
    assert [one.code for one in caught.value.findings] == ["SCHEMA-COUNT"]


def test_writing_is_deterministic(decode, text, now) -> None:
    """The same items and time give the same bytes."""
    items = _items(decode(text("ceb603")))
    assert adapter.encode("CEB603", items, now).body == adapter.encode("CEB603", items, now).body
