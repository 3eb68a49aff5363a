# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The answer of this gateway to a sender: JSON, because the public set has no receipt for these messages.

IE4N99 reports errors between administrations but needs codes of CL723, which is not public.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from adapters.eu_ics2.converters import write_second
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding

CONTENT_TYPE = "application/json"


def write(message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime) -> Acknowledgement:
    """Return what became of every document, with all findings."""
    body = {
        "message_type": message.message_type,
        "message_id": message.message_id,
        "answered_at": write_second(now),
        "findings": [_finding(one) for one in message.findings],
        "documents": [
            {
                "position": one.position,
                "accepted": one.accepted,
                "echo": one.echo,
                "findings": [_finding(fault) for fault in one.findings],
            }
            for one in outcomes
        ],
    }
    return Acknowledgement(body=msgspec.json.encode(body), content_type=CONTENT_TYPE)


def _finding(one: Finding) -> dict[str, str]:
    return {
        "code": one.code,
        "severity": one.severity.value,
        "path": one.path,
        "position": one.position,
        "expected": one.expected,
        "actual": one.actual,
        "remedy": one.remedy,
    }
