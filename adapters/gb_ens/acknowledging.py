# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The answer to a message: CC316A or CC305A where it is refused and names what these need, else plain JSON.

An acceptance in the format's own terms carries an MRN, which only the authority can give.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.gb_ens.catalogue import MESSAGES, NAMESPACE, XML
from adapters.gb_ens.decoding import FORM
from adapters.gb_ens.times import write_local, write_utc
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding, Severity, has_errors, xml

# Functional error types of the schema; which of them fits a finding is our reading (unverified).
_TYPES = {"SCHEMA-MISSING": "13", "SCHEMA-CODE": "12", "SCHEMA-REPEATED": "35", "SCHEMA-COUNT": "35"}
_OTHER = "90"
_GATEWAY = "GATEWAY"


def acknowledge(
    message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Return the answer to one message."""
    outcome = (
        outcomes[0] if outcomes else DocumentOutcome(position=0, accepted=not has_errors(message.findings))
    )
    echo = outcome.echo
    if not outcome.accepted and echo.get(FORM) == XML:
        answer = {"CC315A": ("CC316A", "lrn"), "CC313A": ("CC305A", "mrn")}.get(echo.get("message", ""))
        needed = (
            () if answer is None else (answer[1], "sender", *(("office", "amended") * (answer[1] == "mrn")))
        )
        if answer is not None and all(echo.get(one) for one in needed):
            return _refusal(answer[0], echo, [*message.findings, *outcome.findings], now)
    body: dict[str, Any] = {
        "gb_ens_receipt": 1,
        "message": echo.get("message", message.message_type),
        "message_id": message.message_id,
        **{name: echo[name] for name in ("lrn", "mrn") if name in echo},
        "received_at": write_utc(now),
        "accepted": outcome.accepted,
        "findings": [_told(one) for one in (*message.findings, *outcome.findings)],
    }
    return Acknowledgement(body=msgspec.json.encode(body), content_type="application/json")


def _refusal(name: str, echo: dict[str, str], found: Sequence[Finding], now: datetime) -> Acknowledgement:
    local = write_local(now)
    errors = [one for one in found if one.severity is Severity.ERROR]
    digest = hashlib.sha256(
        repr((sorted(echo.items()), local, [one.path for one in errors])).encode()
    ).hexdigest()
    head: list[tuple[str, Any]]
    if name == "CC316A":
        head = [("RefNumHEA4", echo["lrn"]), ("DecRejDatTimHEA116", local)]
    else:
        amended = write_local(datetime.fromisoformat(echo["amended"]))
        head = [("DocNumHEA5", echo["mrn"]), ("DatTimAmeHEA113", amended), ("AmeRejDatTimHEA112", local)]
    content: list[tuple[str, Any]] = [
        ("MesSenMES3", _GATEWAY),
        ("MesRecMES6", echo["sender"]),
        ("DatOfPreMES9", local[2:8]),
        ("TimOfPreMES10", local[8:]),
        ("MesIdeMES19", digest[:14].upper()),
        ("MesTypMES20", MESSAGES[name].name),
        ("HEAHEA", head),
        *(("FUNERRER1", _error(one)) for one in errors),
    ]
    if name == "CC305A":
        content.append(("CUSOFFFENT730", [("RefNumCUSOFFFENT731", echo["office"])]))
    body = xml.write(f"ie:{name}", content, attributes={"xmlns:ie": NAMESPACE + name}).body
    return Acknowledgement(body=body, content_type="application/xml")


def _error(one: Finding) -> list[tuple[str, Any]]:
    pointer = (one.path or "message")[:210]
    return [("ErrTypER11", _TYPES.get(one.code, _OTHER)), ("ErrPoiER12", pointer)]


def _told(one: Finding) -> dict[str, str]:
    """Return a finding with only the parts that say something."""
    whole = {
        "code": one.code,
        "severity": one.severity.value,
        "class": one.finding_class.value,
        "path": one.path,
        "position": one.position,
        "expected": one.expected,
        "actual": one.actual,
        "remedy": one.remedy,
        "rule": one.rule,
    }
    return {name: text for name, text in whole.items() if text}
