# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from gateway.sdk import has_errors


def test_each_line_of_an_arrival_is_a_contribution(decode, text) -> None:
    """Lines speak of different items and are joined by their own tracking number."""
    found = decode(text("ceb507")).documents[0].contributions
    assert [one.keys for one in found] == [("trk:LX473124829CN",), ("trk:LX473124832CN",)]
    assert [one.reference for one in found] == [
        "4401980777|ARR20261102001|LX473124829CN",
        "4401980777|ARR20261102001|LX473124832CN",
    ]
    assert found[1].item.note == "外包装破损"
    assert found[0].item.supervised_site == "GZ01"


def test_a_fault_in_a_later_line_is_told_with_its_number(decode, text) -> None:
    """The path of a finding counts the lines of the document."""
    document = decode(text("ceb507").replace("gnum>2<", "gnum>two<")).documents[0]
    assert [one.path for one in document.findings if one.code == "SCHEMA-FORMAT"] == ["ArrivalList[2]/gnum"]
    assert document.contributions == ()


def test_a_head_fault_of_many_lines_is_told_once(decode, text) -> None:
    """The head is read with every line but speaks once."""
    document = decode(text("ceb507").replace("trafMode>5<", "trafMode>55<")).documents[0]
    assert [one.path for one in document.findings] == ["ArrivalHead/trafMode"]


def test_an_arrival_without_lines_is_refused(decode, text) -> None:
    """A document needs at least one line."""
    raw = text("ceb509")
    start, end = raw.index("    <ceb:DepartureList>"), raw.index("  </ceb:Departure>")
    assert has_errors(decode(raw[:start] + raw[end:]).documents[0].findings)


def test_the_mass_of_a_manifest_is_not_the_mass_of_an_item(decode, text) -> None:
    """The gross mass of CEB607 belongs to all its lines together and is not mapped."""
    message = decode(text("ceb607"))
    assert message.documents[0].contributions[0].item.gross_mass is None
    assert "WayBillHead/grossWeight" in [one.path for one in message.findings]


def test_unmapped_fields_are_told_once_a_message(decode, text) -> None:
    """A filled field that nothing takes is said once, an empty one not at all."""
    paths = [one.path for one in decode(text("ceb507")).findings if one.code == "SCHEMA-UNMAPPED-FIELD"]
    assert paths == ["ArrivalHead/appStatus", "ArrivalHead/note", "ArrivalList/gnum"]


def test_a_document_of_2018_is_taken_as_such(decode, text) -> None:
    """A tracking number of 60 characters was valid in 2018."""
    document = decode(text("ceb603_2018")).documents[0]
    assert [one.code for one in document.findings] == ["CEB-EDITION-OLDER"]
    assert document.contributions[0].item.tracking_number == "X" * 60


def test_a_document_of_neither_edition_is_refused_by_the_newer(decode, text) -> None:
    """Findings are those of the 2022 edition."""
    document = decode(text("ceb603_2018").replace("X" * 60, "X" * 81)).documents[0]
    assert [one.expected for one in document.findings] == ["1 to 32 characters"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("COP20261102000001", "COP20261102000002", "InventoryHead/guid"),
        ("8333-000000000006", "8333-000000000016", "InventoryHead/"),
    ],
)
def test_a_repeated_document_is_refused(decode, text, old, new, path) -> None:
    """The same guid or the same reference twice in a message refuses the second document."""
    raw = text("ceb603")
    start, end = raw.index("  <ceb:Inventory>"), raw.index("  <ceb:BaseTransfer>")
    first, second = decode(raw[:end] + raw[start:end].replace(old, new) + raw[end:]).documents
    assert first.contributions
    assert [(one.code, one.path) for one in second.findings] == [("CEB-DUPLICATE-DOCUMENT", path)]


def test_parts_of_a_split_document_are_no_repeats(decode, text) -> None:
    """The same manifest number with another part number is another document."""
    raw = text("ceb607").replace("msgCount>1<", "msgCount>2<")
    start, end = raw.index("  <ceb:WayBill>"), raw.index("</ceb:CEB607Message>")
    part = raw[start:end].replace("msgSeqNo>1<", "msgSeqNo>2<").replace("000000000008", "000000000018")
    message = decode(raw[:end] + part.replace("LX473124829CN", "LX473124832CN") + raw[end:])
    assert all(not one.findings for one in message.documents)


def test_the_keys_of_a_list(decode, text) -> None:
    """A list is joined by tracking number, order and, once it has one, list number."""
    one = decode(text("ceb603")).documents[0].contributions[0]
    assert one.keys == ("trk:LX473124829CN", "ord:3301960001|SO20261102000001", "inv:51652026E000000001")
    assert one.reference == "4401980003|COP20261102000001"


@pytest.mark.parametrize(
    ("name", "reference", "keys"),
    [
        ("ceb303", "3301960001|SO20261102000001", ("ord:3301960001|SO20261102000001",)),
        ("ceb403", "4403000009|PAY0000000001", ("ord:3301960001|SO20261102000001",)),
        ("ceb505", "1100000001|LX473124829CN", ("trk:LX473124829CN",)),
        ("ceb605", "4401980003|CAN20261104001", ("inv:51652026E000000001",)),
        (
            "ceb621",
            "4401980003|IMC20261102000007",
            ("trk:SF0000000000007", "ord:3301960001|IM20261102000007"),
        ),
    ],
)
def test_references_and_keys(decode, text, name, reference, keys) -> None:
    """Each kind of document has its own reference and keys."""
    one = decode(text(name)).documents[0].contributions[0]
    assert (one.reference, one.keys) == (reference, keys)


def test_orders_on_a_platform_without_code_meet_within_their_seller(decode, text) -> None:
    """The number of an order is unique within its platform, and where that has no code within the seller."""
    stocking = text("ceb303_stocking")
    seller = re.search(r"ebcCode>([^<]+)<", stocking)[1]
    number = re.search(r"orderNo>([^<]+)<", stocking)[1]
    first = decode(stocking).documents[0].contributions[0]
    assert (first.reference, first.keys) == (f"无@{seller}|{number}", (f"ord:无@{seller}|{number}",))
    listed = (
        text("ceb603")
        .replace("ebpCode>3301960001<", "ebpCode>无<")
        .replace("orderNo>SO20261102000001<", f"orderNo>{number}<")
    )
    owner = re.search(r"ebcCode>([^<]+)<", listed)[1]
    assert f"ord:无@{owner}|{number}" in decode(listed).documents[0].contributions[0].keys
    other = (
        decode(stocking.replace(f"ebcCode>{seller}<", "ebcCode>4403999999<")).documents[0].contributions[0]
    )
    assert other.keys != first.keys


@pytest.mark.parametrize(
    ("name", "field", "reference"),
    [
        ("ceb403", "payNo", "4403000009|SO20261102000001"),
        ("ceb621", "copNo", "4401980003|SF0000000000007"),
    ],
)
def test_an_absent_number_gives_way_to_a_mandatory_one(decode, text, name, reference, field) -> None:
    """Where a document's own number is optional, another number makes the reference."""
    lines = [line for line in text(name).splitlines() if f"<ceb:{field}>" not in line]
    assert decode("\n".join(lines)).documents[0].reference == reference
