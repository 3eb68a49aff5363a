# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import base64
from datetime import UTC, datetime

import pytest

from adapters.gacc_ceb import adapter, receipt
from adapters.gacc_ceb.catalogue import MESSAGES
from gateway.sdk import DecodedMessage, finding


@pytest.mark.parametrize("name", sorted(one.lower() for one in MESSAGES))
def test_a_receipt_answers_each_document_with_its_keys(*, decode, outcomes, codes, text, now, name) -> None:
    """The receipt is of the right type, echoes the guid, and reads back without an error."""
    message = decode(text(name))
    body = adapter.acknowledge(message, outcomes(message), now).body
    answer = decode(body)
    pushed = MESSAGES[name.upper()].pushed
    assert answer.message_type == ("CEB900" if pushed else f"CEB{int(name[3:]) + 1}")
    echo = answer.documents[0].echo
    assert echo["guid"] == message.documents[0].echo["guid"]
    assert echo["returnStatus"] == "1"
    assert echo["returnTime"] == "20261105090203456"
    assert echo["returnInfo"].startswith("[Code:1;Desc:stored]")
    assert set(codes(answer)) <= {"SCHEMA-MISSING"}


def test_the_same_question_gets_the_same_answer(decode, outcomes, text, now) -> None:
    """Receipts are deterministic."""
    message = decode(text("ceb603"))
    first = adapter.acknowledge(message, outcomes(message), now)
    assert first == adapter.acknowledge(decode(text("ceb603")), outcomes(message), now)


def test_a_refused_document_gets_every_finding(decode, outcomes, text, now) -> None:
    """All findings stand in returnInfo, errors first."""
    raw = (
        text("ceb603")
        .replace("orderNo>SO20261102000001<", "orderNo><")
        .replace("country>304<", "country>000<")
    )
    message = decode(raw)
    echo = decode(adapter.acknowledge(message, outcomes(message), now).body).documents[0].echo
    assert echo["returnStatus"] == "100"
    for word in (
        "[Code:SCHEMA-MISSING;Desc:InventoryHead/orderNo",
        "InventoryList[2]/country".replace("[", "("),
    ):
        assert word.replace("]", ")") in echo["returnInfo"] or word in echo["returnInfo"]
    assert echo["returnInfo"].index("SCHEMA-CODE") < echo["returnInfo"].index("SCHEMA-UNMAPPED-FIELD")


def test_a_long_text_says_how_much_more_there_is() -> None:
    """A thousand characters are never exceeded, and the cut is said."""
    kind = receipt.receipt_types()["CEB604"]
    many = [finding("SCHEMA-MISSING", path=f"InventoryHead/field{n}") for n in range(60)]
    text = receipt.info(kind, accepted=False, findings=many)
    assert len(text) <= 1000
    shown = text.count("SCHEMA-MISSING")
    assert text.endswith(f"[Code:100;Desc:{60 - shown} more findings]")
    assert len(receipt.info(kind, accepted=False, findings=many[:shown])) <= 1000


def test_markup_in_a_text_cannot_end_it() -> None:
    """Brackets and semicolons of a value are replaced."""
    kind = receipt.receipt_types()["CEB604"]
    text = receipt.info(
        kind, accepted=False, findings=[finding("SCHEMA-CODE", path="x", actual="];[Code:1;\x07")]
    )
    assert text.count("[") == text.count("]") == 2
    assert "\x07" not in text


def test_a_documented_number_is_used_where_there_is_one() -> None:
    """E-Port's own number for a repeated import list is -621004."""
    kind = receipt.receipt_types()["CEB622"]
    text = receipt.info(kind, accepted=False, findings=[finding("CEB-DUPLICATE-DOCUMENT")])
    assert "[Code:-621004;Desc:" in text


def test_a_message_refused_as_a_whole_gets_the_general_receipt(decode, text, now) -> None:
    """Where there is no document to answer, CEB900 tells why."""
    message = decode(text("bad_xml_dtd"))
    answer = decode(adapter.acknowledge(message, [], now).body)
    assert answer.message_type == "CEB900"
    assert "XML-DTD" in answer.documents[0].echo["returnInfo"]
    assert answer.documents[0].echo["returnStatus"] == "100"


def test_an_accepted_receipt_is_answered_too(decode, outcomes, text, now) -> None:
    """The format has no receipt for a receipt; the general one says it was stored."""
    message = decode(text("ceb604"))
    answer = decode(adapter.acknowledge(message, outcomes(message), now).body)
    assert answer.message_type == "CEB900"
    assert answer.documents[0].echo["returnStatus"] == "1"


def test_documents_need_not_be_there_to_be_answered(decode, outcomes, text, now) -> None:
    """The outcomes and the message's own fields are enough."""
    message = decode(text("ceb603"))
    bare = DecodedMessage(
        adapter=message.adapter,
        message_type=message.message_type,
        message_id=message.message_id,
        sender=message.sender,
        findings=message.findings,
    )
    assert adapter.acknowledge(bare, outcomes(message), now) == adapter.acknowledge(
        message, outcomes(message), now
    )


def test_an_envelope_is_answered_in_an_envelope(decode, outcomes, text, now) -> None:
    """Sender and receiver change places and the receipt stands inside."""
    message = decode(text("dxp_ceb603"))
    body = adapter.acknowledge(message, outcomes(message), now).body
    assert b"<dxp:SenderId>DXPEDCCEB0000003<" in body
    assert b"<dxp:ReceiverId>DXPENTSAMPLE0001<" in body
    assert b"<dxp:MsgType>CEB604Message<" in body
    answer = decode(body)
    assert answer.message_type == "CEB604"
    assert not answer.findings


def test_receipts_are_read_into_their_echo_only(decode, text) -> None:
    """Codes and free text of customs are kept as they are; nothing is contributed."""
    document = decode(text("ceb622_without_namespace")).documents[0]
    assert document.contributions == ()
    assert document.echo["returnStatus"] == "-621004"
    assert document.echo["returnInfo"] == "[Code:-621004;Desc:重复申报] 后文"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("120", None),
        ("-302999", None),
        ("777", "CEB-RETURN-STATUS"),
        ("12345678901", "SCHEMA-LENGTH"),
    ],
)
def test_unknown_statuses_are_kept(decode, codes, text, status, code) -> None:
    """Negative numbers are open; other unknown statuses are noted and kept."""
    message = decode(text("ceb604").replace(">800<", f">{status}<"))
    assert message.documents[0].echo["returnStatus"] == status
    assert (code in codes(message)) if code else (codes(message) == [])


@pytest.mark.parametrize("time", ["20261102103105", "2026110210310512X", "20261302103105123"])
def test_a_return_time_has_milliseconds(decode, codes, text, time) -> None:
    """A returnTime is seventeen digits of a real moment."""
    assert "SCHEMA-FORMAT" in codes(decode(text("ceb604").replace("20261102103105123", time)))


def test_unknown_and_repeated_fields_of_a_receipt_are_said(decode, codes, text) -> None:
    """A receipt drops nothing in silence either."""
    raw = text("ceb604").replace("<ceb:copNo>", "<ceb:x>1</ceb:x><ceb:guid>2</ceb:guid><ceb:copNo>")
    assert {"SCHEMA-UNKNOWN-FIELD", "SCHEMA-REPEATED"} <= set(codes(decode(raw)))


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [("51652026E000000001", "800", True), ("51652026E000000001", "120", False), ("", "800", False),
     ("not a number", "800", False)],
)  # fmt: skip
def test_the_release_of_a_list_is_an_event(*, decode, text, number, status, said) -> None:
    """Status 800 with the number of the list says when it was released; all else says nothing that lasts."""
    raw = text("ceb604").replace(">800<", f">{status}<")
    raw = raw.replace("<ceb:statisticsFlag>", f"<ceb:invtNo>{number}</ceb:invtNo><ceb:statisticsFlag>")
    (document,) = decode(raw).documents
    assert len(document.contributions) == said
    for one in document.contributions:
        assert (one.reference, one.keys) == (f"CEB604|{number}", (f"inv:{number}",))
        assert (one.item.list_number, one.item.direction, one.item.event.code) == (number, "export", "CEB604")
        assert one.item.event.at == datetime(2026, 11, 2, 2, 31, 5, 123000, tzinfo=UTC)


def test_a_receipt_without_documents_is_refused(decode, text) -> None:
    """A receipt answers at least one document."""
    raw = text("ceb604").replace("ceb:InventoryReturn>", "ceb:OrderReturn>")
    assert [one.code for one in decode(raw).findings] == ["SCHEMA-UNKNOWN-FIELD", "SCHEMA-COUNT"]


def test_the_inner_bytes_of_an_answer_are_base64_of_the_receipt(decode, outcomes, text, now) -> None:
    """What stands in Data is a whole message of its own."""
    message = decode(text("dxp_ceb603"))
    body = adapter.acknowledge(message, outcomes(message), now).body.decode()
    data = body.partition("<dxp:Data>")[2].partition("<")[0]
    assert base64.b64decode(data).startswith(b'<?xml version="1.0" encoding="UTF-8"?><ceb:CEB604Message')
