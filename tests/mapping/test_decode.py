# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading documents: values, and every fault of every field."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gateway.mapping import compile_table
from gateway.model import ContentPiece, Item, Mass, Money, Party, Quantity, Transport


def told(findings):
    """Return what findings are about, for comparison."""
    return sorted((one.code, one.path) for one in findings)


def test_a_good_document_becomes_an_item(syn, head, line):
    """Every mapped field arrives with its type; constants join what they belong to; nothing is found."""
    item, found = syn.decode({"Head": [head], "Line": [line, {**line, "num": "2"}]}, "document 1")
    assert found == []
    piece = ContentPiece(
        number=1,
        quantity=Quantity(value=Decimal(2), unit="C62"),
        unit_price=Money(amount=Decimal("5.25"), currency="CNY"),
        value=Money(amount=Decimal("10.50"), currency="CNY"),
    )
    assert item.content[0] == piece
    assert item.content[1].number == 2
    assert item == Item(
        tracking_number="RR123",
        posting_date=date(2026, 3, 1),
        direction="export",
        trade_mode="AA",
        transport=Transport(bill_number="B1", departed_at=datetime(2026, 3, 1, 19, 4, 5, tzinfo=UTC)),
        package_count=2,
        gross_mass=Mass(value=Decimal("1.250"), unit="KGM"),
        sender=Party(name="Kiln", identifier="AB1", identifier_scheme="syn"),
        note="as agreed",
        content=item.content,
    )


def test_a_constant_needs_a_sibling(syn):
    """A constant inside a record appears only beside a value; one of the document always."""
    item, _ = syn.decode({"Head": [{"guid": "G001", "no": "R1"}]})
    assert item == Item(tracking_number="R1", direction="export")


def test_every_fault_of_every_field_is_reported(syn, head, line):
    """One document with a fault in each field gives one finding per field, with index and position."""
    bad_head = {
        **head,
        "guid": "G1",
        "mode": "CC",
        "Party/Name": "x" * 11,
        "Party/@scheme": "A",
        "posted": "20260230",
        "left": "2026030203040",
        "packages": "1.5",
        "gross": "1e3",
        "remark": "x" * 31,
        "bill": "x" * 10,
    }
    del bad_head["no"]
    bad_line = {"num": "", "cur": "999", "total": "1.234", "price": "-1", "qty": "NaN", "unit": "7"}
    item, found = syn.decode({"Head": [bad_head], "Line": [line, bad_line]}, "document 7")
    assert told(found) == [
        ("SCHEMA-CODE", "Head/mode"),
        ("SCHEMA-CODE", "Line[2]/cur"),
        ("SCHEMA-FORMAT", "Head/gross"),
        ("SCHEMA-FORMAT", "Head/left"),
        ("SCHEMA-FORMAT", "Head/packages"),
        ("SCHEMA-FORMAT", "Head/posted"),
        ("SCHEMA-FORMAT", "Line[2]/price"),
        ("SCHEMA-FORMAT", "Line[2]/qty"),
        ("SCHEMA-FORMAT", "Line[2]/total"),
        ("SCHEMA-LENGTH", "Head/Party/@scheme"),
        ("SCHEMA-LENGTH", "Head/Party/Name"),
        ("SCHEMA-LENGTH", "Head/bill"),
        ("SCHEMA-LENGTH", "Head/guid"),
        ("SCHEMA-LENGTH", "Head/remark"),
        ("SCHEMA-LENGTH", "Line[2]/unit"),
        ("SCHEMA-MISSING", "Head/no"),
        ("SCHEMA-MISSING", "Line[2]/num"),
    ]
    assert {one.position for one in found} == {"document 7"}
    assert all(one.rule and one.expected for one in found)
    assert item.content[1] == ContentPiece()


def test_an_empty_text_is_absent_unless_kept(syn, head):
    """Empty counts as absent; a keep_empty row keeps it as a value."""
    item, found = syn.decode({"Head": [{**head, "mode": "", "remark": "", "no": ""}]})
    assert (item.trade_mode, item.note, item.tracking_number) == (None, "", None)
    assert told(found) == [("SCHEMA-MISSING", "Head/no")]


def test_white_space_is_trimmed_and_told_once(syn, head, line):
    """All repaired fields of a document stand in one finding."""
    head, line = {**head, "no": " RR123\n", "Party/@scheme": "ab1"}, {**line, "qty": "\u30002"}
    item, found = syn.decode({"Head": [head], "Line": [line]}, "document 1")
    assert (item.tracking_number, item.sender.identifier, item.content[0].quantity.value) == (
        "RR123",
        "AB1",
        2,
    )
    (one,) = found
    assert one.code == "SCHEMA-REPAIRED"
    assert one.actual == "white space around Head/no, Line[1]/qty; letter case of Head/Party/@scheme"


def test_unknown_fields_and_groups_are_warned_about(syn, head, line):
    """What the table does not know is named, and the rest is read."""
    item, found = syn.decode({"Head": [{**head, "extra": "1"}], "Line": [{**line, "more": ""}], "Tail": [{}]})
    assert told(found) == [
        ("SCHEMA-UNKNOWN-FIELD", "Head/extra"),
        ("SCHEMA-UNKNOWN-FIELD", "Line[1]/more"),
        ("SCHEMA-UNKNOWN-FIELD", "Tail"),
    ]
    assert item.tracking_number == "RR123"


def test_an_unknown_code_of_an_open_list_is_kept_and_flagged(syn, head, line):
    """The code passes under its mark with a warning; an unknown code of a closed list is an error."""
    item, found = syn.decode({"Head": [head], "Line": [{**line, "unit": "099"}]})
    assert item.content[0].quantity.unit == "SYN:099"
    assert told(found) == [("SCHEMA-CODE-UNKNOWN", "Line[1]/unit")]


def test_the_number_of_groups_is_checked(syn, head, line):
    """A mandatory group must be there, none more often than stated, and an item has one head."""
    assert told(syn.decode({})[1]) == [("SCHEMA-MISSING", "Head")]
    assert told(syn.decode({"Head": [head], "Line": [line] * 4})[1]) == [("SCHEMA-COUNT", "Line")]
    assert told(syn.decode({"Head": [head, head]})[1]) == [
        ("SCHEMA-COUNT", "Head"),
        ("SCHEMA-REPEATED", "Head"),
    ]


def test_a_field_read_by_two_rows_is_reported_once(syn, head, line):
    """Two rows on one field do not double its finding."""
    _, found = syn.decode({"Head": [head], "Line": [{**line, "cur": "9"}]})
    assert told(found) == [("SCHEMA-LENGTH", "Line[1]/cur")]


def test_editions_differ(table, head):
    """A row may belong to one edition, and limits may differ by edition."""
    long = {**head, "no": "x" * 20}
    assert told(compile_table(table, "new").decode({"Head": [long]})[1]) == [("SCHEMA-LENGTH", "Head/no")]
    old = compile_table(table, "old").decode({"Head": [long]})
    assert told(old[1]) == [("SCHEMA-UNKNOWN-FIELD", "Head/bill")]
    assert old[0].tracking_number == "x" * 20


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("0", True),
        ("12345.67", True),
        ("-12345.67", True),
        ("1234567", True),
        ("000012345678.9", False),
        ("0000000.1", True),
        ("1.10000", True),
        ("1.001", False),
        ("12345678", False),
        ("1,5", False),
        ("+1", False),
        ("--1", False),
        ("1e2", False),
        ("NaN", False),
        ("Infinity", False),
        ("1_000", False),
        ("١", False),
        (".5", True),
        ("5.", True),
        (".", False),
        ("-", False),
        ("1.2.3", False),
        ("1 000", False),
        ("0" * 65, False),
    ],
)
def test_plain_numbers_only(syn, head, line, text, good):
    """No exponent, no grouping, no foreign digits; idle zeros do not count against the digits."""
    item, found = syn.decode({"Head": [head], "Line": [{**line, "total": text}]})
    assert (found == []) is good
    if good:
        assert item.content[0].value.amount == Decimal(text)


def test_unmapped_fields_are_listed(syn):
    """The fields that no canonical path takes are known without any message."""
    assert [row.outside for row in syn.unmapped] == ["guid"]
    assert syn.fields("Line") == ("num", "cur", "total", "price", "qty", "unit")


def test_the_generated_source_can_be_read(syn):
    """Both directions show the Python that runs."""
    reading, writing = syn.sources
    assert "v_tracking_number = " in reading
    assert "def encode(item, given, bad):" in writing
