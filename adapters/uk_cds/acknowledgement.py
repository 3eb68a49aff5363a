# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer a declaration by a Response: 02 received, or 03 rejected with one Error for each finding.

The gateway is not customs: it never says accepted, controlled or released. Responses have no answer of their
own in the format; whoever sends them gets the outcomes as JSON.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from adapters.uk_cds.catalogue import RES
from adapters.uk_cds.converters import write_moment
from adapters.uk_cds.layout import write
from adapters.uk_cds.writing import CONTENT_TYPE, envelope
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding, has_errors

RECEIVED, REJECTED = "02", "03"
_DESCRIPTION = 512
_REFERENCE, _NUMBER = 35, 70


def acknowledge(
    message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Write the answer."""
    if message.message_type == RES.name:
        told = [
            {
                "position": one.position,
                "accepted": one.accepted,
                "findings": [two.code for two in one.findings],
            }
            for one in outcomes
        ]
        body = {"findings": [one.code for one in message.findings], "documents": told}
        return Acknowledgement(body=msgspec.json.encode(body), content_type="application/json")
    whole = has_errors(message.findings)
    answered = tuple(outcomes) or (DocumentOutcome(position=1, accepted=not whole),)
    bodies = [_response(one, message.findings, now) for one in answered]
    return Acknowledgement(body=envelope(RES, bodies).encode("utf-8"), content_type=CONTENT_TYPE)


def _response(outcome: DocumentOutcome, more: Sequence[Finding], now: datetime) -> str:
    """Write one Response about one declaration."""
    head = {
        "FunctionCode": RECEIVED if outcome.accepted else REJECTED,
        "IssueDateTime[304]": write_moment(now),
    }
    reference = outcome.echo.get("FunctionalReferenceID", "")[:_REFERENCE]
    if reference:
        head["Declaration/FunctionalReferenceID"] = reference
    head["Declaration/ID"] = outcome.echo.get("ID", "")[:_NUMBER]
    if not head["Declaration/ID"]:
        del head["Declaration/ID"]
    errors = [{"Description": _described(one)} for one in (*more, *outcome.findings)]
    body = write(RES, {RES.root: [head], "Response/Error": errors} if errors else {RES.root: [head]})
    if "<Declaration>" not in body:
        body = body.replace("</Response>", "<Declaration/></Response>")
    return body


def _described(one: Finding) -> str:
    """Return code, place and meaning of a finding on one line."""
    parts = (one.code, one.path, one.expected and f"expected {one.expected}", one.remedy)
    return " ".join(" ".join(filter(None, parts)).split())[:_DESCRIPTION].strip()
