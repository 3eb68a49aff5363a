# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gacc_ceb import adapter
from gateway.sdk import Function, Limits, has_errors


@pytest.mark.parametrize("name", ["ceb303", "ceb603_field", "dxp_ceb603", "ceb622_without_namespace"])
def test_our_messages_are_recognised(folder, name) -> None:
    """Namespace or root name in the first kilobyte is enough, also behind a byte-order mark and in UTF-16."""
    raw = (folder / f"{name}.xml").read_bytes()
    assert adapter.recognises(raw)
    assert adapter.recognises(raw.decode("utf-8-sig").encode("utf-16"))


@pytest.mark.parametrize("raw", [b"", b"{}", b"<a/>", b"\xff\xfe", b"UNB+UNOC:3", b"<CEB/>"])
def test_other_bytes_are_not_recognised(raw) -> None:
    """Other formats and rubbish are left to other adapters."""
    assert not adapter.recognises(raw)


@given(st.binary(max_size=300))
def test_decoding_never_raises_for_any_bytes(raw) -> None:
    """Rubbish gives a message with an error finding."""
    assert has_errors(adapter.decode(raw, Limits()).findings)
    adapter.recognises(raw)


@settings(max_examples=200)
@given(data=st.data())
def test_decoding_never_raises_for_a_damaged_message(folder, data) -> None:
    """Any cut, deletion or insertion in a good message gives a result, never an exception."""
    name = data.draw(
        st.sampled_from(
            [
                *("ceb213", "ceb215", "ceb303", "ceb311", "ceb411", "ceb505", "ceb507", "ceb513", "ceb603"),
                *(
                    "ceb604",
                    "ceb621",
                    "ceb625",
                    "ceb701",
                    "ceb711",
                    "ceb792",
                    "ceb816",
                    "ceb818",
                    "dxp_ceb603",
                ),
            ]
        )
    )
    raw = (folder / f"{name}.xml").read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 80)))
    adapter.decode(raw[:start] + data.draw(st.binary(max_size=8)) + raw[end:], Limits())


@pytest.mark.parametrize(("code", "function"), [("1", "new"), ("2", "change"), ("3", "delete")])
def test_app_type_becomes_the_function(decode, text, code, function) -> None:
    """The codes 1, 2 and 3 are new, change and delete."""
    message = decode(text("ceb505").replace("appType>1<", f"appType>{code}<"))
    assert message.documents[0].contributions[0].function is Function(function)


def test_app_time_is_china_time(decode, text) -> None:
    """Fourteen digits are read in UTC+08:00."""
    issued = decode(text("ceb505")).documents[0].contributions[0].issued_at
    assert issued.isoformat() == "2026-11-02T02:30:00+00:00"


def test_a_hundred_documents_are_read_and_one_more_refuses_the_message(decode, text) -> None:
    """The limit of 100 documents holds for the message as a whole."""
    raw = text("ceb505")
    start, end = raw.index("  <ceb:Logistics>"), raw.index("  <ceb:BaseTransfer>")
    one = raw[start:end]
    documents = [
        one.replace("000000000003", f"{n:012d}").replace("LX473124829CN", f"X{n}") for n in range(101)
    ]
    full = decode(raw[:start] + "".join(documents[:100]) + raw[end:])
    assert not has_errors(full.findings)
    assert sum(len(one.contributions) for one in full.documents) == 100
    over = decode(raw[:start] + "".join(documents) + raw[end:])
    assert [one.code for one in over.findings] == ["SCHEMA-COUNT"]
    assert over.documents == ()


def test_one_bad_document_does_not_void_the_others(decode, text) -> None:
    """A fault refuses its own document only."""
    raw = text("ceb505")
    start, end = raw.index("  <ceb:Logistics>"), raw.index("  <ceb:BaseTransfer>")
    bad = raw[start:end].replace("000000000003", "000000000004").replace("packNo>1<", "packNo>many<")
    bad = bad.replace("LX473124829CN", "LX473124832CN")
    message = decode(raw[:start] + bad + raw[start:])
    assert [len(one.contributions) for one in message.documents] == [0, 1]
    assert not has_errors(message.findings)


def test_every_fault_of_a_document_is_told(decode, text) -> None:
    """All findings come at once, not the first alone."""
    raw = (
        text("ceb603")
        .replace("orderNo>SO20261102000001<", "orderNo><")
        .replace("ieDate>20261103<", "ieDate>x<")
    )
    message = decode(raw.replace("country>304<", "country>000<").replace("netWeight>0.71<", "netWeight>9<"))
    found = [(one.code, one.path) for one in message.documents[0].findings]
    assert ("SCHEMA-MISSING", "InventoryHead/orderNo") in found
    assert ("SCHEMA-FORMAT", "InventoryHead/ieDate") in found
    assert ("SCHEMA-CODE", "InventoryHead/country") in found
    assert ("SCHEMA-CODE", "InventoryList[2]/country") in found
    assert ("CEB-MASS-ORDER", "InventoryHead/netWeight") in found


@pytest.mark.parametrize("name", ["guid", "version"])
def test_the_root_attributes_are_mandatory(decode, text, name) -> None:
    """Both guid and version must stand on the root."""
    opening, _, rest = text("ceb303").partition("<ceb:CEB303Message")
    message = decode(f"{opening}<ceb:CEB303Message{rest.replace(f' {name}=', ' xml:base=', 1)}")
    assert [(one.code, one.path) for one in message.findings] == [
        ("SCHEMA-MISSING", f"CEB303Message/@{name}")
    ]


def test_the_root_guid_has_exactly_36_characters(decode, text) -> None:
    """The schema checks the length of the root guid and nothing else."""
    raw = text("ceb303")
    assert "SCHEMA-LENGTH" in [one.code for one in decode(raw.replace("000000000900", "900")).findings]
    assert not has_errors(
        decode(raw.replace("4B1C0000-1111-4222-8333-000000000900", "no uuid" + " " * 29)).findings
    )


@pytest.mark.parametrize(
    "guid", ["4b1c0000-1111-4222-8333-000000000003", "WAYBILL-3" + "0" * 27, f" {'SHORT-3':<35}"]
)
def test_lower_case_and_padded_guids_are_taken(decode, text, guid) -> None:
    """Any 36 characters are a guid, padding included; the receipt gets it without the padding."""
    message = decode(text("ceb505").replace("4B1C0000-1111-4222-8333-000000000003", guid))
    assert not has_errors(message.documents[0].findings)
    assert message.documents[0].echo["guid"] == guid.strip()


@pytest.mark.parametrize("name", ["ceb303", "ceb604"])
def test_a_foreign_namespace_is_refused(decode, codes, text, name) -> None:
    """A namespace that is not ours refuses the message."""
    assert "CEB-NAMESPACE" in codes(decode(text(name).replace("chinaport.gov.cn/ceb", "example.invalid/ceb")))


def test_a_request_without_namespace_is_refused(decode, codes, text) -> None:
    """Only receipts are taken without a namespace."""
    raw = text("ceb303").replace("ceb:", "").replace(' xmlns:ceb="http://www.chinaport.gov.cn/ceb"', "")
    assert "CEB-NAMESPACE" in codes(decode(raw.replace(' xmlns="http://www.chinaport.gov.cn/ceb"', "")))


def test_a_default_namespace_is_as_good_as_a_prefix(decode, text) -> None:
    """The prefix is free."""
    raw = text("ceb603").replace("ceb:", "").replace("xmlns:ceb", "xmlns").replace("xmlns:=", "xmlns=")
    raw = raw.replace(' xmlns:ceb="', ' xmlns="')
    assert decode(raw).documents == decode(text("ceb603")).documents


def test_the_sender_is_who_the_transfer_names(decode, text) -> None:
    """BaseTransfer/copCode is what the message says of its sender; an envelope's SenderId goes before it."""
    assert decode(text("ceb603")).sender == "4401980003"
    assert decode(text("dxp_ceb603")).sender == "DXPENTSAMPLE0001"
