# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts: what CEB214 to CEB900 say, read and written.

A receipt has one Return element per document with guid, the keys of that document, returnStatus, returnTime
(China time, milliseconds) and returnInfo. Texts have the shape `[Code:n;Desc:text]`; ours carry every
finding, as far as 1000 characters go, then how many more there are. E-Port's own texts are kept as they are.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.gacc_ceb import released
from adapters.gacc_ceb.times import moment
from gateway.sdk import (
    CodeList,
    DecodedDocument,
    DocumentOutcome,
    Finding,
    Severity,
    finding,
    has_errors,
    load_codelist,
    xml,
)

STORED = "1"
REJECTED = "100"
GENERAL = "CEB900"
MAX_INFO = 1000
_TAIL = 40
_TIME_DIGITS = 17
_OPENING = ("guid",)
_CLOSING = ("returnStatus", "returnTime", "returnInfo")
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_MARKUP = str.maketrans({"[": "(", "]": ")", ";": ","})


@dataclass(frozen=True, slots=True)
class ReceiptType:
    """One receipt: its document element, the keys it repeats, and documented error numbers."""

    name: str
    document: str
    keys: tuple[str, ...]
    required: frozenset[str]
    code: Mapping[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """Return all field names in the order in which we write them."""
        return (*_OPENING, *self.keys, *_CLOSING)


@functools.cache
def _data() -> tuple[Mapping[str, ReceiptType], Mapping[str, int]]:
    """Return the receipts by name and the lengths of their fields."""
    rows = tomllib.loads((Path(__file__).parent / "receipts.toml").read_text("utf-8"))
    lengths: dict[str, int] = rows.pop("lengths")
    types = {
        name: ReceiptType(
            name, row["document"], tuple(row["keys"]), frozenset(row["required"]), row.get("code", {})
        )
        for name, row in rows.items()
    }
    return types, lengths


def receipt_types() -> Mapping[str, ReceiptType]:
    """Return every receipt by message name."""
    return _data()[0]


@functools.cache
def _statuses() -> CodeList:
    """Return the known values of returnStatus; they have not changed since the first edition."""
    return load_codelist("ceb_return_status", on=date(2022, 5, 17))


def read(elements: Sequence[Any], kind: ReceiptType) -> Iterator[DecodedDocument]:
    """Yield the Return elements of a receipt: their echo, and the release that one of a list may say."""
    for index, element in enumerate(elements, 1):
        position = f"document {index}"
        tags, texts = xml.children_text(element)
        echo = {name: texts[name].strip() for name in kind.fields if texts.get(name, "").strip()}
        found = [
            finding("SCHEMA-UNKNOWN-FIELD", path=tag, position=position)
            for tag in dict.fromkeys(tags)
            if tag not in kind.fields
        ]
        found += [
            finding("SCHEMA-REPEATED", path=tag, position=position)
            for tag in dict.fromkeys(tags)
            if tags.count(tag) > 1
        ]
        found += _check(kind, echo, position)
        yield DecodedDocument(
            position=index,
            reference=echo.get("guid", ""),
            contributions=() if has_errors(found) else released.contributions(kind.name, echo),
            echo=echo,
            findings=tuple(found),
        )


def _check(kind: ReceiptType, echo: Mapping[str, str], position: str) -> Iterator[Finding]:
    """Check one receipt document against its field list."""
    lengths = _data()[1]
    for name in kind.fields:
        value = echo.get(name, "")
        if not value and (name in kind.required or name in _OPENING or name in _CLOSING):
            yield finding("SCHEMA-MISSING", path=name, position=position)
        elif len(value) > lengths[name]:
            yield finding(
                "SCHEMA-LENGTH",
                path=name,
                position=position,
                expected=f"at most {lengths[name]}",
                actual=f"{len(value)} characters",
            )
    time = echo.get("returnTime", "")
    if time and (len(time) != _TIME_DIGITS or not time.isdigit() or moment(time[:14]) is None):
        yield finding("SCHEMA-FORMAT", path="returnTime", position=position, expected="YYYYMMDDhhmmssSSS")
    status = echo.get("returnStatus", "")
    if status and not re.fullmatch(r"-\d+", status) and status not in _statuses().rows:
        yield finding("CEB-RETURN-STATUS", path="returnStatus", position=position, actual=status)


def returned(kind: ReceiptType, outcome: DocumentOutcome, more: Sequence[Finding], at: str) -> Any:
    """Return the content of one Return element; `more` are findings on the whole message, `at` its time."""
    echo = outcome.echo
    said = outcome.findings
    words = info(kind, outcome.accepted, (*said, *more)) if said or more else _bare(outcome.accepted)
    texts = [(name, echo.get(name, "")) for name in (*_OPENING, *kind.keys)]
    status = STORED if outcome.accepted else REJECTED
    return (*texts, ("returnStatus", status), ("returnTime", at), ("returnInfo", words))


def info(kind: ReceiptType, accepted: bool, findings: Sequence[Finding]) -> str:
    """Return all findings in the receipt's own shape, worst first, within its length."""
    status = STORED if accepted else REJECTED
    ordered = sorted(findings, key=lambda one: _SEVERITIES.index(one.severity))
    parts = [_bare(accepted), *(_text(kind, one) for one in ordered)]
    size = 0
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if size + len(part) > MAX_INFO - (0 if last else _TAIL):
            return "".join(parts[:index]) + f"[Code:{status};Desc:{len(parts) - index} more findings]"
        size += len(part)
    return "".join(parts)


@functools.cache
def _bare(accepted: bool) -> str:
    """Return what a receipt says of a document besides its findings."""
    status = STORED if accepted else REJECTED
    return f"[Code:{status};Desc:{_statuses().rows[status].name}]"


def _text(kind: ReceiptType, one: Finding) -> str:
    """Return one finding as code and description."""
    words = [one.path, one.position if not one.path else "", one.remedy]
    if one.expected or one.actual:
        words.insert(2, f"expected {one.expected or '-'}, actual {one.actual or '-'}:")
    text = " ".join(word for word in words if word).translate(_MARKUP)
    text = "".join(character if character.isprintable() else " " for character in text)
    return f"[Code:{kind.code.get(one.code, one.code)};Desc:{text}]"
