# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One value against its component: length, kind, codes, pattern, date; every fault is named.

The fast way (`pattern`) only says whether all is well; this says what is not.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.formats.edifact.dates import FORMATS, is_date
from gateway.formats.edifact.guide import Component, Values
from gateway.formats.edifact.pattern import MOST_CODES

_DIGITS = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value or a part of a segment; numbers count from 1, 0 means the whole."""

    code: str
    element: int = 0
    component: int = 0
    repetition: int = 1
    expected: str = ""
    actual: str = ""
    name: str = ""


def value_faults(component: Component, value: str, decimal: str) -> Iterator[tuple[str, str]]:
    """Yield (code, expected) for length and kind of a value that is present."""
    form = component.format
    length = len(value)
    if form.kind == "n":
        sign = value.startswith("-")
        digits = len(_DIGITS.findall(value))
        marks = [one for one in value[sign:] if one in decimal]
        if digits + len(marks) + sign != length or not digits:
            yield (
                "EDIFACT-NUMBER",
                f"{form}: digits, a leading minus, one decimal mark ({' or '.join(decimal)})",
            )
            return
        if len(marks) > 1 or value[-1] in decimal:
            yield "EDIFACT-DECIMAL", f"one decimal mark ({' or '.join(decimal)}) between digits"
        elif value[sign] in decimal:
            yield "EDIFACT-DECIMAL-DIGIT", "a digit before the decimal mark"
        length = digits
    elif form.kind == "a" and _DIGITS.search(value):
        yield "EDIFACT-ALPHABETIC", f"{form}: no digits"
    if length > form.max:
        yield "EDIFACT-TOO-LONG", f"{form}"
    elif length < form.min:
        yield "EDIFACT-TOO-SHORT", f"{form}"


def deep_faults(component: Component, value: str, date: str) -> Iterator[tuple[str, str]]:
    """Yield (code, expected) for codes, pattern and date of a value of the right form."""
    listed = component.codes
    if listed and value not in listed.codes:
        few = ", ".join(listed.codes) if len(listed.codes) <= MOST_CODES else f"a code of list {listed.name}"
        yield ("EDIFACT-CODE-OPEN" if listed.open else "EDIFACT-CODE"), few
    if component.pattern and not _compiled(component.pattern).fullmatch(value):
        yield "EDIFACT-PATTERN", component.pattern
    if component.date and not is_date(value, date):
        yield "EDIFACT-DATE", FORMATS.get(date, date)


def compile_checks(
    component: Component, index: int, names: Sequence[str]
) -> Iterator[Callable[[Values], bool]]:
    """Yield what says of the values of a segment whether one breaks what its expression leaves open."""
    if component.codes and len(component.codes.codes) > MOST_CODES:
        codes = component.codes.codes
        yield lambda values: bool(values[index]) and values[index] not in codes
    if component.pattern:
        match = _compiled(component.pattern).fullmatch
        yield lambda values: bool(values[index]) and match(str(values[index])) is None
    if component.date in names:
        place = names.index(component.date)
        yield lambda values: bool(values[index]) and not is_date(str(values[index]), str(values[place]))
    elif component.date:
        code = component.date
        yield lambda values: bool(values[index]) and not is_date(str(values[index]), code)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
