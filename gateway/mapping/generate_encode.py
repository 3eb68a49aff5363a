# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the Python that turns an item into one document of a message: the mirror of `generate_decode`.

Absent records are replaced by empty ones, so that a leaf is always one attribute away. A text expression
gives `None` for an absent value and an empty text after a fault, which is thus not reported as missing too.
"""

from collections.abc import Iterator, Mapping

from gateway.mapping.converters import CodeMap
from gateway.mapping.generate_decode import Text, field_value, quick_number
from gateway.mapping.put import put
from gateway.mapping.source import Plan, Source, members, record_at, repeated, variable
from gateway.mapping.table import Group, Row
from gateway.model import Item
from gateway.model.record import Record


def encode_source(plan: Plan) -> Source:
    """Return the source of `encode(item, given, bad)` for a table."""
    source = Source()
    source.let("NOTHING", {})
    for number, group in sorted(enumerate(plan.groups), key=lambda one: not one[1].parent):
        if group.target.endswith("[]"):
            _piece(source, plan, number, group)
    source.add(0, "def encode(item, given, bad):")
    source.add(1, "document = {}")
    _records(source, plan, Item, "")
    for number, group in enumerate(plan.groups):
        if not group.parent:
            _group(source, plan, number, group)
    _uncovered(source, plan, Item, "", "0")
    source.add(1, "return document")
    return source


def _group(source: Source, plan: Plan, number: int, group: Group) -> None:
    if group.target.endswith("[]"):
        pieces, within = _leaf(group.target.removesuffix("[]")), list(plan.inside(group))
        source.add(1, f"count = len({pieces})")
        source.add(1, "if count:")
        for inner, _ in within:
            source.add(2, f"groups{inner} = []")
        given = "".join(f", groups{inner}.append" for inner, _ in within)
        listed = f"[piece{number}(one, given, bad, i{given}) for i, one in enumerate({pieces}, 1)]"
        source.add(2, f"document[{group.name!r}] = {listed}")
        for inner, one in within:
            source.add(2, f"if any(groups{inner}): document[{one.name!r}] = groups{inner}")
        source.add(2, f"if not {group.min} <= count <= {group.max}: bad(('count', {number}, str(count), 0))")
        if group.min:
            source.add(1, f"else: bad(('absent', {number}, '', 0))")
        return
    depth = 1
    if not group.min:
        leaves = [f"{_leaf(row.path)} is not None" for row in group.rows if row.path and not row.constant]
        source.add(1, f"if {' or '.join([*leaves, f'(given and {group.name!r} in given)'])}:")
        depth = 2
    _fields(source, plan, group, depth, "1")
    source.add(depth, f"document[{group.name!r}] = [fields]")


def _piece(source: Source, plan: Plan, number: int, group: Group) -> None:
    kind, within = record_at(group.target), list(plan.inside(group))
    emit = "".join(f", emit{inner}" for inner, _ in within)
    source.add(0, f"def piece{number}({variable(group.target)}, given, bad, i{emit}):")
    _records(source, plan, kind, group.target)
    _fields(source, plan, group, 1, "i")
    for inner, one in within:
        source.add(1, f"pieces = {_leaf(one.target.removesuffix('[]'))}")
        each = f"piece{inner}(one, given, bad, (i, j)) for j, one in enumerate(pieces, 1)"
        source.add(1, f"emit{inner}([{each}] if pieces else ())")
        source.add(1, f"if not {one.min} <= len(pieces) <= {one.max}:")
        source.add(2, f"bad(('count', {inner}, str(len(pieces)), i))")
    _uncovered(source, plan, kind, group.target, "i")
    source.add(1, "return fields")


def _records(source: Source, plan: Plan, kind: type[Record], path: str) -> None:
    """Write one variable per record that has mapped leaves, parents first."""
    for name, below, inner in members(kind, path):
        if inner is not None and any(row.startswith(below + ".") for row in plan.paths):
            empty = source.let(f"EMPTY_{inner.__name__}", inner())
            source.add(1, f"{variable(below)} = {variable(path)}.{name} or {empty}")
            _records(source, plan, inner, below)


def _leaf(path: str) -> str:
    parent, _, name = path.rpartition(".")
    return f"{variable(parent)}.{name}"


def _fields(source: Source, plan: Plan, group: Group, depth: int, index: str) -> None:
    """Write the rows of a group in message order; rows of one field stand together at its first place."""
    source.add(depth, "fields = {}")
    source.add(depth, f"extra = None if given is None else given.get({group.name!r}, NOTHING)")
    together: dict[str, list[tuple[int, Row]]] = {}
    for number, row in plan.numbered(group):
        if row.constant:
            _constant(source, plan, number, row, depth=depth, index=index)
        else:
            together.setdefault(row.outside, []).append((number, row))
    for outside, same in together.items():
        mapped = [(number, row) for number, row in same if row.path]
        if mapped:
            _mapped(source, plan, outside, mapped, depth=depth, index=index)
        else:
            number, row = same[0]
            check = field_value(source, number, row, plan.table.converters, Text("t", index))
            source.add(depth, "if extra is not None:")
            source.add(depth + 1, f"t = extra.get({outside!r})")
            source.add(depth + 1, f"if ({check}) is not None: fields[{outside!r}] = t")


def _mapped(
    source: Source, plan: Plan, outside: str, rows: list[tuple[int, Row]], *, depth: int, index: str
) -> None:
    first, leading = rows[0]
    source.add(depth, f"x = {_leaf(leading.path)}")
    source.add(depth, f"t = {_text(source, plan, first, leading, index)}")
    for number, row in rows[1:]:
        source.add(depth, f"x = {_leaf(row.path)}")
        source.add(depth, f"u = {_text(source, plan, number, row, index)}")
        source.add(depth, "if u is not None:")
        source.add(depth + 1, f"if t and u and t != u: bad(('conflict', {number}, x, {index}))")
        source.add(depth + 1, "t = t or u")
    source.add(depth, f"if {'t is not None' if leading.keep_empty else 't'}: fields[{outside!r}] = t")
    if leading.required:
        source.add(depth, f"elif t is None: bad(('missing', {first}, None, {index}))")


def _text(source: Source, plan: Plan, number: int, row: Row, index: str) -> str:
    """Return the expression for the text of the value `x` of a row."""
    converter = plan.table.converters[row.converter]
    slow = f"{source.let(f'put{number}', put(number, row, converter))}(x, bad, {index})"
    if converter.name == "text" and row.type == "C":
        low, high = row.length
        test = f"{low} <= len(x) <= {high}" if low > 1 else f"len(x) <= {high}"
        if row.codes:
            test = f"x in {source.let(f'CODES{number}', frozenset(row.codes))}"
        return f"(x if {test} else {slow}) if x else {'x' if row.keep_empty else 'None'}"
    if converter.name in {"decimal", "integer"} and row.type in {"N", "I"}:
        quick = source.let(f"number_{row.digits[0]}_{row.digits[1]}", quick_number(*row.digits))
        return f"(t if {quick}(t := str(x)) else {slow}) if x is not None else None"
    if isinstance(converter, CodeMap):
        fitting = _fitting(converter, row)
        return f"({source.let(f'code{number}', fitting.get)}(x) or {slow}) if x else None"
    return f"{slow} if x is not None and x != '' else None"


def _fitting(converter: CodeMap, row: Row) -> Mapping[str, str]:
    """Return the codes that the row can carry."""
    low, high = row.length
    return {value: code for value, code in converter.backward.items() if low <= len(code) <= high}


def _constant(source: Source, plan: Plan, number: int, row: Row, *, depth: int, index: str) -> None:
    """A constant must agree with the record wherever the message will say it."""
    parent = row.path.rpartition(".")[0]
    said = "True"
    if parent and not parent.endswith("[]"):
        beside = [one.path for one in plan.rows if not one.constant and one.path.startswith(parent + ".")]
        said = " or ".join(f"{_leaf(path)} is not None" for path in beside)
    source.add(depth, f"x = {_leaf(row.path)}")
    source.add(depth, f"if {said}:")
    source.add(depth + 1, f"if x is None: bad(('derived', {number}, None, {index}))")
    source.add(depth + 1, f"elif x != {row.constant!r}: bad(('conflict', {number}, x, {index}))")
    source.add(depth, f"elif x is not None: bad(('lost', {number}, None, {index}))")


def _uncovered(source: Source, plan: Plan, kind: type[Record], path: str, index: str) -> None:
    """Write one test for all values that no row takes; which they are is worked out only if it holds."""
    tests = list(_unread(plan, kind, path))
    if tests:
        source.add(1, f"if {' or '.join(tests)}: bad(('uncovered', 0, None, {index}))")


def _unread(plan: Plan, kind: type[Record], path: str) -> Iterator[str]:
    for name, below, inner in members(kind, path):
        value = f"{variable(path)}.{name}"
        if inner is None:
            if below not in plan.paths:
                yield f"{value} is not None"
        elif name in repeated(kind):
            if not any(group.target == f"{below}[]" for group in plan.groups):
                yield value
        elif any(row.startswith(below + ".") for row in plan.paths):
            yield from _unread(plan, inner, below)
        else:
            yield f"{value} is not None"
