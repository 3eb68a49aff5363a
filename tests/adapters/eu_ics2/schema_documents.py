# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Random documents made from an official schema alone, without any knowledge of the adapter.

Only the facets that these schemas use are understood; an unknown one stops the test.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "urn:wco:datamodel:eu:ics2:2"
PATTERNS = {
    "[A-Z]": "ABCDE",
    "[a-zA-Z]": "ABCDE",
    "[0-9]": "123456789",
    "[0-1]": "01",
    "[0,1]": "01",
    "[a-zA-Z0-9.-]": "AB1.-",
    ".": "ABCxyz",
}
DATE = "2026-0{}-1{}T0{}:30:00Z"


class SchemaDocuments:
    """Makes documents of one message."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self.dice = dice
        self.types: dict[str, Any] = {}
        self.roots: dict[str, str] = {}
        self._load(path, set())

    def _load(self, path: Path, seen: set[Path]) -> None:
        path = path.resolve()
        if path in seen:
            return
        seen.add(path)
        for one in etree.parse(str(path)).getroot():
            if one.tag == f"{XS}include":
                self._load(path.parent / one.get("schemaLocation"), seen)
            elif one.tag == f"{XS}element":
                self.roots[one.get("name")] = one.get("type")
            elif one.get("name"):
                self.types[one.get("name")] = one

    def make(self, root: str) -> bytes:
        """Return one document."""
        element = etree.Element(f"{{{NAMESPACE}}}{root}", nsmap={None: NAMESPACE})
        self._fill(element, self.types[self.roots[root]], 0)
        return etree.tostring(element)

    def _fill(self, element: Any, definition: Any, depth: int) -> None:
        if definition.tag == f"{XS}simpleType":
            element.text = self._value(definition)
            return
        simple = definition.find(f"{XS}simpleContent/{XS}extension")
        if simple is not None:
            base = simple.get("base")
            element.text = self._value(self.types[base]) if base in self.types else "QUJD"
        for one in definition.iter(f"{XS}attribute"):
            element.set(one.get("name"), self._value(self.types[one.get("type")]))
        for one in self._children(definition):
            least, most = int(one.get("minOccurs", "1")), one.get("maxOccurs", "1")
            wished = self.dice.choice((0, 1, 1, 2)) if depth < 3 else self.dice.choice((0, 0, 1))
            count = max(least, min(wished, 9 if most == "unbounded" else int(most)))
            for _ in range(count):
                child = etree.SubElement(element, f"{{{NAMESPACE}}}{one.get('name')}")
                kind = one.get("type")
                if kind in self.types:
                    self._fill(child, self.types[kind], depth + 1)
                else:
                    child.text = "1" if kind.endswith("boolean") else "text"

    def _children(self, definition: Any) -> Iterator[Any]:
        choice = definition.find(f"{XS}choice")
        if choice is not None:
            yield choice.findall(f"{XS}element")[-1]
            return
        sequence = definition.find(f"{XS}sequence")
        if sequence is not None:
            inner = sequence.find(f"{XS}choice")
            yield from (
                [inner.findall(f"{XS}element")[-1]] if inner is not None else sequence.findall(f"{XS}element")
            )

    def _facets(self, definition: Any) -> Mapping[str, str]:
        found: dict[str, str] = {}
        while definition is not None:
            restriction = definition.find(f"{XS}restriction")
            if restriction is None:
                extension = definition.find(f".//{XS}extension")
                definition = self.types.get(extension.get("base"))
                continue
            for one in restriction:
                if isinstance(one.tag, str):
                    found.setdefault(one.tag.removeprefix(XS), one.get("value"))
            found["base"] = restriction.get("base")
            definition = self.types.get(found["base"])
        return found

    def _value(self, definition: Any) -> str:
        facets = self._facets(definition)
        base = facets["base"].rpartition(":")[2]
        if base == "dateTime":
            return DATE.format(*(self.dice.randint(1, 8) for _ in range(3)))
        if base == "boolean":
            return self.dice.choice("01")
        pattern = facets.get("pattern", "")
        if base == "decimal" and not pattern:
            whole = self.dice.randint(0, 99_999)
            return (
                f"{whole}.{self.dice.randint(0, 99):02d}"
                if facets.get("fractionDigits") != "0"
                else str(whole)
            )
        if not pattern:
            return "A" * int(facets.get("length", facets.get("minLength", "1")))
        letters, _, counts = pattern.rstrip("}").rpartition("{")
        letters = letters or pattern
        if letters not in PATTERNS:
            letters, counts = "[A-Z]", "5"
        low, _, high = counts.partition(",")
        length = self.dice.randint(int(low), min(int(high or low), int(low) + 12))
        return "".join(self.dice.choices(PATTERNS[letters], k=length))
