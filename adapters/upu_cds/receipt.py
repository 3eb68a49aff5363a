# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The answer in the form of the message: findings per view, a receipt-phase response per declaration."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.upu_cds.fields import write_moment
from adapters.upu_cds.profiles import Profiles
from adapters.upu_cds.tree import Form, write
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding, has_errors

ROOT = "CDSAcknowledgement"
CONTENT_TYPES: dict[Form, str] = {"json": "application/json", "xml": "application/xml"}
_LATE = "POSTAL-LATE"


def write_receipt(
    form: Form,
    message: DecodedMessage,
    outcomes: Sequence[DocumentOutcome],
    now: datetime,
    profiles: Profiles,
) -> Acknowledgement:
    """Return the receipt; a message refused whole has no views in it, only findings."""
    accepted = sum(one.accepted for one in outcomes)
    top = {
        "MessageId": message.message_id,
        "ReceivedAt": write_moment(now),
        "Status": _status(message, accepted, len(outcomes)),
        "Accepted": _number(accepted),
        "Refused": _number(len(outcomes) - accepted),
        "Findings": [_finding(one) for one in message.findings],
        "Views": [_view(one, now, profiles) for one in outcomes],
    }
    body, _ = write(form, ROOT, top)
    return Acknowledgement(body=body, content_type=CONTENT_TYPES[form])


def _view(outcome: DocumentOutcome, now: datetime, profiles: Profiles) -> dict[str, Any]:
    mail = {key: outcome.echo[key] for key in ("Id", "PostingDt") if key in outcome.echo}
    view: dict[str, Any] = {
        "Position": _number(outcome.position),
        "MailObject": mail,
        "Accepted": msgspec.Raw(b"true" if outcome.accepted else b"false"),
        "Findings": [_finding(one) for one in outcome.findings],
    }
    if "Declared" in outcome.echo:
        view |= _response(outcome, now, profiles)
    return view


def _response(outcome: DocumentOutcome, now: datetime, profiles: Profiles) -> dict[str, Any]:
    """Return the first of the two answers; the profile gives its code, if it has one."""
    late = any(one.code == _LATE for one in outcome.findings)
    profile = profiles.by_name.get(outcome.echo.get("Profile", ""))
    code = ""
    if profile is not None and outcome.accepted:
        code = profile.receipt_late if late else profile.receipt
    said: dict[str, Any] = {"Response": {"ResponseData": {"DecisionCd": code}}} if code else {}
    referral = {
        "Phase": "receipt",
        "Outcome": "registered" if outcome.accepted else "reject",
        "IssuedAt": write_moment(now),
    }
    return said | {"Referral": referral, "Late": msgspec.Raw(b"true" if late else b"false")}


def _number(value: int) -> msgspec.Raw:
    return msgspec.Raw(str(value).encode())


def _status(message: DecodedMessage, accepted: int, documents: int) -> str:
    if has_errors(message.findings) or (documents and not accepted):
        return "refused"
    return "accepted" if accepted == documents else "partial"


def _finding(one: Finding) -> dict[str, Any]:
    """Return a finding with only the parts that say something."""
    whole = {
        "Code": one.code,
        "Severity": one.severity.value,
        "Class": one.finding_class.value,
        "Path": one.path,
        "Position": one.position,
        "Expected": one.expected,
        "Actual": one.actual,
        "Remedy": one.remedy,
        "Rule": one.rule,
    }
    return {name: text for name, text in whole.items() if text}
