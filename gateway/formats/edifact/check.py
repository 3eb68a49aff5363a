# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One segment against its definition, element by element: every fault, and the values that can be read."""

from collections.abc import Callable, Iterator, Mapping

from gateway.formats.edifact.check_value import Problem, compile_checks, deep_faults, value_faults
from gateway.formats.edifact.conditions import compile_condition, expected, holds
from gateway.formats.edifact.guide import Component, Element, SegmentUse, Value, Values
from gateway.formats.edifact.pattern import Matcher
from gateway.formats.edifact.tokenise import elements_of, unmask


def compile_deep(use: SegmentUse) -> tuple[Callable[[Values], bool], ...]:
    """Return the checks that the expression of a use leaves open; each says whether values break it."""
    if any(one.repeat > 1 for one in use.segment.elements):
        return ()  # its matcher checks everything
    names = use.names
    checks = [
        check
        for index, one in enumerate(use.segment.components)
        for check in compile_checks(one, index, names)
    ]
    return (*checks, *(compile_condition(one, names) for one in use.segment.conditions))


def check_segment(use: SegmentUse, segment: str, decimal: str) -> tuple[Values, tuple[Problem, ...]]:
    """Return the values of a canonical segment and everything that is wrong with it."""
    elements = elements_of(segment)
    problems: list[Problem] = []
    values: list[Value] = []
    for number, definition in enumerate(use.segment.elements, 1):
        given = elements[number - 1] if number <= len(elements) else [[""]]
        found, faults = _element(number, definition, given, decimal)
        values += found
        problems += faults
    extra = len(use.segment.elements)
    if any(any(map(any, one)) for one in elements[extra:]):
        most = f"at most {extra} element{'s'[: extra != 1]}"
        problems.append(Problem("EDIFACT-ELEMENT-EXTRA", extra + 1, 0, 1, most, f"{len(elements)}"))
    problems += _qualifier(use, values)
    problems += condition_problems(use, dict(zip(use.names, values, strict=True)))
    return tuple(values), tuple(problems)


def condition_problems(use: SegmentUse, values: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield the dependency notes of a segment that do not hold."""
    for one in use.segment.conditions:
        if not holds(one, values):
            element, component = place_of(use, one.of[0])
            yield Problem("EDIFACT-CONDITION", element, component, 1, expected(one), "", one.rule)


def place_of(use: SegmentUse, name: str) -> tuple[int, int]:
    """Return element and component number of a named component; the component is 0 if it stands alone."""
    for number, element in enumerate(use.segment.elements, 1):
        for place, one in enumerate(element.components, 1):
            if one.name == name:
                return number, place if element.composite else 0
    return 0, 0


def _element(
    number: int, element: Element, given: list[list[str]], decimal: str
) -> tuple[list[Value], list[Problem]]:
    """Return one value per component; repetitions become a tuple."""
    problems: list[Problem] = []
    rows: list[list[str]] = []
    for count, components in enumerate(given, 1):
        row, faults = _components(number, count, element, [unmask(one) for one in components], decimal)
        rows.append(row)
        problems += faults
    if len(given) > element.repeat:
        most = f"at most {element.repeat} repetitions"
        problems.append(
            Problem("EDIFACT-ELEMENT-REPEATED", number, 0, element.repeat + 1, most, f"{len(given)}")
        )
    if element.repeat == 1:
        return list(rows[0]), problems
    present = [row for row in rows if any(row)]
    return [tuple(column) for column in zip(*present, strict=True)] or [
        () for _ in element.components
    ], problems


def _components(
    number: int, count: int, element: Element, given: list[str], decimal: str
) -> tuple[list[str], list[Problem]]:
    known = len(element.components)
    row = [*given[:known], *[""] * (known - len(given))]
    problems: list[Problem] = []
    if not any(given):
        if element.mandatory and count == 1:
            problems.append(Problem("EDIFACT-ELEMENT-MISSING", number, 0, 1, _named(element), ""))
        return row, problems
    by_name = dict(zip((one.name for one in element.components), row, strict=True))
    for place, (component, value) in enumerate(zip(element.components, row, strict=True), 1):
        shown = place if element.composite else 0
        if value:
            date = by_name.get(component.date, component.date)
            faults = list(value_faults(component, value, decimal)) or deep_faults(component, value, date)
            problems += [
                Problem(code, number, shown, count, text, value, component.name) for code, text in faults
            ]
        elif component.mandatory:
            text = _text(component)
            problems.append(
                Problem("EDIFACT-ELEMENT-MISSING", number, shown, count, text, "", component.name)
            )
    if any(given[known:]):
        code = "EDIFACT-COMPONENT-EXTRA"
        problems.append(Problem(code, number, known + 1, count, f"at most {known}", f"{len(given)}"))
    return row, problems


def _named(element: Element) -> str:
    return element.id if element.composite else _text(element.components[0])


def _text(component: Component) -> str:
    return f"{component.name} ({component.format})"


def _qualifier(use: SegmentUse, values: list[Value]) -> Iterator[Problem]:
    if use.qualifiers and values and values[0] and values[0] not in use.qualifiers:
        place = 1 if use.segment.elements[0].composite else 0
        yield Problem(
            "EDIFACT-QUALIFIER", 1, place, 1, ", ".join(use.qualifiers), str(values[0]), use.names[0]
        )


class _Read:
    """The values of a segment that was split instead of matched."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def groups(self, default: str) -> Values:  # noqa: ARG002 - the shape of re.Match; nothing is left out
        return self._values


def repeating_matcher(use: SegmentUse, decimal: str) -> Matcher:
    """Return the matcher of a use with repeating elements, which no single expression can hold."""

    def match(segment: str) -> _Read | None:
        values, problems = check_segment(use, segment, decimal)
        return None if problems else _Read(values)

    return match
