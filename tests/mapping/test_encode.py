# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing documents: order, losses, overflow, and what must not be written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from gateway.model import Charge, ContentPiece, Item, Mass, Money, Party, Quantity, Transport


def told(findings):
    """Return what findings are about, for comparison."""
    return sorted((one.code, one.path) for one in findings)


def lost(losses):
    """Return what losses are about, for comparison."""
    return sorted((one.kind, one.path) for one in losses)


@pytest.fixture(name="item")
def _item(syn, head, line):
    return syn.decode({"Head": [head], "Line": [line]})[0]


def test_fields_stand_in_message_order(syn, item, head, line):
    """What was read is written again, in the order of the table, with what only the message knows."""
    document, losses, found = syn.encode(item, {"Head": {"guid": "G001"}})
    assert (losses, found) == ([], [])
    assert document == {"Head": [head], "Line": [line]}
    assert list(document["Head"][0]) == list(head)
    assert list(document["Line"][0]) == list(line)


def test_fields_without_path_are_checked_when_given(syn, item):
    """Texts that only the message knows are asked for once the caller gives any, and checked alike."""
    assert told(syn.encode(item)[2]) == []
    assert told(syn.encode(item, {})[2]) == [("SCHEMA-MISSING", "Head/guid")]
    document, _, found = syn.encode(item, {"Head": {"guid": "G1"}})
    assert told(found) == [("SCHEMA-LENGTH", "Head/guid")]
    assert "guid" not in document["Head"][0]


def test_a_missing_mandatory_field_names_both_sides(syn):
    """The finding has the outside path and the canonical one."""
    found = syn.encode(Item(content=(ContentPiece(number=1),)), position="item 4")[2]
    assert told(found) == [("SCHEMA-MISSING", "Head/no"), ("SCHEMA-MISSING", "Line[1]/qty")]
    assert "canonical field tracking_number" in found[0].expected
    assert {one.position for one in found} == {"item 4"}


def test_every_leaf_without_a_row_is_a_loss(syn, item):
    """Values that the message has no field for are named, top level, nested and in lines."""
    more = msgspec.structs.replace(
        item,
        ucr="U1",
        payer=Party(name="P", telephone="1"),
        freight=Charge(amount=Decimal(0)),
        sender=msgspec.structs.replace(item.sender, email="a@b"),
        content=(msgspec.structs.replace(item.content[0], hs="6911", net_mass=Mass(value=Decimal(0))),),
    )
    losses = syn.encode(more)[1]
    assert lost(losses) == [
        ("lost", "content[].hs"),
        ("lost", "content[].net_mass.value"),
        ("lost", "freight.amount"),
        ("lost", "payer.name"),
        ("lost", "payer.telephone"),
        ("lost", "sender.email"),
        ("lost", "ucr"),
    ]


def test_a_text_is_cut_only_where_the_row_says_so(syn, item):
    """Truncation is a loss and a warning; elsewhere a long text is refused."""
    long = msgspec.structs.replace(
        item, sender=Party(name="Kiln Works Ltd"), trade_mode="CC", tracking_number="x" * 14
    )
    document, losses, found = syn.encode(long)
    assert document["Head"][0]["Party/Name"] == "Kiln Works"
    assert "truncated" in {one.kind for one in losses}
    assert told(found) == [
        ("SCHEMA-CODE", "Head/mode"),
        ("SCHEMA-LENGTH", "Head/no"),
        ("SCHEMA-TRUNCATED", "Head/Party/Name"),
    ]
    assert "no" not in document["Head"][0]


def test_a_number_is_rounded_only_where_the_row_says_so(syn, item):
    """Rounding is half to even, a loss and a warning; elsewhere excess places are refused."""
    piece = msgspec.structs.replace(item.content[0], quantity=Quantity(value=Decimal("1.005"), unit="C62"))
    fine = msgspec.structs.replace(
        item, gross_mass=Mass(value=Decimal("1.0005"), unit="KGM"), content=(piece,)
    )
    document, losses, found = syn.encode(fine)
    assert document["Head"][0]["gross"] == "1.000"
    assert lost(losses) == [("rounded", "gross_mass.value")]
    assert told(found) == [("SCHEMA-FORMAT", "Line[1]/qty"), ("SCHEMA-ROUNDED", "Head/gross")]


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+2", "100"), ("0E-9", "0.000000000"), ("5.10000", "5.10000"), ("99999", "99999"), ("0.01", "0.01")],
)
def test_a_number_is_written_plainly(syn, item, value, text):
    """Exponents are written out, and zeros that carry no value are no excess."""
    piece = msgspec.structs.replace(item.content[0], quantity=Quantity(value=Decimal(value), unit="C62"))
    document, losses, found = syn.encode(msgspec.structs.replace(item, content=(piece,)))
    assert (document["Line"][0]["qty"], losses, found) == (text, [], [])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "12345678", "1E+20"])
def test_a_number_that_does_not_fit_is_refused(syn, item, value):
    """Nothing that the message cannot hold is squeezed into it."""
    piece = msgspec.structs.replace(item.content[0], quantity=Quantity(value=Decimal(value), unit="C62"))
    assert told(syn.encode(msgspec.structs.replace(item, content=(piece,)))[2]) == [
        ("SCHEMA-FORMAT", "Line[1]/qty")
    ]


def test_two_values_in_one_field_must_agree(syn, item):
    """A field that two canonical leaves share refuses different values and takes one that stands alone."""
    apart = msgspec.structs.replace(item.content[0], unit_price=Money(amount=Decimal(1), currency="EUR"))
    assert told(syn.encode(msgspec.structs.replace(item, content=(apart,)))[2]) == [
        ("SCHEMA-CONFLICT", "Line[1]/cur")
    ]
    alone = msgspec.structs.replace(item.content[0], value=None)
    document, _, found = syn.encode(msgspec.structs.replace(item, content=(alone,)))
    assert (document["Line"][0]["cur"], found) == ("142", [])
    assert list(document["Line"][0])[:2] == ["num", "cur"]


def test_a_constant_must_agree_with_the_record(syn, item):
    """What the message states by itself may be silent in the record, never different."""
    pounds = msgspec.structs.replace(item, gross_mass=Mass(value=Decimal(1), unit="LBR"), direction="import")
    assert told(syn.encode(pounds)[2]) == [
        ("SCHEMA-CONFLICT", "direction"),
        ("SCHEMA-CONFLICT", "gross_mass.unit"),
    ]
    silent = msgspec.structs.replace(item, gross_mass=Mass(value=Decimal(1)), direction=None)
    _, losses, found = syn.encode(silent)
    assert (lost(losses), found) == ([("derived", "direction"), ("derived", "gross_mass.unit")], [])
    unsaid = msgspec.structs.replace(item, gross_mass=Mass(unit="KGM"))
    assert lost(syn.encode(unsaid)[1]) == [("lost", "gross_mass.unit")]


def test_codes_go_back(syn, item):
    """The first of several codes is written, a kept code loses its mark, an unknown one is refused."""

    def written(unit):
        piece = msgspec.structs.replace(item.content[0], quantity=Quantity(value=Decimal(1), unit=unit))
        document, _, found = syn.encode(msgspec.structs.replace(item, content=(piece,)))
        return document["Line"][0].get("unit"), told(found)

    assert written("C62") == ("007", [])
    assert written("SYN:099") == ("099", [])
    assert written("SYN:0999") == (None, [("SCHEMA-LENGTH", "Line[1]/unit")])
    assert written("LTR") == (None, [("SCHEMA-CODE", "Line[1]/unit")])


def test_times_need_a_zone(syn, item):
    """A time without zone is refused rather than guessed, and one at the edge of the calendar too."""
    for moment in (datetime(2026, 1, 1), datetime(9999, 12, 31, 23, tzinfo=UTC)):  # noqa: DTZ001 - the fault
        late = msgspec.structs.replace(item, transport=Transport(departed_at=moment))
        assert told(syn.encode(late)[2]) == [("SCHEMA-FORMAT", "Head/left")]
    early = msgspec.structs.replace(item, posting_date=date(1, 1, 1))
    assert syn.encode(early)[0]["Head"][0]["posted"] == "00010101"


def test_too_many_lines_are_told(syn, item):
    """More lines than the group may have is a finding."""
    assert told(syn.encode(msgspec.structs.replace(item, content=item.content * 4))[2]) == [
        ("SCHEMA-COUNT", "Line")
    ]
