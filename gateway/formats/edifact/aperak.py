# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""APERAK: what business rules say of a message that was sound EDIFACT, for its sender.

The layout is our own (`guides/aperak.toml`). It is never an answer to CONTRL or to another report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.finding import Finding, FindingClass, Severity, catalogue, has_errors
from gateway.formats.edifact.charset import CHARSETS, Charset
from gateway.formats.edifact.guide import Guide, Identity
from gateway.formats.edifact.interchange import Interchange, own_guides
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.service import SYNTAX_VERSIONS, Header
from gateway.formats.edifact.tree import Group, Said
from gateway.formats.edifact.write import Outgoing, Written, write_interchange

IDENTITY = Identity("APERAK", "1", "0", "ZZ", "EADGW1")
NOT_ACCEPTED, ACCEPTED = "27", "44"
NEVER_ANSWERED = ("CONTRL", "APERAK")
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one document: its own reference, the findings, and the item each is about if known."""

    document: str
    findings: Sequence[Finding]
    items: Sequence[str] = ()


def build_aperak(
    interchange: Interchange, message: Message, verdict: Verdict, *, reference: str, now: datetime
) -> Written | None:
    """Return the interchange that reports on a message, or None where none may or can be sent.

    Findings of syntax are left out: CONTRL speaks of those.
    """
    header = interchange.header
    if header is None or message.identity.name in NEVER_ANSWERED or not (header.sender and header.recipient):
        return None
    said = [one for one in verdict.findings if one.finding_class is not FindingClass.SYNTAX]
    moment = now.astimezone(UTC)
    tree = Group(
        segments=[
            Said(
                "BGM",
                {
                    "1001": "313",
                    "reference": reference,
                    "function": NOT_ACCEPTED if has_errors(said) else ACCEPTED,
                },
            ),
            Said("DTM", {"qualifier": "137", "time": moment.strftime("%Y%m%d%H%M%S"), "2379": "204"}),
            Said("RFF", {"qualifier": "ACW", "reference": message.reference}),
        ]
    )
    if verdict.document:
        tree.segments.append(Said("RFF", {"qualifier": "DM", "reference": verdict.document[:70]}))
    for number, one in enumerate(said):
        item = verdict.items[number] if number < len(verdict.items) else ""
        tree.groups.append(_error(one, item, CHARSETS[interchange.charset]))
    syntax = interchange.syntax if interchange.syntax in SYNTAX_VERSIONS else "3"
    back = Header(
        sender=header.recipient,
        sender_qualifier=header.recipient_qualifier,
        recipient=header.sender,
        recipient_qualifier=header.sender_qualifier,
        date=moment.strftime("%Y%m%d" if syntax == "4" else "%y%m%d"),
        time=moment.strftime("%H%M"),
        reference=reference,
        application="",
        acknowledgement_requested=False,
        agreement=header.agreement,
        test=header.test,
    )
    return write_interchange(
        back, [Outgoing(guide(), reference, tree)], syntax=syntax, charset=interchange.charset
    )


def guide() -> Guide:
    """Return the guide of the report."""
    found = own_guides().find(IDENTITY)
    if found is None:
        raise LookupError(f"the guide of {IDENTITY} is missing")
    return found


def _error(one: Finding, item: str, charset: Charset) -> Group:
    """Return ERC with the meaning, the place, and what was expected."""
    severity = "warning: " if one.severity is not Severity.ERROR else ""
    texts = [severity + catalogue()[one.code].meaning, f"{one.path} {one.position}".strip()]
    texts.append(f"expected {one.expected}" if one.expected else "")
    values = {
        name: _fit(text, charset)
        for name, text in zip(("text", "text2", "text3"), texts, strict=True)
        if text
    }
    group = Group("error", [Said("ERC", {"code": one.code[:35]}), Said("FTX", {"subject": "AAO", **values})])
    if item:
        group.segments.append(Said("RFF", {"qualifier": "AAU", "reference": item[:70]}))
    return group


def _fit(text: str, charset: Charset) -> str:
    """Return a text as far as the character set of the sender has it; the code says the rest."""
    kept = text.encode(charset.codec, "replace").decode(charset.codec)[:LONGEST]
    kept = kept if charset.name != "UNOA" else kept.upper()
    return "".join(" " if charset.wrong(one) else one for one in kept).strip()
