# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write interchanges: escaping, truncation, counts and references are made here and cannot be got wrong.

What was written is read again before it is handed out, so nothing leaves that a reader with the same guides
would refuse.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.finding import Finding, finding, has_errors
from gateway.formats.edifact.charset import CHARSETS
from gateway.formats.edifact.guide import GroupUse, Guide, SegmentUse, Value
from gateway.formats.edifact.interchange import FunctionalGroup, Guides
from gateway.formats.edifact.layout import Laid
from gateway.formats.edifact.read import parse
from gateway.formats.edifact.service import SYNTAX_VERSIONS, Header
from gateway.formats.edifact.tokenise import DEFAULT, DEFAULT_4, Elements, ServiceCharacters, escape
from gateway.formats.edifact.tree import Group

Row = tuple[str, Elements]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to write: its guide, its reference (0062), what it says."""

    guide: Guide
    reference: str
    tree: Group
    access: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A written interchange; `body` is empty if it would not be accepted, and the findings say why."""

    body: bytes
    findings: tuple[Finding, ...] = ()


def write_interchange(
    header: Header,
    messages: Sequence[Outgoing | Laid],
    *,
    syntax: str = "4",
    charset: str = "UNOY",
    service: ServiceCharacters | None = None,
    group: FunctionalGroup | None = None,
) -> Written:
    """Write an interchange with UNA.

    Args:
        header: what UNB says; date and time in the form of the syntax version.
        messages: in order; they stand inside one functional group if `group` is given. Those that are laid
            out need syntax 4 and the separators of the standard.
        syntax: "3" or "4".
        charset: the name for UNB, UNOA to UNOL, UNOW or UNOY.
        service: separators; those of the standard if not given.
        group: what UNG says.

    Raises:
        ValueError: a name is not in the guide, or syntax, separators or character set cannot be written.
    """
    if syntax not in SYNTAX_VERSIONS or charset not in CHARSETS:
        raise ValueError(f"cannot write syntax {syntax} in {charset}")
    chosen = service or (DEFAULT_4 if syntax == "4" else DEFAULT)
    if syntax != "4":
        chosen = replace(chosen, repetition=" ")
    if chosen != DEFAULT_4 and any(isinstance(one, Laid) for one in messages):
        raise ValueError("what is laid out has the separators of syntax 4")
    rows = [("UNB", _unb(header, syntax, charset))]
    if group:
        first = messages[0].guide.identity if messages else None
        version = [first.version, first.release, first.association] if first else [""]
        rows.append(
            (
                "UNG",
                _plain(
                    group.kind,
                    group.sender,
                    group.recipient,
                    [header.date, header.time],
                    group.reference,
                    first.agency if first else "",
                    version,
                ),
            )
        )
    texts = [write_segments(rows, chosen)]
    texts += [
        _laid(one) if isinstance(one, Laid) else write_segments(_message(one), chosen) for one in messages
    ]
    rows = [("UNE", _plain(str(len(messages)), group.reference))] if group else []
    rows.append(("UNZ", _plain("1" if group else str(len(messages)), header.reference)))
    decimal = chosen.decimal[0]
    una = chosen.component + chosen.element + decimal + chosen.release + chosen.repetition + chosen.terminator
    text = f"UNA{una}{''.join(texts)}{write_segments(rows, chosen)}"
    try:
        body = text.encode(CHARSETS[charset].codec)
    except UnicodeEncodeError as error:
        position = f"character {error.start}"
        return Written(
            b"", (finding("EDIFACT-CHARACTER", position=position, actual=f"U+{ord(text[error.start]):04X}"),)
        )
    return _checked(body, messages)


def _checked(body: bytes, messages: Sequence[Outgoing | Laid]) -> Written:
    findings = parse(body, Guides(one.guide for one in messages)).findings
    return Written(b"" if has_errors(findings) else body, findings)


def write_segments(rows: Iterable[Row], service: ServiceCharacters = DEFAULT) -> str:
    """Return segments as text; empty ends of segments, elements and composites are cut off.

    Raises:
        ValueError: an element repeats but there is no repetition separator, or data needs a release character
            and there is none.
    """
    return "".join(_segment(tag, elements, service) for tag, elements in rows)


def _segment(tag: str, elements: Elements, service: ServiceCharacters) -> str:
    parts = [_element(one, service) for one in elements]
    while parts and not parts[-1]:
        parts.pop()
    return service.element.join([escape(tag, service), *parts]) + service.terminator


def _element(repetitions: list[list[str]], service: ServiceCharacters) -> str:
    if len(repetitions) > 1 and service.repetition == " ":
        raise ValueError("elements can repeat in syntax version 4 only")
    return service.repetition.join(_composite(one, service) for one in repetitions)


def _composite(components: list[str], service: ServiceCharacters) -> str:
    kept = [escape(one, service) for one in components]
    while kept and not kept[-1]:
        kept.pop()
    return service.component.join(kept)


def _plain(*elements: str | list[str]) -> Elements:
    return [[[one] if isinstance(one, str) else one] for one in elements]


def _unb(header: Header, syntax: str, charset: str) -> Elements:
    return _plain(
        [charset, syntax],
        [header.sender, header.sender_qualifier],
        [header.recipient, header.recipient_qualifier],
        [header.date, header.time],
        header.reference,
        "",
        header.application,
        "",
        "1" if header.acknowledgement_requested else "",
        header.agreement,
        "1" if header.test else "",
    )


def _laid(message: Laid) -> str:
    """Return a message whose segments are written already."""
    trailer = ("UNT", _plain(str(message.size + 2), message.reference))
    return f"{write_segments([_unh(message)], DEFAULT_4)}{message.text}{write_segments([trailer], DEFAULT_4)}"


def _unh(message: Outgoing | Laid) -> Row:
    return "UNH", _plain(message.reference, list(message.guide.identity), message.access)


def _message(message: Outgoing) -> list[Row]:
    rows: list[Row] = [_unh(message)]
    rows += _group(message.guide.root, message.tree)
    rows.append(("UNT", _plain(str(len(rows) + 1), message.reference)))
    return rows


def _group(use: GroupUse, group: Group) -> Iterator[Row]:
    """Yield the segments of a group instance in the order of the guide."""
    names = {part.name for part in use.parts}
    unknown = ({one.name for one in group.segments} | {one.name for one in group.groups}) - names
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} not in group {use.name or '(message)'}")
    for part in use.parts:
        if isinstance(part, SegmentUse):
            for said in group.each(part.name):
                yield part.tag, elements_for(part, said.values)
        else:
            for inner in group.inner(part.name):
                yield from _group(part, inner)


def elements_for(use: SegmentUse, values: Mapping[str, Value]) -> Elements:
    """Return named values at their places.

    Raises:
        ValueError: a name is not in the segment, or repetitions of a composite differ in number.
    """
    unknown = values.keys() - set(use.names)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} not in segment {use.name}")
    elements: Elements = []
    for element in use.segment.elements:
        given = [values.get(one.name, "") for one in element.components]
        columns = [(one,) if isinstance(one, str) else one or ("",) for one in given]
        longest = max((len(one) for one in columns), default=1)
        filled = [one if len(one) == longest else (*one, *[""] * (longest - len(one))) for one in columns]
        elements.append([list(row) for row in zip(*filled, strict=True)])
    return elements
