# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""CONTRL and APERAK about an interchange, from what its documents echo.

CONTRL speaks of syntax, APERAK of rules; neither answers another of its kind. An interchange whose reference
its sender has used before is rejected with error 26, duplicate detected.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Finding, FindingClass, edifact

CONTENT_TYPE = "application/EDIFACT"
REPLAYED = "INTAKE-REPLAYED"
ANSWERS = ("CONTRL", "APERAK")


class Echoed(msgspec.Struct, frozen=True):
    """What an answer needs of an interchange and of one of its messages."""

    header: dict[str, Any]
    syntax: str
    charset: str
    faults: list[dict[str, Any]]
    number: int
    reference: str
    identity: tuple[str, ...]
    refusals: list[dict[str, Any]]


def echo_of(interchange: edifact.Interchange, message: edifact.Message) -> dict[str, str]:
    """Return what the answer will need, as text."""
    echoed = Echoed(
        header=msgspec.to_builtins(interchange.header),
        syntax=interchange.syntax,
        charset=interchange.charset,
        faults=[msgspec.to_builtins(one) for one in interchange.faults],
        number=message.number,
        reference=message.reference,
        identity=tuple(message.identity),
        refusals=[msgspec.to_builtins(one) for one in message.faults if one.rejects],
    )
    return {"edifact": msgspec.json.encode(echoed).decode()}


def write(message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime) -> Acknowledgement:
    """Return CONTRL, then an APERAK for each message about which rules found something; none to answers."""
    if message.message_type and set(message.message_type.split("+")) <= set(ANSWERS):
        return Acknowledgement(body=b"", content_type=CONTENT_TYPE)
    found = [(msgspec.json.decode(one.echo["edifact"], type=Echoed), one) for one in outcomes if one.echo]
    reference = now.astimezone(UTC).strftime("%y%m%d%H%M%S%f")[:14]
    parts: list[bytes] = []
    if found:
        first = found[0][0]
        messages = {one.number: _message(one) for one, _ in found}
        interchange = _interchange(first, len(messages))
        if any(one.code == REPLAYED for one in message.findings):
            interchange.faults.append(edifact.Fault("EDIFACT-REFERENCE-REPEATED", 0, 1, "UNB", 0))
        contrl = edifact.build_contrl(interchange, messages.values(), reference=reference, now=now)
        parts += [contrl.body] if contrl is not None and contrl.body else []
        for number, one in messages.items():
            verdicts = [each for echoed, each in found if echoed.number == number]
            rules = [each for outcome in verdicts for each in _of_rules(outcome.findings)]
            if rules and one.accepted:
                verdict = edifact.Verdict(one.reference, rules)
                sub = f"{reference[:11]}{number:03d}"[:14]
                report = edifact.build_aperak(interchange, one, verdict, reference=sub, now=now)
                parts += [report.body] if report is not None and report.body else []
    if parts:
        return Acknowledgement(body=b"".join(parts), content_type=CONTENT_TYPE)
    told = {
        "message_id": message.message_id,
        "accepted": sum(one.accepted for one in outcomes),
        "findings": [msgspec.to_builtins(one) for one in message.findings],
    }
    return Acknowledgement(body=msgspec.json.encode(told), content_type="application/json")


def _of_rules(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that are not about syntax."""
    return [one for one in findings if one.finding_class is not FindingClass.SYNTAX]


def _interchange(one: Echoed, messages: int) -> edifact.Interchange:
    """Return the interchange as far as answers need it."""
    return edifact.Interchange(
        number=1,
        offset=0,
        header=edifact.Header(**one.header),
        syntax=one.syntax,
        charset=one.charset,
        faults=[edifact.Fault(**each) for each in one.faults],
        message_count=messages,
    )


def _message(one: Echoed) -> edifact.Message:
    """Return a message as far as answers need it."""
    return edifact.Message(
        number=one.number,
        reference=one.reference,
        identity=edifact.Identity(*one.identity),
        guide=None,
        faults=[edifact.Fault(**each) for each in one.refusals],
    )
