# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""XML by template: the shape of a document is worked out once per set of fields, then only values go in.

Names come from the tables, never from values; values are escaped before they go in.
"""

import functools
import re
from collections.abc import Mapping, Sequence

from gateway.sdk import Finding, finding

_CHOICE = re.compile(r"(\w+)\[(\w+)\]")
_SPECIAL = re.compile('[&<>"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]').search
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]").search
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def fill(prefix: str, fields: Mapping[str, str], inner: Mapping[str, str], order: tuple[str, ...]) -> str:
    """Return the XML below an element: escaped values of fields, and inner XML as it is.

    Paths that do not begin with the prefix are left out.
    """
    names, slots = _shape(prefix, tuple(fields), tuple(inner), order)
    if _SPECIAL("".join(fields.values())):
        fields = {
            name: value if value.isalnum() else value.translate(_ESCAPES) for name, value in fields.items()
        }
    texts = {**fields, **inner} if inner else fields
    return names % tuple([texts[name] for name in slots])


def forbidden(fields: Mapping[str, str], place: str, position: str) -> Sequence[Finding]:
    """Return a finding for each value with a character that the schema or XML does not allow."""
    if not _FORBIDDEN("".join(fields.values())):
        return ()
    return [
        finding(
            "ICS2-CHARACTER",
            path=f"{place}/{name}".lstrip("/"),
            position=position,
            actual=f"U+{ord(match[0]):04X}",
        )
        for name, value in fields.items()
        if (match := _FORBIDDEN(value))
    ]


@functools.lru_cache(maxsize=4096)
def _shape(
    prefix: str, fields: tuple[str, ...], inner: tuple[str, ...], order: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Return the template and the paths whose values go into it, in order."""
    places = _places(order)
    below = f"{prefix}/" if prefix else ""
    names = sorted((name for name in (*fields, *inner) if name.startswith(below)), key=places.__getitem__)
    slots: list[str] = []
    rows = [(name.removeprefix(below).split("/"), name) for name in names]
    text, _ = _render(rows, slots, frozenset(inner))
    return text, tuple(slots)


@functools.cache
def _places(order: tuple[str, ...]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(order)}


def _render(rows: list[tuple[list[str], str]], slots: list[str], raw: frozenset[str]) -> tuple[str, str]:
    """Return (content, attributes) of an element; neighbours with the same first step share an element."""
    content, attributes = "", ""
    at = 0
    while at < len(rows):
        parts, name = rows[at]
        step = parts[0]
        if step.startswith("@"):
            attributes += f' {step[1:]}="%s"'
            slots.append(name)
            at += 1
            continue
        if len(parts) == 1:
            content += "%s" if name in raw else f"<{step}>%s</{step}>"
            slots.append(name)
            at += 1
            continue
        end = at
        while end < len(rows) and rows[end][0][0] == step:
            end += 1
        inside, own = _render([(one[0][1:], one[1]) for one in rows[at:end]], slots, raw)
        match = _CHOICE.fullmatch(step)
        if match:
            content += f"<{match[1]}>{inside}<type>{match[2]}</type></{match[1]}>"
        else:
            content += f"<{step}{own}>{inside}</{step}>" if inside else f"<{step}{own}/>"
        at = end
    return content, attributes
