# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The receipt of the form: one outcome per record, with all findings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.ead_json.leaves import write_moment
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding, has_errors

CONTENT_TYPE = "application/json"


def write_receipt(
    message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Return the receipt; a message refused whole has no records in it, only findings."""
    accepted = sum(one.accepted for one in outcomes)
    body = {
        "ead_json_receipt": 1,
        "message_id": message.message_id,
        "received_at": write_moment(now),
        "status": _status(message, accepted, len(outcomes)),
        "accepted": accepted,
        "refused": len(outcomes) - accepted,
        "findings": [_finding(one) for one in message.findings],
        "records": [
            {
                "position": one.position,
                **one.echo,
                "accepted": one.accepted,
                "findings": [_finding(each) for each in one.findings],
            }
            for one in outcomes
        ],
    }
    return Acknowledgement(body=msgspec.json.encode(body), content_type=CONTENT_TYPE)


def _status(message: DecodedMessage, accepted: int, documents: int) -> str:
    if has_errors(message.findings) or (documents and not accepted):
        return "refused"
    return "accepted" if accepted == documents else "partial"


def _finding(one: Finding) -> dict[str, Any]:
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
