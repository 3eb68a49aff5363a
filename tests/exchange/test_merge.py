# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who is heard first, and what is noticed when sources disagree."""

from decimal import Decimal

from gateway.exchange.merge import in_order, merge, provenance
from gateway.model import Address, ContentPiece, Document, Mass, Money, Party
from tests.partner_messages import said


def merged(*contributions):
    """Merge in order."""
    return merge(in_order(contributions))


def test_one_source_is_untouched():
    """A single contribution is the item, without a copy."""
    one = said("list", tracking_number="T1")
    assert merge([one])[0] is one.item


def test_precedence_is_that_of_the_kinds():
    """The list is heard before the waybill, the waybill before the order."""
    item, _ = merged(
        said("order", goods_summary="order", note="order", ucr="order"),
        said("waybill", goods_summary="waybill", note="waybill"),
        said("list", goods_summary="list"),
    )
    assert (item.goods_summary, item.note, item.ucr) == ("list", "waybill", "order")


def test_nested_records_are_filled_leaf_by_leaf():
    """A party known in part from one source is completed from the next."""
    item, findings = merged(
        said("list", addressee=Party(name="A", address=Address(country="AU"))),
        said("supplement", addressee=Party(name="B", telephone="1", address=Address(country="NZ", city="X"))),
    )
    assert item.addressee == Party(name="A", telephone="1", address=Address(country="AU", city="X"))
    assert findings == []


def test_contradictions_name_the_path_and_nothing_else():
    """A later source that differs in a compared leaf leaves a warning with the path, without the values."""
    item, findings = merged(
        said(
            "list",
            package_count=1,
            gross_mass=Mass(value=Decimal("1.0"), unit="KGM"),
            content=(ContentPiece(number=1, value=Money(amount=Decimal(5), currency="CNY")),),
        ),
        said("waybill", package_count=2, gross_mass=Mass(value=Decimal(1), unit="KGM")),
        said("order", content=(ContentPiece(number=1, value=Money(amount=Decimal(6), currency="CNY")),)),
    )
    assert item.package_count == 1
    assert [(one.code, one.path) for one in findings] == [
        ("MERGE-CONFLICT", "package_count"),
        ("MERGE-CONFLICT", "content[0].value.amount"),
    ]
    assert all(one.actual == one.expected == "" for one in findings)


def test_pieces_match_by_item_number_before_number():
    """An order's piece goes to the piece with its item number, wherever it stands."""
    item, _ = merged(
        said(
            "list", content=(ContentPiece(number=1, item_number="a"), ContentPiece(number=2, item_number="b"))
        ),
        said(
            "order",
            content=(
                ContentPiece(number=1, item_number="b", barcode="B"),
                ContentPiece(number=2, item_number="a", barcode="A"),
            ),
        ),
    )
    assert [one.barcode for one in item.content] == ["A", "B"]


def test_ambiguous_item_numbers_fall_back_to_numbers():
    """Pieces with one item number twice are matched by number."""
    pieces = (ContentPiece(number=1, item_number="a"), ContentPiece(number=2, item_number="a"))
    others = tuple(
        ContentPiece(number=one.number, item_number="a", barcode=str(one.number)) for one in reversed(pieces)
    )
    item, _ = merged(said("list", content=pieces), said("order", content=others))
    assert [one.barcode for one in item.content] == ["1", "2"]


def test_number_alone_never_joins_other_goods():
    """Two pieces with the same number but other item numbers are not the same goods."""
    item, _ = merged(
        said("list", content=(ContentPiece(number=1, item_number="a"),)),
        said("order", content=(ContentPiece(number=1, item_number="z", barcode="Z"),)),
    )
    assert item.content == (ContentPiece(number=1, item_number="a"),)


def test_supplement_matches_by_number_only():
    """A supplement speaks of the pieces by their numbers."""
    item, _ = merged(
        said(
            "list", content=(ContentPiece(number=1, item_number="a"), ContentPiece(number=2, item_number="b"))
        ),
        said("supplement", content=(ContentPiece(number=2, origin_country="CN"),)),
    )
    assert [one.origin_country for one in item.content] == [None, "CN"]


def test_first_source_with_pieces_gives_them():
    """Without pieces in the list, those of the next source are the pieces."""
    item, _ = merged(
        said("list", tracking_number="T1"),
        said("order", content=(ContentPiece(number=1, barcode="1"),)),
    )
    assert [one.barcode for one in item.content] == ["1"]


def test_other_repeated_groups_are_those_of_the_first_source_that_has_any():
    """Papers are not joined across sources: the first source that names any names them all."""
    words = [
        said("supplement", documents=(Document(kind="licence", number="S1"), Document(number="S2"))),
        said("list", tracking_number="T1"),
        said("postal", documents=(Document(kind="invoice", number="P1"),)),
    ]
    for order in (words, words[::-1]):
        item, findings = merged(*order)
        assert [one.number for one in item.documents] == ["P1"]
        assert findings == []
    found = provenance(list(enumerate(in_order(words))))
    assert found["documents"] == ("postal", 1)


def test_provenance_names_the_source_of_each_leaf():
    """Every leaf of the merged item is traced to the contribution that gave it."""
    contributions = in_order(
        [
            said(
                "supplement",
                addressee=Party(name="S", email="e"),
                content=(ContentPiece(number=1, note="n"),),
            ),
            said("list", tracking_number="T1", addressee=Party(name="L"), content=(ContentPiece(number=1),)),
        ]
    )
    found = provenance(list(enumerate(contributions)))
    assert found == {
        "tracking_number": ("list", 0),
        "addressee.name": ("list", 0),
        "addressee.email": ("supplement", 1),
        "content[0].number": ("list", 0),
        "content[0].note": ("supplement", 1),
    }
