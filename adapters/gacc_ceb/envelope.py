# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The DXP envelope: open it, say what it says, write one around an answer.

Standard: E-Port DXP, namespace http://www.chinaport.gov.cn/dxp. A relay's DxpMsgSv holds a DxpMsg. The
envelope's own signature is reported, not verified. `CreatTime` is the standard's spelling.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.gacc_ceb.times import CHINA
from gateway.sdk import Finding, finding, xml

NAMESPACE = "http://www.chinaport.gov.cn/dxp"
ROOTS = ("DxpMsg", "DxpMsgSv")
VERSION = "1.0"
MARK = "dxp:"
_LENGTHS: Mapping[str, int] = {
    "CopMsgId": 255,
    "SenderId": 16,
    "ReceiverId": 16,
    "CreatTime": 40,
    "MsgType": 30,
}
_MAX_RECEIVERS = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """What an envelope held: the inner bytes, its fields under `dxp:` names, and what was wrong with it."""

    body: bytes
    fields: Mapping[str, str]
    findings: tuple[Finding, ...]


def open_envelope(root: Any) -> Opened:
    """Open a parsed DxpMsg or DxpMsgSv; an empty body with an error finding where that is impossible."""
    message = root if xml.local_name(root) == "DxpMsg" else _child(root, "DxpMsg")
    info = None if message is None else _child(message, "TransInfo")
    data = None if message is None else _child(message, "Data")
    if message is None or info is None or data is None:
        missing = "DxpMsg" if message is None else "TransInfo" if info is None else "Data"
        return Opened(b"", {}, (finding("CEB-ENVELOPE", path=missing, expected=missing),))
    fields, found = _fields(info)
    if _child(message, "Signature") is not None:
        found.append(
            finding("SCHEMA-UNMAPPED-FIELD", path="DxpMsg/Signature", remedy="Not verified by this version.")
        )
    try:
        body = base64.b64decode("".join("".join(data.itertext()).split()), validate=True)
    except (binascii.Error, ValueError):
        return Opened(b"", fields, (*found, finding("CEB-ENVELOPE", path="DxpMsg/Data", expected="base64")))
    return Opened(body, fields, tuple(found))


def _fields(info: Any) -> tuple[dict[str, str], list[Finding]]:
    """Return the fields of TransInfo; several receivers stand in one value, separated by blanks."""
    fields: dict[str, str] = {}
    found: list[Finding] = []
    for name, most in _LENGTHS.items():
        texts = [(one.text or "").strip() for one in info.iter() if xml.local_name(one) == name]
        fields[MARK + name] = " ".join(texts)
        if not any(texts) or any(len(text) > most for text in texts) or len(texts) > _MAX_RECEIVERS:
            path = f"DxpMsg/TransInfo/{name}"
            found.append(finding("CEB-ENVELOPE-FIELD", path=path, expected=f"1 to {most} characters"))
    return fields, found


def _child(element: Any, name: str) -> Any:
    """Return the first child of that local name, in whatever namespace, or None."""
    return next((one for one in element if xml.local_name(one) == name), None)


def answer(body: bytes, fields: Mapping[str, str], message_type: str, copy_id: str, now: datetime) -> bytes:
    """Wrap an answer for the sender of an envelope; sender and first receiver change places."""
    receiver = fields.get(f"{MARK}ReceiverId", "").partition(" ")[0]
    return xml.write(
        "DxpMsg",
        (
            (
                "TransInfo",
                (
                    ("CopMsgId", copy_id),
                    ("SenderId", receiver),
                    ("ReceiverIds", (("ReceiverId", fields.get(f"{MARK}SenderId", "")),)),
                    ("CreatTime", now.astimezone(CHINA).isoformat(timespec="seconds")),
                    ("MsgType", message_type),
                ),
            ),
            ("Data", base64.b64encode(body).decode("ascii")),
        ),
        namespace=NAMESPACE,
        prefix="dxp",
        attributes={"ver": VERSION},
    ).body
