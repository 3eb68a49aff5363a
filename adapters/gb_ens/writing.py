# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The walk over a record: every value is judged by the row of its element and written in message order."""

import functools
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from adapters.gb_ens.reading import Scope
from adapters.gb_ens.spec import Container, Leaf, spec
from adapters.gb_ens.times import drops, is_other_hour
from gateway.sdk import Finding, Loss, finding

Elements = list[tuple[str, Any]]
_NONE: frozenset[str] = frozenset()
_BLANKS = re.compile(r"^\s|\s$|[^\S ]|  ")


class Writing:
    """One message on its walk; `at` holds the numbers of the list entries that the walk is in."""

    def __init__(self, form: str, position: str) -> None:
        """Start with nothing written."""
        self.losses: list[Loss] = []
        self.found: list[Finding] = []
        self._form, self._position = form, position
        self._at: list[int] = []

    def container(self, spec: Container, scope: Scope) -> Elements:  # noqa: C901 - one walk, in message order
        """Return the elements of a container; what it lacks is a finding, or a loss if it may be left out."""
        made: Elements = []
        told: list[Leaf] = []
        missing: list[Leaf] = []
        for one in spec.places.values():
            if type(one) is Leaf:
                value: Any = scope
                for step in one.parents:
                    value = value.get(step)
                    if value is None:
                        break
                else:
                    value = value.get(one.name) if one.name else None
                if value is not None and value != "":
                    text = self._text(one, value)
                    if text:
                        made.append((one.tag, text))
                        told.append(one)
                elif one.must:
                    missing.append(one)
            elif isinstance(one, Container) and not one.lifted:
                self._inner(one, scope, made)
        if missing and (spec.least or not spec.path):
            self._missing(spec, missing)
        elif missing and made:
            self._left_out(spec, told, missing)
            return []
        return made

    def _inner(self, spec: Container, scope: Scope, made: Elements) -> None:
        if not spec.list_name:
            inner = self.container(spec, scope)
            if inner:
                made.append((spec.tag, inner))
            return
        target: Any = scope
        for step in spec.parents:
            target = target.get(step)
            if target is None:
                return
        entries = target.get(spec.list_name, ())
        if spec.most and len(entries) > spec.most:
            expected = f"{spec.least} to {spec.most}"
            self._add("SCHEMA-COUNT", spec.path, expected=expected, actual=str(len(entries)))
        elif spec.least and not entries:
            self._add("SCHEMA-MISSING", spec.path, expected=f"at least {spec.least}")
        for number, entry in enumerate(entries, 1):
            self._at.append(number)
            inner = self.container(spec, entry)
            self._at.pop()
            if inner:
                made.append((spec.tag, inner))

    def _text(self, leaf: Leaf, value: Any) -> str:
        """Return the text of a value, empty after a finding."""
        row = leaf.row
        if type(value) is str:
            text = value
            if _BLANKS.search(text):
                text = " ".join(text.split())
                self._lose(leaf, "truncated", "white space around and between words made single blanks")
        elif type(value) is Decimal:
            text = self._number(leaf, value)
        elif type(value) is datetime:
            text = self._time(leaf, value)
        else:
            text = str(value)
        if not text:
            return ""
        if len(text) > leaf.high and row.overflow == "truncate" and row.type == "C":
            self._lose(leaf, "truncated", f"{len(text)} to {leaf.high} characters")
            self._add("SCHEMA-TRUNCATED", self._path(leaf), expected=row.limits, rule=row.rule)
            text = text[: leaf.high].rstrip()
        if not leaf.low <= len(text) <= leaf.high:
            self._add("SCHEMA-LENGTH", self._path(leaf), expected=row.limits, actual=text, rule=row.rule)
            return ""
        if leaf.convert is not None and type(value) is str:
            return self._judged(leaf, text)
        if row.type == "I" and not (text.isascii() and text.isdigit() and len(text) <= row.digits[0]):
            self._add("SCHEMA-FORMAT", self._path(leaf), expected=row.limits, actual=text, rule=row.rule)
            return ""
        return text

    def _judged(self, leaf: Leaf, text: str) -> str:
        """Return a text that has the form of its element."""
        row = leaf.row
        if row.codes and text not in row.codes:
            self._add("SCHEMA-CODE", self._path(leaf), expected=row.limits, actual=text, rule=row.rule)
            return ""
        try:
            return leaf.write(text)
        except ValueError as error:
            self._add("SCHEMA-FORMAT", self._path(leaf), expected=str(error), actual=text, rule=row.rule)
            return ""

    def _number(self, leaf: Leaf, value: Decimal) -> str:
        """Return a number within its digits, rounded half to even; what would become zero is refused."""
        total, fraction = leaf.row.digits
        if not value.is_finite() or value.adjusted() >= total - fraction:
            self._add("SCHEMA-FORMAT", self._path(leaf), expected=leaf.row.limits, rule=leaf.row.rule)
            return ""
        rounded = value.quantize(Decimal(1).scaleb(-fraction), ROUND_HALF_EVEN)
        if rounded == value:
            exponent = value.as_tuple().exponent
            return format(value if isinstance(exponent, int) and exponent >= -fraction else rounded, "f")
        if not rounded or rounded.adjusted() >= total - fraction:
            self._add("SCHEMA-FORMAT", self._path(leaf), expected=leaf.row.limits, rule=leaf.row.rule)
            return ""
        self._lose(leaf, "rounded", f"to {fraction} decimal places")
        self._add("SCHEMA-ROUNDED", self._path(leaf), expected=leaf.row.limits, rule=leaf.row.rule)
        return format(rounded, "f")

    def _time(self, leaf: Leaf, value: datetime) -> str:
        try:
            text = leaf.write(value)
        except ValueError as error:
            self._add("SCHEMA-FORMAT", self._path(leaf), expected=str(error), rule=leaf.row.rule)
            return ""
        if drops(value, self._form):
            self._lose(leaf, "rounded", "to minutes" if self._form == "xml" else "to milliseconds")
        if self._form == "xml" and is_other_hour(value):
            self._lose(leaf, "truncated", "the clock shows this local time twice")
            self._add("GB-ENS-TIME-DOUBTFUL", self._path(leaf), actual=text, rule=leaf.row.rule)
        return text

    def _missing(self, spec: Container, missing: list[Leaf]) -> None:
        for leaf in missing:
            path = f"{spec.path}/{leaf.tag}" if spec.path else leaf.tag
            expected = leaf.row.limits
            if leaf.row.path:
                expected += f"; canonical field {leaf.row.path}"
            self._add("SCHEMA-MISSING", self._numbered(path), expected=expected, rule=leaf.row.rule)

    def _left_out(self, spec: Container, told: list[Leaf], missing: list[Leaf]) -> None:
        names = ", ".join(one.tag for one in missing)
        for leaf in told:
            if leaf.row.path:
                self._lose(leaf, "lost", f"{spec.tag} cannot stand without {names}")

    def _lose(self, leaf: Leaf, kind: str, detail: str) -> None:
        path, outside = self._path(leaf), self._numbered(leaf.row.outside)
        self.losses.append(
            Loss(kind=kind, path=path, outside_path=outside, rule=leaf.row.rule, detail=detail)
        )

    def _path(self, leaf: Leaf) -> str:
        """Return the canonical path of a leaf with its numbers, else the name of the element."""
        return self._numbered(leaf.row.path) or leaf.tag

    def _numbered(self, path: str) -> str:
        for number in self._at:
            path = path.replace("[]", f"[{number}]", 1)
        return path

    def _add(self, code: str, path: str, *, expected: str = "", actual: str = "", rule: str = "") -> None:
        self.found.append(
            finding(code, path=path, position=self._position, expected=expected, actual=actual, rule=rule)
        )


@functools.cache
def covered(name: str, form: str) -> Mapping[str, frozenset[str]]:
    """Return by place of the record which of its keys a message takes."""
    paths = [leaf.row.path for leaf in spec(name, form).leaves if leaf.row.path]
    paths += [f"{one.rpartition('.')[0]}.unit" for one in paths if one.endswith("gross_mass.value")]
    found: dict[str, set[str]] = {}
    for path in paths:
        steps = path.split(".")
        for depth, step in enumerate(steps):
            found.setdefault(".".join(steps[:depth]), set()).add(step.removesuffix("[]"))
    return {place: frozenset(keys) for place, keys in found.items()}


def uncovered(scope: Scope, known: Mapping[str, frozenset[str]], place: str, found: dict[str, int]) -> None:
    """Count, by canonical path, the values of a record that a message has no element for."""
    keys = known.get(place, _NONE)
    for name, value in scope.items():
        kind = type(value)
        if kind is dict:
            uncovered(value, known, f"{place}.{name}" if place else name, found)
        elif kind is tuple or kind is list:
            path = f"{place}.{name}[]" if place else f"{name}[]"
            for one in value:
                uncovered(one, known, path, found)
        elif name not in keys and name[0] != "#" and value is not None and value != "":
            path = f"{place}.{name}" if place else name
            found[path] = found.get(path, 0) + 1
