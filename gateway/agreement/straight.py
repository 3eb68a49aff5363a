# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the straight-line Python that copies an item field by field, once for each agreement.

The code is built outwards from the fields that an agreement names. A leaf that is not named is never read, so
nothing can pass by oversight: denial is the absence of code.
"""

import contextlib
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.agreement.agreement import Treatment
from gateway.model import Item, leaf_types
from gateway.model.record import Record

LeafWriter = Callable[[str, str, str, Treatment], bool]
"""Write the lines that treat the value in a variable: (variable, leaf path, shown path, treatment).

The shown path has indexes as an f-string needs them. The value is present where the lines run. Returns
whether the variable then holds what may leave.
"""


class Source:
    """Lines of one function under construction, and the objects that its text refers to by name."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self.depth = 1
        self._count = 0

    def add(self, line: str) -> None:
        """Add a line at the current depth."""
        self.lines.append("    " * self.depth + line)

    def fresh(self) -> str:
        """Return an unused variable name."""
        self._count += 1
        return f"v{self._count}"

    @contextlib.contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Put what is added meanwhile below a head; a block without body goes away."""
        self.add(head)
        self.depth += 1
        body = len(self.lines)
        yield
        self.depth -= 1
        if len(self.lines) == body:
            self.lines.pop()

    def bind(self, value: Any) -> str:
        """Return a name under which the code can use an object."""
        name = f"b{len(self.names)}"
        self.names[name] = value
        return name


def compile_source(source: Source, head: str) -> Any:
    """Compile the lines as one function with this head and return it."""
    text = "\n".join([f"def made({head}):", *source.lines, ""])
    space: dict[str, Any] = dict(source.names)
    exec(compile(text, "<agreement>", "exec"), space)  # noqa: S102 - the text is made here from model paths only
    return space["made"]


@dataclass(frozen=True, slots=True)
class CopyWriter:
    """Write the code that builds an item out of the fields that have a treatment."""

    source: Source
    treatments: Mapping[str, Treatment]
    write_leaf: LeafWriter
    dictionaries: bool = False
    """Build dictionaries instead of records; absent fields are in them as none."""

    def copy(self) -> str:
        """Write the code that reads the variable `item`; return the expression of the result."""
        return self._construct(Item, self._fields(Item, "item", "", ""))

    def _fields(self, record: type[Record], variable: str, prefix: str, shown: str) -> dict[str, str]:
        """Write the code for all named leaves of the record in a variable; return field name -> result.

        `prefix` is the path of the record with `[]`, `shown` the same with indexes as an f-string has them.
        """
        made: dict[str, str] = {}
        for field in msgspec.structs.fields(record):
            name = field.encode_name
            inner, repeated = _plain(field.type)
            path = prefix + name + ("[]" if repeated else "")
            if path in self.treatments:
                result = self._leaf(f"{variable}.{name}", path, shown + name)
            elif not any(one.startswith(path + ".") for one in self.treatments):
                continue
            elif repeated:
                result = self._repeated(inner, f"{variable}.{name}", path + ".", shown + name)
            else:
                result = self._single(inner, f"{variable}.{name}", path + ".", shown + name + ".")
            if result:
                made[name] = result
        return made

    def _leaf(self, reference: str, path: str, shown: str) -> str:
        """Write the code for one leaf; an empty text counts as absent."""
        value = self.source.fresh()
        self.source.add(f"{value} = {reference}" + (" or None" if leaf_types()[path] is str else ""))
        with self.source.block(f"if {value} is not None:"):
            leaves = self.write_leaf(value, path, shown, self.treatments[path])
        return value if leaves else ""

    def _single(self, record: type[Record], reference: str, prefix: str, shown: str) -> str:
        """Write the code for a group that occurs at most once; it leaves only if a value in it does."""
        group, result = self.source.fresh(), self.source.fresh()
        self.source.add(f"{group} = {reference}")
        self.source.add(f"{result} = None")
        with self.source.block(f"if {group} is not None:"):
            made = self._fields(record, group, prefix, shown)
            if made:
                self.source.add(f"if {' or '.join(f'{one} is not None' for one in made.values())}:")
                self.source.add(f"    {result} = {self._construct(record, made)}")
        return result if made else ""

    def _repeated(self, record: type[Record], reference: str, prefix: str, shown: str) -> str:
        """Write the code for a repeated group; each keeps its place, so that indexes mean the same."""
        index, group, result = (self.source.fresh() for _ in range(3))
        self.source.add(f"{result} = []")
        with self.source.block(f"for {index}, {group} in enumerate({reference}):"):
            made = self._fields(record, group, prefix, f"{shown}[{{{index}}}].")
            if made:
                self.source.add(f"{result}.append({self._construct(record, made)})")
        return f"tuple({result})" if made else ""

    def _construct(self, record: type[Record], made: Mapping[str, str]) -> str:
        """Return the expression that builds a record of results."""
        if self.dictionaries:
            return f"{{{', '.join(f'{name!r}: {result}' for name, result in made.items())}}}"
        return f"{self.source.bind(record)}({', '.join(f'{name}={result}' for name, result in made.items())})"


def _plain(annotation: Any) -> tuple[Any, bool]:
    """Strip `| None` and `tuple[..., ...]` from an annotation; say whether it was a tuple."""
    if isinstance(annotation, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    if typing.get_origin(annotation) is tuple:
        return typing.get_args(annotation)[0], True
    return annotation, False
