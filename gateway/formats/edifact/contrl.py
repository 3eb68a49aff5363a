# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""CONTRL: what was wrong with an interchange on the level of syntax, for its sender (ISO 9735-4).

Only what refuses is reported. Messages that are not named are acknowledged together with the interchange. A
CONTRL is never answered, so two gateways cannot answer each other for ever.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from gateway.formats.edifact.fault import Fault
from gateway.formats.edifact.guide import Guide, Identity, Value
from gateway.formats.edifact.interchange import FunctionalGroup, Interchange, own_guides
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.service import SYNTAX_VERSIONS, Header
from gateway.formats.edifact.tree import Group, Said
from gateway.formats.edifact.write import Outgoing, Written, write_interchange

IDENTITY = Identity("CONTRL", "4", "1", "UN")
_SERVICE_TAGS = ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")
REJECTED, ACKNOWLEDGED = "4", "7"
MOST_SEGMENTS, MOST_ELEMENTS = 999, 99

# Data element 0085 for each finding code; what has no closer code is 18, unspecified error.
SYNTAX_ERRORS: Mapping[str, str] = {
    f"EDIFACT-{name}": code
    for code, names in {
        "2": ("SYNTAX-VERSION",),
        "12": ("CODE", "PATTERN", "DATE"),
        "13": ("SEGMENT-MISSING", "ELEMENT-MISSING", "TRAILER-MISSING", "TRUNCATED"),
        "14": ("MESSAGE-UNKNOWN", "QUALIFIER"),
        "15": ("SEGMENT-UNKNOWN", "SEGMENT-ORDER", "SEGMENT-TAG", "GROUP-NESTED"),
        "16": ("ELEMENT-EXTRA", "COMPONENT-EXTRA"),
        "18": ("LIMIT", "MORE"),
        "19": ("DECIMAL",),
        "20": ("SERVICE-CHARACTERS",),
        "21": ("CHARACTER", "CHARSET-MISMATCH"),
        "22": ("RELEASE",),
        "26": ("REFERENCE-REPEATED",),
        "28": ("REFERENCE",),
        "29": ("COUNT",),
        "30": ("GROUP-MIXED",),
        "31": ("GROUP-TYPE",),
        "32": ("EMPTY",),
        "33": ("OUTSIDE-MESSAGE", "HEADER-MISSING"),
        "35": ("SEGMENT-REPEATED", "ELEMENT-REPEATED"),
        "36": ("GROUP-REPEATED",),
        "37": ("ALPHABETIC", "NUMBER"),
        "38": ("DECIMAL-DIGIT",),
        "39": ("TOO-LONG",),
        "40": ("TOO-SHORT",),
        "46": ("CHARSET-UNKNOWN",),
        "47": ("UNSUPPORTED-SEGMENT",),
        "48": ("CONDITION",),
    }.items()
    for name in names
}


class Report:
    """Gathers what a CONTRL will say while messages stream by; keeps only what is refused."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._refused: list[tuple[str, Group]] = []
        self._other = False

    def add(self, message: Message) -> None:
        """Take account of a message."""
        if message.identity.name == "CONTRL":
            return
        self._other = True
        if not message.accepted:
            self._refused.append((message.group, _message(message)))

    def build(self, interchange: Interchange, *, reference: str, now: datetime) -> Written | None:
        """Return the CONTRL interchange, or None where none may or can be sent.

        Args:
            interchange: after its last message.
            reference: of the interchange and the message to be written.
            now: aware time.
        """
        header = interchange.header
        only_contrl = bool(interchange.message_count) and not self._other
        if header is None or only_contrl or not (header.sender and header.recipient and header.reference):
            return None
        tree = Group(segments=[_uci(header, interchange)])
        groups = {one.reference: one for one in interchange.groups}
        inside: dict[str, Group] = {}
        for name, report in self._refused:
            if name in groups and name not in inside:
                inside[name] = Group("group", [_ucf(groups[name])])
                tree.groups.append(inside[name])
            inside.get(name, tree).groups.append(report)
        syntax = interchange.syntax if interchange.syntax in SYNTAX_VERSIONS else "3"
        moment = now.astimezone(UTC)
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


def build_contrl(
    interchange: Interchange, messages: Iterable[Message], *, reference: str, now: datetime
) -> Written | None:
    """Return the CONTRL about an interchange and its messages; see `Report.build`."""
    report = Report()
    for one in messages:
        report.add(one)
    return report.build(interchange, reference=reference, now=now)


def guide() -> Guide:
    """Return the guide of CONTRL."""
    found = own_guides().find(IDENTITY)
    if found is None:
        raise LookupError(f"the guide of {IDENTITY} is missing")
    return found


def _uci(header: Header, interchange: Interchange) -> Said:
    refused = next((one for one in interchange.faults if one.rejects), None)
    return Said(
        "UCI",
        {
            "0020": header.reference,
            "sender.0004": header.sender,
            "sender.0007": header.sender_qualifier,
            "recipient.0010": header.recipient,
            "recipient.0007": header.recipient_qualifier,
            **_verdict(refused),
        },
    )


def _ucf(group: FunctionalGroup) -> Said:
    return Said(
        "UCF", {"0048": group.reference, "0040": group.sender, "0044": group.recipient, "0083": ACKNOWLEDGED}
    )


def _message(message: Message) -> Group:
    """Return UCM with the segments and elements in error."""
    refusing = [one for one in message.faults if one.rejects]
    service = next((one for one in refusing if one.tag in ("UNH", "UNT")), None)
    verdict = _verdict(service) if service else {"0083": REJECTED}
    version = dict(zip(("0065", "0052", "0054", "0051", "0057"), message.identity, strict=True))
    report = Group("message", [Said("UCM", {"0062": message.reference, **version, **verdict})])
    by_segment: dict[int, list[Fault]] = {}
    for one in refusing:
        if one.tag not in ("UNH", "UNT"):
            by_segment.setdefault(one.segment, []).append(one)
    report.groups += [_segment(number, by_segment[number]) for number in sorted(by_segment)[:MOST_SEGMENTS]]
    return report


def _segment(number: int, faults: list[Fault]) -> Group:
    whole = next((one for one in faults if not one.element), None)
    values: dict[str, Value] = {"0096": str(number)}
    if whole:
        values["0085"] = syntax_error(whole)
    inside = [one for one in faults if one.element][:MOST_ELEMENTS]
    return Group(
        "segment",
        [Said("UCS", values), *(Said("UCD", {"0085": syntax_error(one), **_place(one)}) for one in inside)],
    )


def _verdict(fault: Fault | None) -> dict[str, Value]:
    """Return action, error and place for UCI or UCM."""
    if fault is None:
        return {"0083": ACKNOWLEDGED}
    verdict: dict[str, Value] = {"0083": REJECTED, "0085": syntax_error(fault)}
    if fault.tag in _SERVICE_TAGS:
        verdict |= {"0135": fault.tag, **(_place(fault) if fault.element else {})}
    return verdict


def _place(fault: Fault) -> dict[str, Value]:
    """Return S011, which counts the segment tag as the first position."""
    component: dict[str, Value] = {"0104": str(fault.component)} if fault.component else {}
    return {"0098": str(fault.element + 1), **component}


def syntax_error(fault: Fault) -> str:
    """Return data element 0085 for a fault."""
    return SYNTAX_ERRORS.get(fault.code, "18")
