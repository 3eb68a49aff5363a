# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from decimal import Decimal

import msgspec
import pytest

from adapters.gacc_ceb import adapter
from gateway.sdk import ContributionKind, Function, InputError, Limits, has_errors


def _only(message):
    """Return the one contribution of a message."""
    return message.documents[0].contributions[0]


def test_a_return_of_exports_is_an_event_with_everything_it_says(decode, text) -> None:
    """List, office, reason, lines and all three quantities of CEB213 stand in the record."""
    one = _only(decode(text("ceb213")))
    assert one.kind is ContributionKind.EVENT
    assert one.keys == ("trk:LX473124829CN", "inv:51652026E000000001")
    assert one.reference == "CEB213|4401980003|RET20261120000001"
    item = one.item
    assert (item.event.scheme, item.event.code, item.event.note) == ("gacc_ceb", "CEB213", "买家拒收")
    assert (item.trade_mode, item.departure_country, item.declaration_office) == ("9661", "DE", "5165")
    first = item.content[0]
    assert first.number == 1
    assert [one.value for one in (first.quantity, first.legal_quantity, first.second_quantity)] == [
        Decimal(1),
        Decimal(1),
        Decimal("0.18"),
    ]


def test_a_tally_is_an_event_that_names_its_return(decode, text) -> None:
    """CEB215 carries the number of the return it tallied and where the goods lie."""
    item = _only(decode(text("ceb215"))).item
    assert {one.code: one.text for one in item.filing.statements} == {
        "CEB215/coElNo": "RET20261120000001",
        "CEB215/preNo": "B20261120000000213",
        "CEB215/location": "R-03",
    }
    assert item.site_operator.identifier == "4401980777"


def test_an_import_return_is_an_event_joined_by_parcel_order_and_list(decode, text) -> None:
    """CEB625 names parcel, order and list."""
    one = _only(decode(text("ceb625")))
    assert one.keys == ("trk:SF0000000000007", "ord:3301960001|IM20261102000007", "inv:51652026I000000007")
    assert one.item.event.note == "商品与描述不符"


@pytest.mark.parametrize(("code", "function"), [("2", Function.CHANGE), ("3", Function.DELETE)])
def test_a_return_can_be_changed_and_taken_back(decode, text, code, function) -> None:
    """The application type says what becomes of an earlier return with the same number."""
    first = _only(decode(text("ceb213")))
    later = _only(decode(text("ceb213").replace("appType>1<", f"appType>{code}<")))
    assert later.function is function
    assert later.reference == first.reference


def test_a_partial_return_names_lines_of_the_original_and_has_gaps(decode, codes, text) -> None:
    """Only line 2 of the original comes back; that is no fault of numbering."""
    raw = text("ceb213")
    start, end = raw.index("    <ceb:InvtRefundList>"), raw.rindex("    <ceb:InvtRefundList>")
    message = decode(raw[:start] + raw[end:])
    assert [one.number for one in _only(message).item.content] == [2]
    assert set(codes(message)) == {"SCHEMA-UNMAPPED-FIELD", "GACC-RETURN-EVENT"}


@pytest.mark.parametrize(
    ("name", "number", "good"),
    [
        ("ceb213", "51652026E00000000001", True),
        ("ceb213", "51652026I000000001", False),
        ("ceb213", "51652026E1", False),
        ("ceb215", "51652026I000000001", False),
        ("ceb625", "51652026I000000008", True),
        ("ceb625", "51652026E000000008", False),
    ],
)
def test_the_original_list_is_one_of_the_right_direction(*, decode, codes, text, name, number, good) -> None:
    """Exports come back under a list with E, import returns go out under a list with I."""
    was = "51652026I000000007" if name == "ceb625" else "51652026E000000001"
    message = decode(text(name).replace(was, number))
    assert ("GACC-RETURN-LIST" not in codes(message)) is good
    assert has_errors(message.documents[0].findings) is not good


def test_another_office_than_that_of_the_list_is_said_and_not_judged(decode, text) -> None:
    """Whether the two zones may is dated law that needs the list; the adapter names both offices."""
    document = decode(text("ceb213").replace("customsCode>5165<", "customsCode>2924<")).documents[0]
    found = next(one for one in document.findings if one.code == "GACC-RETURN-ZONE")
    assert (found.expected, found.actual) == ("5165", "2924")
    assert document.contributions


def test_an_own_number_is_given_to_a_return_that_has_none(now, text) -> None:
    """A return written from plain data is numbered within the length of its field."""
    item = adapter.items(text("ceb213").encode(), Limits())[0]
    bare = msgspec.structs.replace(item, filing=None)
    again = adapter.items(adapter.encode("CEB213", [bare], now).body, Limits())[0]
    number = again.filing.statements[0]
    assert number.code == "CEB213/coElNo"
    assert len(number.text) == 30


def test_a_tally_without_the_number_of_its_return_is_not_written(now, text) -> None:
    """The number belongs to another document, so it is not made up; the missing field is named."""
    item = adapter.items(text("ceb215").encode(), Limits())[0]
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB215", [msgspec.structs.replace(item, filing=None)], now)
    assert [(one.code, one.path) for one in caught.value.findings] == [("SCHEMA-MISSING", "coElNo")]


def test_a_refused_return_is_not_called_an_event(decode, codes, text) -> None:
    """Only what was kept as an event is said to be one."""
    assert "GACC-RETURN-EVENT" not in codes(decode(text("bad_schema_missing__ceb213")))
