# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The fast road of writing: straight-line Python made of the table, for records that need no repair.

It gives up, and the exact walk of `writing` takes over, as soon as a value is not plainly within its row.
What it writes is what that walk writes; a test compares them.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

from adapters.gb_ens.catalogue import XML
from adapters.gb_ens.lexical import PATTERNS
from adapters.gb_ens.reading import Scope
from adapters.gb_ens.spec import Container, Leaf, spec
from adapters.gb_ens.times import exact_local

Quick = Callable[[Scope], str | None]


@functools.cache
def quick(name: str) -> Quick:
    """Return the function that writes the elements of a message, or gives up."""
    making = _Making()
    making.line(0, "def write(s):")
    making.line(1, "out, said = [], []")
    making.line(1, "add, say = out.append, said.append")
    lacks = making.container(spec(name, XML), "s", 1)
    making.line(1, f"return ''.join(out) if not {lacks} and plain(said) else None")
    # The source is made of the rows of a table that was checked at load; texts enter it as repr or by name.
    exec(compile("\n".join(making.lines), f"<gb_ens {name}>", "exec"), making.names)  # noqa: S102 - see above
    made: Quick = making.names["write"]
    return made


def plain(texts: list[str]) -> bool:
    """Say whether texts hold nothing that XML must escape or that a token of XML Schema would lose."""
    whole = "|".join(texts)
    return (
        whole.isprintable()
        and "&" not in whole
        and "<" not in whole
        and ">" not in whole
        and "  " not in whole
        and " |" not in whole
        and "| " not in whole
        and whole[:1] != " "
        and whole[-1:] != " "
    )


class _Making:
    """Lines of source, and the objects that they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"plain": plain, "EMPTY": {}, "local": exact_local}
        self._count = 0

    def line(self, depth: int, text: str) -> None:
        """Add one line at an indentation."""
        self.lines.append("    " * depth + text)

    def container(self, one: Container, scope: str, depth: int) -> str:
        """Write the elements of a container whose values are in a variable; return what counts its lacks."""
        holders: dict[tuple[str, ...], str] = {(): scope}
        lacks = self._name("lacks")
        self.line(depth, f"{lacks} = 0")
        for place in one.places.values():
            if isinstance(place, Leaf):
                if place.name:
                    self._leaf(place, self._holder(holders, place.parents, depth), lacks, depth)
            elif place.list_name:
                self._entries(place, self._holder(holders, place.parents, depth), depth)
            elif not place.lifted:
                self._inner(place, scope, depth)
        return lacks

    def _holder(self, holders: dict[tuple[str, ...], str], parents: tuple[str, ...], depth: int) -> str:
        """Return the variable that holds the record at some steps below a scope."""
        if parents not in holders:
            above = self._holder(holders, parents[:-1], depth)
            holders[parents] = name = self._name("h")
            self.line(depth, f"{name} = {above}.get({parents[-1]!r}) or EMPTY")
        return holders[parents]

    def _inner(self, one: Container, scope: str, depth: int) -> None:
        mark = self._name("n")
        self.line(depth, f"{mark} = len(out) + 1")
        self.line(depth, f"add('<{one.tag}>')")
        lacks = self.container(one, scope, depth)
        self._close(one, mark, lacks, depth)

    def _entries(self, one: Container, holder: str, depth: int) -> None:
        many, entry, mark = self._name("many"), self._name("e"), self._name("n")
        self.line(depth, f"{many} = {holder}.get({one.list_name!r}) or ()")
        if one.most:
            self.line(depth, f"if len({many}) > {one.most}: return None")
        if one.least:
            self.line(depth, f"if not {many}: return None")
        self.line(depth, f"for {entry} in {many}:")
        self.line(depth + 1, f"{mark} = len(out) + 1")
        self.line(depth + 1, f"add('<{one.tag}>')")
        lacks = self.container(one, entry, depth + 1)
        self._close(one, mark, lacks, depth + 1)

    def _close(self, one: Container, mark: str, lacks: str, depth: int) -> None:
        """Close a container; one without elements is left out, one that lacks some is not for this road."""
        empty = "return None" if one.least else "out.pop()"
        self.line(depth, f"if len(out) == {mark}: {empty}")
        self.line(depth, f"elif {lacks}: return None")
        self.line(depth, f"else: add('</{one.tag}>')")

    def _leaf(self, leaf: Leaf, holder: str, lacks: str, depth: int) -> None:
        """Write one element, or give up."""
        test, text = self._test(leaf)
        self.line(depth, f"v = {holder}.get({leaf.name!r})")
        self.line(depth, "if v is not None:")
        self.line(depth + 1, f"if not ({test}): return None")
        self.line(depth + 1, f"add(f'<{leaf.tag}>{{{text}}}</{leaf.tag}>')")
        if leaf.row.type == "C" and not leaf.is_moment:
            self.line(depth + 1, "say(v)")
        if leaf.must:
            self.line(depth, f"else: {lacks} += 1")

    def _test(self, leaf: Leaf) -> tuple[str, str]:
        """Return the test of a value and the expression of its text."""
        row, name = leaf.row, self._name("FITS")
        if row.type == "N":
            total, fraction = row.digits
            self.names[name] = re.compile(
                rf"[0-9]{{1,{total - fraction}}}(?:\.[0-9]{{1,{fraction}}})?"
            ).fullmatch
            return f"{name}(t := str(v))", "t"
        if row.type == "I":
            return f"type(v) is int and 0 <= v < {10 ** row.digits[0]}", "v"
        if leaf.is_moment:
            return "(t := local(v))", "t"
        length = f"type(v) is str and {leaf.low} <= len(v) <= {leaf.high}"
        if row.codes:
            self.names[name] = frozenset(row.codes)
            return f"v in {name}", "v"
        if row.converter in PATTERNS:
            self.names[name] = re.compile(PATTERNS[row.converter][0]).fullmatch
            return f"{length} and {name}(v)", "v"
        return length, "v"

    def _name(self, start: str) -> str:
        self._count += 1
        return f"{start}{self._count}"
