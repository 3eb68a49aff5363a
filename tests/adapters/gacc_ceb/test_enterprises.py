# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from adapters.gacc_ceb.enterprises import check_code
from gateway.sdk import has_errors, uscc

BODY = "91440300MA5XAMPL7"
GOOD = BODY + uscc.calc_check_character(BODY)
WRONG = BODY + ("0" if GOOD[-1] != "0" else "1")


@pytest.mark.parametrize("code", [GOOD, "4403961234", "NO", "无", "", "X" * 17])
def test_codes_that_cannot_be_wrong_are_taken(code) -> None:
    """A fitting social credit code, a registration of ten characters and what is neither pass."""
    assert list(check_code(code, "x", "")) == []


@pytest.mark.parametrize("code", [WRONG, GOOD.lower(), "I" + GOOD[1:], "1" * 18])
def test_eighteen_characters_must_be_a_social_credit_code(code) -> None:
    """Wrong check character, small letters and forbidden letters are found."""
    assert [one.code for one in check_code(code, "x", "")] == ["CEB-ENTERPRISE-CODE"]


@pytest.mark.parametrize(
    ("name", "was", "path"),
    [
        ("ceb603", "4403961234", "InventoryHead/ebcCode"),
        ("ceb603", "3301960001", "InventoryHead/ebpCode"),
        ("ceb603", "NO", "InventoryHead/ownerCode"),
        ("ceb603_full", "4401980055", "InventoryHead/iacCode"),
        ("ceb507", "4401980777", "ArrivalHead/operatorCode"),
        ("ceb403", "4403000009", "payCode"),
        ("ceb213", "1100000001", "InvtRefundHead/logisticsCode"),
        ("ceb311", "4403961234", "OrderHead/ebcCode"),
    ],
)
def test_every_enterprise_of_a_document_is_checked(*, decode, text, name, was, path) -> None:
    """Whatever its role, a wrong code refuses the document and is named; a right one does not."""
    assert f"Code>{was}<" in text(name)
    wrong = decode(text(name).replace(f"Code>{was}<", f"Code>{WRONG}<")).documents[0]
    found = [one.path for one in wrong.findings if one.code == "CEB-ENTERPRISE-CODE"]
    assert path in found
    assert wrong.contributions == ()
    right = decode(text(name).replace(f"Code>{was}<", f"Code>{GOOD}<")).documents[0]
    assert not has_errors(right.findings)


def test_the_declarant_of_a_summary_and_the_sender_of_a_transfer_are_checked(decode, text) -> None:
    """The firm that declares a summary and the client of the transfer are enterprises too."""
    raw = text("ceb701").replace("declAgentCode>4401980003<", f"declAgentCode>{WRONG}<")
    message = decode(raw.replace("copCode>4401980003<", f"copCode>{WRONG}<"))
    assert [one.path for one in message.findings if one.code == "CEB-ENTERPRISE-CODE"] == [
        "BaseTransfer/copCode"
    ]
    alone = decode(raw).documents[0]
    assert "SummaryApplyHead/declAgentCode" in [one.path for one in alone.findings]
