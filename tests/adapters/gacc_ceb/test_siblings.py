# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from gateway.sdk import has_errors

SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
EXTENSION = "<ceb:ExtendMessage/>"


def _with(raw: str, more: str) -> str:
    return raw.replace("</ceb:BaseTransfer>", "</ceb:BaseTransfer>" + more)


@pytest.mark.parametrize(
    ("name", "more", "good"),
    [
        ("ceb603", SIGNATURE + EXTENSION, True),
        ("ceb603", EXTENSION + SIGNATURE, False),
        ("ceb621", EXTENSION + SIGNATURE, True),
        ("ceb621", SIGNATURE + EXTENSION, False),
    ],
)
def test_signature_and_extension_change_places_by_direction(*, decode, codes, text, name, more, good) -> None:
    """Export: Signature before ExtendMessage; import: after."""
    message = decode(_with(text(name), more))
    assert has_errors(message.findings) is not good
    assert ("SCHEMA-ORDER" in codes(message)) is not good


@pytest.mark.parametrize(("count", "good"), [(0, True), (5, True), (6, False)])
def test_at_most_five_subscribers(decode, text, count, good) -> None:
    """BaseSubscribe comes up to five times."""
    assert has_errors(decode(_with(text("ceb603"), "<ceb:BaseSubscribe/>" * count)).findings) is not good


def test_a_signature_is_reported_with_its_algorithms(decode, text) -> None:
    """What signed the message is said, and that this version does not verify it."""
    found = next(one for one in decode(text("ceb603_signed")).findings if one.path == "Signature")
    assert found.actual.endswith("sm2-sm3 http://www.chinaport.gov.cn/2022/04/xmldsig#sm3")
    assert "Not verified" in found.remedy


def test_an_unsigned_declaration_warns_once(decode, text) -> None:
    """Declared data (appStatus 2) without a signature is taken with a warning; stored data needs none."""
    declared = decode(text("ceb603").replace("appStatus>1<", "appStatus>2<"))
    assert [one.code for one in declared.findings].count("CEB-UNSIGNED") == 1
    assert not has_errors(declared.findings)
    assert "CEB-UNSIGNED" not in [one.code for one in decode(text("ceb603")).findings]


def test_an_unsigned_import_list_always_warns(decode, text) -> None:
    """The schema of CEB621 makes the signature mandatory whatever the status."""
    assert "CEB-UNSIGNED" in [one.code for one in decode(text("ceb621")).findings]
    signed = decode(_with(text("ceb621"), SIGNATURE))
    assert "CEB-UNSIGNED" not in [one.code for one in signed.findings]


def test_an_unknown_sibling_is_said(decode, codes, text) -> None:
    """An element beside the documents that nobody knows is not dropped in silence."""
    assert "SCHEMA-UNKNOWN-FIELD" in codes(decode(_with(text("ceb603"), "<ceb:Extra/>")))


def test_transfer_fields_are_checked(decode, text) -> None:
    """BaseTransfer needs copCode, copName, dxpMode and dxpId within their lengths."""
    missing = decode(text("ceb603").replace("<ceb:dxpMode>DXP</ceb:dxpMode>", ""))
    long = decode(text("ceb603").replace("dxpMode>DXP<", "dxpMode>DXPX<"))
    assert [one.path for one in missing.findings if one.code == "SCHEMA-MISSING"] == ["BaseTransfer/dxpMode"]
    assert [one.path for one in long.findings if one.code == "SCHEMA-LENGTH"] == ["BaseTransfer/dxpMode"]
