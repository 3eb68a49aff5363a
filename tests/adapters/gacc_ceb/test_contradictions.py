# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The places where schema and specification of the package contradict each other, and what we decided."""

import pytest

from adapters.gacc_ceb import adapter
from adapters.gacc_ceb.catalogue import compiled
from adapters.gacc_ceb.receipt import receipt_types
from gateway.sdk import has_errors


def _accepted(message) -> bool:
    return not has_errors(message.findings) and all(not has_errors(one.findings) for one in message.documents)


@pytest.mark.parametrize(
    ("mode", "warned"), [("9661", False), ("1261", False), ("9610", True), ("1239", True), ("", True)]
)
def test_ceb213_trade_mode_of_the_specification_is_asked_for_and_of_the_schema_taken(
    *, decode, codes, text, mode, warned
) -> None:
    """The specification's 9661 and 1261 are right; the schema's modes of export, or none, warn."""
    message = decode(text("ceb213").replace("tradeMode>9661<", f"tradeMode>{mode}<"))
    assert _accepted(message)
    assert ("GACC-RETURN-MODE" in codes(message)) is warned


@pytest.mark.parametrize(
    ("length", "good", "warned"), [(500, True, False), (1000, True, True), (1001, False, False)]
)
def test_ceb213_reason_may_be_as_long_as_in_the_specification(
    *, decode, codes, text, length, good, warned
) -> None:
    """Up to 1000 characters are taken; above the schema's 500 they warn."""
    message = decode(text("ceb213").replace("买家拒收", "x" * length))
    assert _accepted(message) is good
    assert ("GACC-RETURN-REASON" in codes(message)) is warned


def test_ceb603_gcode_has_exactly_ten_digits_as_in_the_schema(decode, codes, text) -> None:
    """The schema's exact length refuses a shorter gcode although the specification allows up to ten."""
    message = decode(text("ceb603").replace("<ceb:gcode>6109100010<", "<ceb:gcode>6109<"))
    assert "SCHEMA-LENGTH" in codes(message)


def test_ceb603_gcode_of_simplified_goods_counts_with_four_digits(decode, text) -> None:
    """The specification's meaning holds: statisticsFlag A keeps four digits as hs, B six; never padded."""
    simplified = decode(text("ceb603")).documents[0].contributions[0].item
    full = decode(text("ceb603").replace("Flag>A<", "Flag>B<")).documents[0].contributions[0].item
    assert [one.hs for one in simplified.content] == ["6109", "7323"]
    assert [one.hs for one in full.content] == ["610910", "732393"]
    assert full.content[0].commodity_code == "6109100010"


@pytest.mark.parametrize("mode", ["9610", "1210", "1239", "9710", "9810"])
def test_ceb603_trade_mode_takes_the_modes_of_both_sources(decode, text, mode) -> None:
    """Schema comment (1239) and specification (9710, 9810) are both accepted."""
    message = decode(text("ceb603").replace("tradeMode>9610<", f"tradeMode>{mode}<"))
    assert _accepted(message)
    assert message.documents[0].contributions[0].item.trade_mode == mode


def test_order_type_w_is_an_overseas_warehouse_stocking_order(decode, text) -> None:
    """W is kept as a type of its own; the schema's comment "trade-service order" is not followed."""
    message = decode(text("ceb303").replace("orderType>E<", "orderType>W<"))
    assert _accepted(message)
    assert message.documents[0].contributions[0].item.order_type == "W"


def test_ceb604_list_numbers_are_read_when_absent_and_written_when_unknown(
    decode, text, outcomes, now
) -> None:
    """The numbers are optional on reading (specification) and always written (schema)."""
    assert _accepted(decode(text("ceb604")))
    assert "invtNo" not in text("ceb604")
    message = decode(text("ceb603").replace("51652026E000000001", "").replace("B20261102000000001", ""))
    body = adapter.acknowledge(message, outcomes(message), now).body
    assert b"<ceb:preNo/><ceb:invtNo/>" in body
    assert {"preNo", "invtNo"} <= set(receipt_types()["CEB604"].keys)


@pytest.mark.parametrize("count", ["", "1"])
def test_unsplit_message_counts_may_be_blank_or_one(decode, text, count) -> None:
    """The schema says leave blank, the specification fill 1; both are an unsplit document."""
    blank = text("ceb507").replace("<ceb:msgCount></ceb:msgCount>", f"<ceb:msgCount>{count}</ceb:msgCount>")
    assert _accepted(decode(blank.replace("<ceb:msgSeqNo></", f"<ceb:msgSeqNo>{count}</")))


def test_message_counts_must_be_present_even_if_blank(decode, codes, text) -> None:
    """The schema makes both elements mandatory; leaving them out is refused."""
    assert "SCHEMA-MISSING" in codes(decode(text("ceb507").replace("<ceb:msgCount></ceb:msgCount>", "")))


@pytest.mark.parametrize("name", ["ceb816", "ceb816_without_lines"])
def test_ceb816_is_read_with_and_without_the_numbers_of_the_specification(decode, text, name) -> None:
    """The schema lacks order and waybill number, the specification has both; either is taken."""
    message = decode(text(name))
    assert _accepted(message)
    keys = message.documents[0].contributions[0].keys
    assert ("trk:SF0000000000007" in keys) is ("logisticsNo" in text(name))
    assert "inv:51652026I000000007" in keys


def test_a_signature_is_taken_in_either_namespace(decode, codes, text) -> None:
    """ds:Signature of the schema and ceb:Signature of the specification are both known siblings."""
    signed = text("ceb603_signed")
    other = (
        signed.replace("<ds:", "<ceb:")
        .replace("</ds:", "</ceb:")
        .replace(' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', "")
    )
    for raw in (signed, other):
        message = decode(raw)
        assert _accepted(message)
        assert "SCHEMA-UNKNOWN-FIELD" not in codes(message)
        assert "CEB-UNSIGNED" not in codes(message)


@pytest.mark.parametrize(("name", "longest"), [("ceb213", 30), ("ceb215", 20)])
def test_co_el_no_is_as_long_as_its_message_allows(decode, codes, text, name, longest) -> None:
    """CEB215 allows 20 characters although its receipt has 30."""
    for length, good in ((longest, True), (longest + 1, False)):
        message = decode(text(name).replace("RET20261120000001", "R" * length))
        assert _accepted(message) is good
        assert ("SCHEMA-LENGTH" in codes(message)) is not good
    assert "coElNo" in receipt_types()["CEB216"].keys


@pytest.mark.parametrize(
    ("name", "field", "older", "newer"),
    [
        ("CEB603", "logisticsNo", (1, 80), (1, 32)),
        ("CEB603", "invtNo", (1, 18), (1, 20)),
        ("CEB505", "logisticsNo", (1, 80), (1, 32)),
    ],
)
def test_field_lengths_differ_by_edition(name, field, older, newer) -> None:
    """2018 to 2022: logisticsNo went from 80 to 32 characters, invtNo from 18 to 20."""
    for edition, length in (("2018", older), ("2022", newer)):
        table = compiled(name, edition).table
        row = next(row for group in table.groups for row in group.rows if row.outside == field)
        assert row.in_edition(edition).length == length
