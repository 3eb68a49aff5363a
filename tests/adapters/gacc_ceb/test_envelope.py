# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import base64

import pytest

from gateway.sdk import has_errors


def test_the_message_inside_is_read_and_the_envelope_echoed(decode, text) -> None:
    """Contributions are those of the bare message; every echo holds the fields of TransInfo."""
    inside, bare = decode(text("dxp_ceb603")), decode(text("ceb603"))
    assert [one.contributions for one in inside.documents] == [one.contributions for one in bare.documents]
    echo = inside.documents[0].echo
    assert echo["dxp:CopMsgId"] == "4B1C0000-1111-4222-8333-000000000077"
    assert echo["dxp:ReceiverId"] == "DXPEDCCEB0000003"


def test_a_relay_envelope_is_opened(decode, text) -> None:
    """DxpMsgSv holds a DxpMsg."""
    raw = text("dxp_ceb603").partition("?>\n")[2]
    relayed = f'<dxp:DxpMsgSv xmlns:dxp="http://www.chinaport.gov.cn/dxp"><dxp:SvNo/>{raw}</dxp:DxpMsgSv>'
    assert decode(relayed).documents == decode(text("dxp_ceb603")).documents


@pytest.mark.parametrize("part", ["TransInfo", "Data"])
def test_an_envelope_without_a_part_is_refused(decode, text, part) -> None:
    """TransInfo and Data are needed to open an envelope."""
    raw = text("dxp_ceb603").replace(f"dxp:{part}>", "dxp:Other>")
    assert [one.code for one in decode(raw).findings] == ["CEB-ENVELOPE"]


@pytest.mark.parametrize("data", [b"", b"no xml", b"<a>"])
def test_an_envelope_around_rubbish_is_refused(decode, text, data) -> None:
    """What is inside must be XML."""
    start, _, rest = text("dxp_ceb603").partition("<dxp:Data>")
    end = rest[rest.index("<") :]
    assert has_errors(decode(start + "<dxp:Data>" + base64.b64encode(data).decode() + end).findings)


def test_a_signature_of_the_envelope_is_reported(decode, text) -> None:
    """The envelope's own signature is said to be unverified."""
    raw = text("dxp_ceb603").replace("</dxp:DxpMsg>", '<Signature xmlns="urn:x"/></dxp:DxpMsg>')
    assert "DxpMsg/Signature" in [one.path for one in decode(raw).findings]


def test_a_long_field_of_the_envelope_warns(decode, text) -> None:
    """The envelope is judged mildly: the message inside is what counts."""
    message = decode(text("dxp_ceb603").replace("<dxp:SenderId>", "<dxp:SenderId>X"))
    assert [one.path for one in message.findings if one.code == "CEB-ENVELOPE-FIELD"] == [
        "DxpMsg/TransInfo/SenderId"
    ]
    assert message.documents[0].contributions
