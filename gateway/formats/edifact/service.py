# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The service segments UNB, UNG, UNH, UNT, UNE and UNZ, and what the first bytes of an interchange say."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

from gateway.formats.edifact.charset import CHARSETS, Charset
from gateway.formats.edifact.guide import SegmentUse, Values
from gateway.formats.edifact.guide_load import load_segments
from gateway.formats.edifact.pattern import Matcher, compile_use
from gateway.formats.edifact.tokenise import DEFAULT, DEFAULT_4, INFORMATION_SEPARATORS, ServiceCharacters

SYNTAX_VERSIONS = ("3", "4")
_UNA_SIZE = 9
_MARKS = ".,"


@dataclass(frozen=True, slots=True)
class Service:
    """A service segment compiled."""

    use: SegmentUse
    match: Matcher
    names: tuple[str, ...]


@functools.cache
def service_segments() -> Mapping[str, Service]:
    """Return the service segments by tag, read once."""
    raw = files("gateway.formats.edifact").joinpath("guides", "service.toml").read_bytes()
    found = {}
    for tag, segment in load_segments(raw).items():
        use = SegmentUse(tag, segment, 1, 1)
        matcher = compile_use(use, _MARKS)
        if matcher is None:
            raise ValueError(f"service segment {tag} repeats an element")
        found[tag] = Service(use, matcher, use.names)
    return found


@dataclass(frozen=True, slots=True)
class Opening:
    """How an interchange is to be read; `faults` are (code, expected, actual)."""

    skip: int  # bytes of UNA
    service: ServiceCharacters
    charset: Charset
    syntax: str
    decimal: str
    faults: tuple[tuple[str, str, str], ...] = ()
    readable: bool = True


def read_opening(raw: bytes) -> Opening | None:
    """Read UNA and the syntax identifier of UNB from the first bytes; None if more bytes are needed."""
    if raw.startswith(b"UNA"):
        if len(raw) < _UNA_SIZE + 4:
            return None
        return _after_una(raw)
    if len(raw) < len("UNB+"):
        return (
            None
            if b"UNB+".startswith(raw) or b"UNA".startswith(raw)
            else _refused("EDIFACT-NO-INTERCHANGE", raw)
        )
    if raw.startswith(b"UNB\x1d"):
        return _identified(raw, 0, INFORMATION_SEPARATORS, _MARKS)
    if raw.startswith(b"UNB+"):
        return _identified(raw, 0, DEFAULT, _MARKS)
    return _refused("EDIFACT-NO-INTERCHANGE", raw)


def _after_una(raw: bytes) -> Opening | None:
    text = raw[3:_UNA_SIZE].decode("latin-1")
    functions = [text[0], text[1], text[5], *(one for one in (text[3], text[4]) if one != " ")]
    wrong = any(one.isalnum() or not one.isascii() or one in "\r\n " for one in functions)
    if wrong or len(set(functions)) < len(functions) or text[2] not in _MARKS:
        return _refused("EDIFACT-SERVICE-CHARACTERS", raw[3:_UNA_SIZE])
    service = ServiceCharacters(text[0], text[1], text[2], text[3], text[4], text[5])
    begin = _UNA_SIZE
    while raw[begin : begin + 1] in (b"\r", b"\n"):
        begin += 1
    if len(raw) < begin + 4:
        return None
    if raw[begin : begin + 4] != b"UNB" + service.element.encode("latin-1"):
        return _refused("EDIFACT-NO-INTERCHANGE", raw[begin:])
    return _identified(raw, begin, service, text[2])


def _identified(raw: bytes, begin: int, service: ServiceCharacters, decimal: str) -> Opening | None:
    """Read data element S001, on which the reading of everything else depends."""
    text = raw[begin + 4 : begin + 40].decode("latin-1")
    stop = min(
        (at for at in (text.find(service.element), text.find(service.terminator)) if at >= 0), default=-1
    )
    if stop < 0 and len(raw) - begin < 40:  # noqa: PLR2004 - longer than any S001
        return None
    name, _, rest = text[:stop].partition(service.component)
    version = rest.partition(service.component)[0]
    faults = []
    if name not in CHARSETS:
        faults.append(("EDIFACT-CHARSET-UNKNOWN", ", ".join(CHARSETS), name[:10]))
    if version not in SYNTAX_VERSIONS:
        faults.append(("EDIFACT-SYNTAX-VERSION", " or ".join(SYNTAX_VERSIONS), version[:10]))
    if version == "4":
        service = DEFAULT_4 if service is DEFAULT else service
        decimal = _MARKS
    elif service.repetition != " ":
        service = replace(service, repetition=" ")
    charset = CHARSETS.get(name, CHARSETS["UNOB"])
    return Opening(begin, service, charset, version, decimal, tuple(faults))


def _refused(code: str, raw: bytes) -> Opening:
    expected = "UNA or UNB" if code == "EDIFACT-NO-INTERCHANGE" else "six different characters, as UNA:+.? '"
    start = raw[:6].decode("latin-1")
    return Opening(
        0, DEFAULT, CHARSETS["UNOA"], "", _MARKS, ((code, expected, ascii(start)[1:-1]),), readable=False
    )


@dataclass(frozen=True, slots=True)
class Header:
    """What UNB says."""

    sender: str
    sender_qualifier: str
    recipient: str
    recipient_qualifier: str
    date: str
    time: str
    reference: str
    application: str
    acknowledgement_requested: bool
    agreement: str
    test: bool


def header_of(values: Values) -> Header:
    """Return the header that the values of UNB make."""
    names = service_segments()["UNB"].names
    named = {name: str(value) for name, value in zip(names, values, strict=True)}
    return Header(
        sender=named["0004"],
        sender_qualifier=named["sender.0007"],
        recipient=named["0010"],
        recipient_qualifier=named["recipient.0007"],
        date=named["0017"],
        time=named["0019"],
        reference=named["0020"],
        application=named["0026"],
        acknowledgement_requested=named["0031"] == "1",
        agreement=named["0032"],
        test=named["0035"] == "1",
    )
