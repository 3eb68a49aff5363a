# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the Python that reads one document of a message: one expression per row, no loop over rows.

The generated function hands a tuple (kind, row or group number, text, index[, detail]) per fault to `bad`,
whose result `None` is then the value. `faults` turns the tuples into findings, so the fast road pays nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gateway.mapping.converters import CodeMap, Converter, UnknownCode, number_fits
from gateway.mapping.source import Plan, Source, members, record_at, variable
from gateway.mapping.table import Group, Row
from gateway.model import Item
from gateway.model.record import Record

Note = Callable[[tuple[Any, ...]], None]


class Text(NamedTuple):
    """The variable that holds a text, and the expression of its index in faults."""

    variable: str
    at: str


def decode_source(plan: Plan) -> Source:
    """Return the source of `decode(document, bad)` for a table."""
    source = Source()
    source.let("strip", str.strip)
    source.let("Item", Item)
    source.let("trim", trim)
    for number, group in sorted(enumerate(plan.groups), key=lambda one: not one[1].parent):
        source.let(f"FIELDS{number}", frozenset(row.outside for row in group.rows if row.outside))
        if group.target.endswith("[]"):
            _piece(source, plan, number, group)
    source.let("GROUPS", frozenset(group.name for group in plan.groups))
    source.add(0, "def decode(document, bad):")
    source.add(1, "if not GROUPS.issuperset(document):")
    source.add(2, "for name in document.keys() - GROUPS: bad(('unknown-group', 0, name, 0))")
    for number, group in enumerate(plan.groups):
        if not group.parent:
            _group(source, plan, number, group)
    source.add(1, f"return {construction(source, plan, Item, '', inside='')}")
    return source


def _group(source: Source, plan: Plan, number: int, group: Group) -> None:
    """Read a group that fills the item itself, or call the function of a repeating one."""
    source.add(1, f"groups = document.get({group.name!r})")
    leaves = [variable(row.path) for row in group.rows if row.path and not row.constant]
    pieces = variable(group.target.removesuffix("[]"))
    source.add(1, "if groups:")
    source.add(
        2, f"if not {group.min} <= len(groups) <= {group.max}: bad(('count', {number}, str(len(groups)), 0))"
    )
    if group.target.endswith("[]"):
        given = ""
        for inner, one in plan.inside(group):
            source.add(2, f"groups{inner} = document.get({one.name!r}) or ((),) * len(groups)")
            given += f", groups{inner}[i - 1]"
        source.add(
            2, f"{pieces} = tuple([piece{number}(one, bad, i{given}) for i, one in enumerate(groups, 1)])"
        )
        source.add(1, "else:")
        source.add(2, f"{pieces} = ()")
    else:
        source.add(2, f"if len(groups) > 1: bad(('repeated', {number}, str(len(groups)), 0))")
        source.add(2, "fields = groups[0]")
        _fields(source, plan, number, group, depth=2, index="1")
        source.add(1, "else:")
        source.add(2, " = ".join([*leaves, "None"]) if leaves else "pass")
    if group.min:
        source.add(2, f"bad(('absent', {number}, '', 0))")


def _piece(source: Source, plan: Plan, number: int, group: Group) -> None:
    """Write the function that reads one repetition of a group."""
    kind = record_at(group.target)
    within = list(plan.inside(group))
    source.add(0, f"def piece{number}(fields, bad, i{''.join(f', groups{one}' for one, _ in within)}):")
    _fields(source, plan, number, group, depth=1, index="i")
    for inner, one in within:
        name = f"groups{inner}"
        each = f"piece{inner}(one, bad, (i, j)) for j, one in enumerate({name}, 1)"
        source.add(1, f"{variable(one.target.removesuffix('[]'))} = tuple([{each}]) if {name} else ()")
        source.add(1, f"if not {one.min} <= len({name}) <= {one.max}:")
        source.add(2, f"bad(('count', {inner}, str(len({name})), i))")
    source.add(1, f"return {construction(source, plan, kind, group.target, inside=group.target)}")


def _fields(source: Source, plan: Plan, number: int, group: Group, *, depth: int, index: str) -> None:
    """Write one assignment per row of a group; `fields` maps outside names to texts."""
    source.add(depth, "texts = [*fields.values()]")
    source.add(depth, "if [*map(strip, texts)] != texts:")
    source.add(depth + 1, f"fields = trim(fields, bad, {number}, {index})")
    source.add(depth, f"if not FIELDS{number}.issuperset(fields):")
    source.add(
        depth + 1, f"for name in fields.keys() - FIELDS{number}: bad(('unknown', {number}, name, {index}))"
    )
    source.add(depth, "get = fields.get")
    for row_number, row in plan.numbered(group):
        if row.constant:
            continue
        value = field_value(source, row_number, row, plan.table.converters, Text("t", index))
        source.add(depth, f"t = get({row.outside!r})")
        source.add(depth, f"{variable(row.path) + ' = ' if row.path else ''}{value}")


def field_value(
    source: Source,
    number: int,
    row: Row,
    converters: Mapping[str, Converter],
    text: Text,
) -> str:
    """Return the expression that checks and converts the text of a row; `None` after a fault."""
    t, index = text

    def fault(kind: str) -> str:
        return f"bad(({kind!r}, {number}, {t}, {index}))"

    absent = fault("missing") if row.required else "None"
    if row.keep_empty:
        absent = t
    converter = converters[row.converter]
    good, test = _conversion(source, number, row, converter, text), _test(source, number, row, t)
    if test:
        kind = "code" if row.codes else "length" if row.type == "C" else "format"
        good = f"({good} if {test} else {fault(kind)})"
    return f"{good} if {t} else {absent}"


def _test(source: Source, number: int, row: Row, t: str) -> str:
    """Return the lexical test of the text `t` of a row."""
    if row.codes:
        return f"{t} in {source.let(f'CODES{number}', frozenset(row.codes))}"
    if row.type == "C":
        low, high = row.length
        if low == high:
            return f"len({t}) == {high}"
        return f"len({t}) <= {high}" if low <= 1 else f"{low} <= len({t}) <= {high}"
    if row.type in {"N", "I"}:
        total, fraction = row.digits
        name = source.let(f"number_{total}_{fraction}", quick_number(total, fraction))
        fits = source.let("number_fits", number_fits)
        return f"({name}({t}) or {fits}({t}, {total}, {fraction}, signed={row.signed}))"
    return ""


def quick_number(total: int, fraction: int) -> Callable[[str], Any]:
    """Return a quick test that accepts only numbers that fit for certain; the exact test judges the rest."""
    if fraction >= total:
        return re.compile("0").fullmatch
    places = rf"(?:\.[0-9]{{1,{fraction}}})?" if fraction else ""
    return re.compile(rf"[0-9]{{1,{total - fraction}}}{places}").fullmatch


def _conversion(source: Source, number: int, row: Row, converter: Converter, text: Text) -> str:
    """Return the expression that converts a text that passed its lexical test."""
    t, index = text
    if converter.name == "text" or (not row.path and converter.name in {"decimal", "integer"}):
        return t
    if converter.name in {"decimal", "integer"}:
        return f"{source.let(converter.yields.__name__, converter.yields)}({t})"
    name = source.let(f"convert{number}", attempt(number, row, converter))
    slow = f"{name}({t}, bad, {index})"
    if isinstance(converter, CodeMap):
        return f"({source.let(f'code_{converter.name}', converter.forward.get)}({t}) or {slow})"
    return slow


def attempt(number: int, row: Row, converter: Converter) -> Callable[[str, Note, int], Any]:
    """Return a function that converts a text and notes what the converter complains about."""
    decode, name, mark = converter.decode, converter.name, row.unknown

    def convert(text: str, bad: Note, index: int) -> Any:
        try:
            value = decode(text)
        except UnknownCode as error:
            if not mark:
                return bad(("code", number, text, index, str(error)))
            bad(("kept", number, text, index))
            return f"{mark}:{text}"
        except ValueError as error:
            return bad(("format", number, text, index, str(error)))
        if name == "upper" and value != text:
            bad(("case", number, text, index))
        return value

    return convert


def trim(fields: Mapping[str, str], bad: Note, number: int, index: int) -> dict[str, str]:
    """Take white space off every text and note which fields had it; a text of blanks only becomes empty."""
    trimmed = {}
    for name, text in fields.items():
        trimmed[name] = text.strip()
        if trimmed[name] != text:
            bad(("blank", number, name, index))
    return trimmed


def construction(source: Source, plan: Plan, kind: type[Record], path: str, inside: str) -> str:
    """Return the expression that builds a record of its variables; `None` if it would be empty."""
    source.let(kind.__name__, kind)
    arguments, present = [], []
    rows = plan.paths
    for name, below, inner in members(kind, path):
        if inner is None:
            if below not in rows:
                continue
            row = plan.rows[rows[below]]
            arguments.append(f"{name}={row.constant!r}" if row.constant else f"{name}={variable(below)}")
            if not row.constant:
                present.append(f"{variable(below)} is not None")
        elif any(one.target == f"{below}[]" for one in plan.groups):
            arguments.append(f"{name}={variable(below)}")
            present.append(variable(below))
        elif any(one.startswith(below + ".") for one in rows):
            built = construction(source, plan, inner, below, inside="?")
            if built != "None":
                arguments.append(f"{name}={built}")
                present.append(f"({_present(plan, below)})")
    whole = f"{kind.__name__}({', '.join(arguments)})"
    if path == inside:
        return whole
    if not present:  # nothing but constants
        return "None"
    return f"({whole} if {' or '.join(present)} else None)"


def _present(plan: Plan, path: str) -> str:
    """Return the test whether any leaf below a path was read."""
    leaves = [
        f"{variable(row.path)} is not None"
        for row in plan.rows
        if row.path.startswith(path + ".") and "[]" not in row.path[len(path) :] and not row.constant
    ]
    below = (one.target.removesuffix("[]") for one in plan.groups if one.target.startswith(path + "."))
    leaves += [variable(one) for one in below if "[]" not in one[len(path) :]]
    return " or ".join(leaves) or "False"
