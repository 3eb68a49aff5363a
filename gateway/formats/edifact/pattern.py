# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One regular expression per segment use: a well-formed segment is read and checked by one match.

The expression works on canonical text (`tokenise`): default separators, released characters masked, so no
character class can contain a separator and matching is linear. What does not match is looked at again by
`check`, which says what is wrong; the two must agree, and a test holds them together.
"""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.formats.edifact.guide import Component, Element, Format, SegmentUse, Values

DATA = "[^+:*]"
MOST_CODES = 64  # longer code lists are looked up after the match


class Found(Protocol):
    """What a match gives."""

    def groups(self, default: str) -> Values:
        """Return the component values, the default for those left out."""


Matcher = Callable[[str], Found | None]


def compile_use(use: SegmentUse, decimal: str) -> Matcher | None:
    """Return the matcher of a use without repeating elements, else None.

    Args:
        use: the segment at its place.
        decimal: the characters that may be the decimal mark.
    """
    elements = use.segment.elements
    if any(one.repeat > 1 for one in elements):
        return None
    first = next(iter(use.segment.components), None)
    texts = [_element(one, decimal, use.qualifiers if one.components[0] is first else ()) for one in elements]
    body = _tail([rf"\+{text}" for text in texts], [one.mandatory for one in elements])
    return re.compile(use.tag + body, re.DOTALL).fullmatch


def _tail(texts: Sequence[str], mandatory: Sequence[bool]) -> str:
    """Join parts of which the conditional ones at the end may be cut off."""
    joined = ""
    needed = False
    for text, must in zip(reversed(texts), reversed(mandatory), strict=True):
        needed = needed or must
        joined = text + joined if needed else f"(?:{text}{joined})?"
    return joined


def _element(element: Element, decimal: str, qualifiers: Sequence[str]) -> str:
    """Return the expression of an element, one capture per component."""
    parts = element.components
    if len(parts) == 1:
        return _component(parts[0], decimal, qualifiers, must=element.mandatory)
    texts = [
        _component(one, decimal, () if number else qualifiers, must=one.mandatory)
        for number, one in enumerate(parts)
    ]
    body = texts[0] + _tail([f":{text}" for text in texts[1:]], [one.mandatory for one in parts[1:]])
    if element.mandatory and not any(one.mandatory for one in parts):
        return f"(?={DATA}|:+{DATA}){body}"
    return body if element.mandatory else f"(?:{body})?"


def _component(component: Component, decimal: str, qualifiers: Sequence[str], *, must: bool) -> str:
    codes = qualifiers or _codes(component)
    value = (
        f"(?:{'|'.join(map(re.escape, codes))})(?!{DATA})" if codes else _format(component.format, decimal)
    )
    return f"({value})" if must else f"((?:{value})?)"


def _codes(component: Component) -> Sequence[str]:
    codes = component.codes.codes if component.codes else ()
    return tuple(codes) if len(codes) <= MOST_CODES else ()


def _format(form: Format, decimal: str) -> str:
    low, high = form.min, form.max
    if form.kind == "an":
        return f"{DATA}{{{low},{high}}}+"
    if form.kind == "a":
        return f"(?:(?![0-9]){DATA}){{{low},{high}}}+"
    mark = f"[{re.escape(decimal)}]"
    # The mark and the sign do not count, so a number with a mark may be one character longer.
    few = f"(?=-?(?:[0-9]{mark}?){{{low}}})" if low > 1 else ""
    return (
        f"-?{few}(?![0-9{re.escape(decimal)}]{{{high + 2}}})[0-9]{{1,{high}}}+(?:{mark}[0-9]{{1,{high}}}+)?"
    )
