# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Named faults in an EDIFACT interchange: how each is planted, and the finding that must come.

The first ten are those with which open EDIFACT libraries were compared; the others are our own. Names and
addresses are invented.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEAD = "UNB+UNOC:3+SENDER+RECIPIENT+261122:1200+REF1"
_BODY = """\
BGM+335+ITM0001+9
DTM+137:202611221200:203
NAD+MS+J1CXXA
NAD+MR+J1CXXB
GID+1
RFF+AAU:LX473124829XX
GIS+31
MEA+WT+AAB+KGM:1.250
MOA+39:45.50:EUR
NAD+CZ+++LIU ?+ PARTNERS+12 HARBOUR ROAD:BUILDING 3+SHENZHEN++518000+CN
COM+8613800000000:TE
NAD+CN+++ANNA VERHAGE+KERKSTRAAT 4+UTRECHT++3511AB+NL
COM+ANNA?:V(A)EXAMPLE.INVALID:EM
FTX+AAA+++COTTON T-SHIRT, MEN?'S
QTY+47:2
MEA+WT+AAA+KGM:0.400
MOA+66:25.50:EUR
PIA+5+610910:HS
LOC+27+CN
FTX+AAA+++WOODEN TOY TRAIN, REALLY??
QTY+47:1
MEA+WT+AAA+KGM:0.700
MOA+66:20.00:EUR
PIA+5+950300:HS
LOC+27+CN"""

Spoil = Callable[[list[str]], None]


def message(number: int = 1, body: str = _BODY) -> list[str]:
    """Return the segments of a faultless trial message."""
    segments = [f"UNH+{number}+TRLITM:1:0:ZZ:EADGW1", *body.splitlines()]
    return [*segments, f"UNT+{len(segments) + 1}+{number}"]


def interchange(messages: int = 1, head: str = HEAD) -> list[str]:
    """Return the segments of a faultless interchange; with one message it has 29 of them and 28 inside."""
    inside = [segment for number in range(1, messages + 1) for segment in message(number)]
    return [head, *inside, f"UNZ+{messages}+{head.rsplit('+', 1)[1]}"]


def joined(segments: Sequence[str], encoding: str = "latin-1") -> bytes:
    """Return segments as bytes."""
    return ("'".join(segments) + "'").encode(encoding)


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault: what was done, the bytes, and the code that must be found."""

    name: str
    what: str
    code: str
    raw: bytes
    rejects: bool = True


def _at(segments: Sequence[str], begin: str) -> int:
    return next(number for number, one in enumerate(segments) if one.startswith(begin))


def _recount(segments: list[str]) -> None:
    """Set the count in UNT right, so that only the planted fault is there."""
    place = _at(segments, "UNT")
    segments[place] = f"UNT+{place - _at(segments, 'UNH') + 1}+1"


def _drop(begin: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        del segments[_at(segments, begin)]
        _recount(segments)

    return spoil


def _insert(before: str, text: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        segments.insert(_at(segments, before), text)
        _recount(segments)

    return spoil


def _put(begin: str, text: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        segments[_at(segments, begin)] = text

    return spoil


def _swap(one: str, other: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        first, second = _at(segments, one), _at(segments, other)
        segments[first], segments[second] = segments[second], segments[first]

    return spoil


def _again(begin: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        place = _at(segments, begin)
        segments.insert(place, segments[place])
        _recount(segments)

    return spoil


def _end(begin: str) -> Spoil:
    def spoil(segments: list[str]) -> None:
        del segments[_at(segments, begin)]

    return spoil


_UNG = "UNG+{kind}+SENDER+RECIPIENT+261122:1200+{reference}+ZZ+1:0:EADGW1"


def _group(segments: list[str], kind: str = "TRLITM") -> None:
    """Put the message into a functional group."""
    segments.insert(1, _UNG.format(kind=kind, reference="G1"))
    segments.insert(len(segments) - 1, "UNE+1+G1")


def _nest(segments: list[str]) -> None:
    _group(segments)
    segments.insert(2, _UNG.format(kind="TRLITM", reference="G2"))
    segments.insert(len(segments) - 2, "UNE+1+G2")


def _mix(segments: list[str]) -> None:
    _group(segments)
    segments[-1:] = [*message(2), "UNZ+1+REF1"]


def _repeat(segments: list[str]) -> None:
    segments[0] = HEAD.replace("UNOC:3", "UNOC:4").replace("+26", "+2026")
    _put("COM", "COM+1:TE*2:TE")(segments)


def _lower(segments: list[str]) -> None:
    segments[0] = HEAD.replace("UNOC", "UNOA")
    _put("FTX", "FTX+AAA+++cotton shirt")(segments)


# name, what was done, code, how
_TEN: Sequence[tuple[str, str, str, Spoil]] = (
    ("missing_bgm", "Mandatory BGM missing", "EDIFACT-SEGMENT-MISSING", _drop("BGM")),
    ("unknown_segment", "Unknown segment", "EDIFACT-SEGMENT-UNKNOWN", _insert("GID", "XYZ+1")),
    ("wrong_segment_count", "UNT segment count wrong", "EDIFACT-COUNT", _put("UNT", "UNT+99+1")),
    (
        "wrong_message_reference",
        "UNT reference is not that of UNH",
        "EDIFACT-REFERENCE",
        _put("UNT", "UNT+27+2"),
    ),
    ("wrong_message_count", "UNZ count wrong", "EDIFACT-COUNT", _put("UNZ", "UNZ+2+REF1")),
    ("too_long", "Element too long", "EDIFACT-TOO-LONG", _put("QTY", "QTY+47:123456789")),
    ("not_a_number", "Non-numeric amount", "EDIFACT-NUMBER", _put("MOA", "MOA+39:ABC:EUR")),
    ("wrong_order", "Segments out of order", "EDIFACT-SEGMENT-ORDER", _swap("BGM", "DTM")),
)

_OWN: Sequence[tuple[str, str, str, Spoil]] = (
    ("missing_unt", "UNT missing", "EDIFACT-TRAILER-MISSING", _end("UNT")),
    ("missing_unz", "UNZ missing", "EDIFACT-TRAILER-MISSING", _end("UNZ")),
    (
        "wrong_interchange_reference",
        "UNZ reference is not that of UNB",
        "EDIFACT-REFERENCE",
        _put("UNZ", "UNZ+1+REF2"),
    ),
    ("missing_group", "Mandatory group (addressee) missing", "EDIFACT-SEGMENT-MISSING", _drop("NAD+CN")),
    ("repeated_segment", "Segment more often than allowed", "EDIFACT-SEGMENT-REPEATED", _again("GIS")),
    ("repeated_group", "Group more often than allowed", "EDIFACT-GROUP-REPEATED", _again("NAD+CZ")),
    (
        "unknown_qualifier",
        "Qualifier that no place takes",
        "EDIFACT-QUALIFIER",
        _put("NAD+MS", "NAD+QQ+J1CXXA"),
    ),
    (
        "missing_element",
        "Mandatory component missing",
        "EDIFACT-ELEMENT-MISSING",
        _put("RFF", "RFF+:LX473124829XX"),
    ),
    ("extra_element", "More elements than defined", "EDIFACT-ELEMENT-EXTRA", _put("GID", "GID+1+2")),
    (
        "extra_component",
        "More components than defined",
        "EDIFACT-COMPONENT-EXTRA",
        _put("QTY", "QTY+47:2:PCE"),
    ),
    (
        "repeated_element",
        "Repetition of an element that repeats not",
        "EDIFACT-ELEMENT-REPEATED",
        _repeat,
    ),
    ("too_short", "Element too short", "EDIFACT-TOO-SHORT", _put("MOA", "MOA+39:45.50:EU")),
    (
        "digits_in_letters",
        "Digits in an alphabetic element",
        "EDIFACT-ALPHABETIC",
        _put("MOA", "MOA+39:45.50:EU1"),
    ),
    ("two_decimal_marks", "Two decimal marks", "EDIFACT-DECIMAL", _put("MEA", "MEA+WT+AAB+KGM:1.2.5")),
    (
        "bare_decimal_mark",
        "No digit before the decimal mark",
        "EDIFACT-DECIMAL-DIGIT",
        _put("MEA", "MEA+WT+AAB+KGM:.25"),
    ),
    ("unlisted_code", "Code not in a closed list", "EDIFACT-CODE", _put("MOA", "MOA+999:45.50:EUR")),
    (
        "thirtieth_of_february",
        "Date that does not exist",
        "EDIFACT-DATE",
        _put("DTM", "DTM+137:202602301200:203"),
    ),
    (
        "lower_case_country",
        "Value without its prescribed form",
        "EDIFACT-PATTERN",
        _put("NAD+CN", "NAD+CN+++ANNA VERHAGE+KERKSTRAAT 4+UTRECHT++3511AB+nl"),
    ),
    (
        "amount_without_currency",
        "Dependency between components broken",
        "EDIFACT-CONDITION",
        _put("MOA", "MOA+39:45.50"),
    ),
    (
        "stray_release",
        "Release character before an ordinary character",
        "EDIFACT-RELEASE",
        _put("FTX", "FTX+AAA+++IS IT A SHIRT? YES"),
    ),
    (
        "stray_terminator",
        "Unreleased terminator inside a text",
        "EDIFACT-SEGMENT-TAG",
        _put("FTX", "FTX+AAA+++MEN'S SHIRT"),
    ),
    (
        "unknown_charset",
        "Character set that UNB cannot name",
        "EDIFACT-CHARSET-UNKNOWN",
        _put("UNB", HEAD.replace("UNOC", "UNOX")),
    ),
    (
        "lower_case_under_unoa",
        "Lower case under UNOA",
        "EDIFACT-CHARACTER",
        _lower,
    ),
    (
        "old_syntax",
        "Syntax version 1",
        "EDIFACT-SYNTAX-VERSION",
        _put("UNB", HEAD.replace("UNOC:3", "UNOC:1")),
    ),
    (
        "unknown_message",
        "Message without a guide",
        "EDIFACT-MESSAGE-UNKNOWN",
        _put("UNH", "UNH+1+TRLITM:9:0:ZZ:EADGW1"),
    ),
    (
        "nested_group",
        "Functional group inside a functional group",
        "EDIFACT-GROUP-NESTED",
        _nest,
    ),
    (
        "outside_message",
        "User segment outside any message",
        "EDIFACT-OUTSIDE-MESSAGE",
        lambda segments: segments.insert(1, "BGM+1+2"),
    ),
    (
        "no_message",
        "Interchange without a message",
        "EDIFACT-EMPTY",
        lambda segments: segments.__setitem__(slice(1, None), ["UNZ+0+REF1"]),
    ),
    (
        "group_of_another_type",
        "Message of another type than its group",
        "EDIFACT-GROUP-TYPE",
        lambda segments: _group(segments, "OTHER"),
    ),
    (
        "group_and_bare_message",
        "Messages inside and outside of groups",
        "EDIFACT-GROUP-MIXED",
        _mix,
    ),
)


def ten_faults() -> Iterator[Planted]:
    """Yield the ten faults of the comparison."""
    yield from _planted(_TEN)
    segments = interchange()
    place = _at(segments, "NAD+CN")
    segments[place] = "NAD+CN+++\u738b\u5c0f\u660e+KERKSTRAAT 4+UTRECHT++3511AB+NL"
    what = "Chinese characters (UTF-8) under UNOC"
    yield Planted("chinese_under_unoc", what, "EDIFACT-CHARSET-MISMATCH", joined(segments, "utf-8"))
    yield Planted("truncated", "Truncated file", "EDIFACT-TRUNCATED", joined(interchange())[:-40])


def own_faults() -> Iterator[Planted]:
    """Yield the faults of our own naming."""
    yield from _planted(_OWN)
    yield Planted(
        "gbk_under_unoc",
        "Chinese characters in a double-byte set under UNOC",
        "EDIFACT-CHARSET-DOUBT",
        joined([one.replace("ANNA VERHAGE", "\u738b\u5c0f\u660e") for one in interchange()], "gb18030"),
        rejects=False,
    )
    yield Planted(
        "trailing_separators",
        "Separators where nothing follows",
        "EDIFACT-TRAILING-SEPARATOR",
        joined([f"{one}++" if one.startswith("NAD+MS") else one for one in interchange()]),
        rejects=False,
    )
    yield Planted(
        "repeated_reference",
        "Two messages of one reference",
        "EDIFACT-REFERENCE-REPEATED",
        joined([HEAD, *message(1), *message(1), "UNZ+2+REF1"]),
    )
    equal = b"UNA++++++UNB+"
    yield Planted("equal_separators", "UNA with equal separators", "EDIFACT-SERVICE-CHARACTERS", equal)
    yield Planted("not_edifact", "Not EDIFACT at all", "EDIFACT-NO-INTERCHANGE", b"<?xml version='1.0'?><a/>")


def _planted(rows: Sequence[tuple[str, str, str, Spoil]]) -> Iterator[Planted]:
    for name, what, code, spoil in rows:
        segments = interchange()
        spoil(segments)
        yield Planted(name, what, code, joined(segments))
