# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a walk over a document has to say; paths are made only when they are asked for.

An element that the schema knows and no field takes is unmapped, any other is unknown. Elements are told leaf
by leaf, each with its path, up to a limit beyond which their number is told.
"""

from collections.abc import Iterator
from typing import Any

from adapters.uk_cds.catalogue import DEC, DocumentType, elements
from gateway.sdk import Finding, finding, xml

MOST = 2000


class Telling:
    """Collects elements, and turns them into findings at the end."""

    def __init__(self, document: DocumentType) -> None:
        """Begin with nothing to say."""
        self._document = document
        self._found: list[tuple[str, Any, str, str]] = []
        self._lost: list[tuple[Any, str]] = []
        self._numbers: dict[tuple[Any, str], dict[Any, int]] = {}

    @property
    def has_faults(self) -> bool:
        """Whether there is more to say than that elements have no mapping."""
        return bool(self._found)

    def lose(self, element: Any) -> None:
        """Note an element that no field takes."""
        self._lost.append((element, ""))

    def attributes(self, element: Any, but: str) -> None:
        """Note the attributes of an element but one."""
        self._lost += [(element, name) for name in element.keys() if name != but]  # noqa: SIM118 - of an element

    def twice(self, element: Any) -> None:
        """Note an element that stands more often than it may."""
        self._found.append(("SCHEMA-REPEATED", element, "once", ""))

    def filled(self, element: Any) -> None:
        """Note elements where only text may stand."""
        self._found.append(("SCHEMA-FORMAT", element, "text only", ""))

    def no_format_code(self, element: Any, meant: str) -> None:
        """Note a date without its format code."""
        self._found.append(("UKCDS-FORMAT-CODE", element, meant or "102 or 304", ""))

    def other_format(self, element: Any, code: str, meant: str) -> None:
        """Note a date whose form is not that of its code."""
        self._found.append(("UKCDS-DATE-FORM", element, f"the form of {code}", f"the form of {meant}"))

    def findings(self) -> list[Finding]:
        """Return one finding per fault and per leaf that no field took."""
        if not self._found and not self._lost:
            return []
        found = [
            finding(code, path=self._path(one), position=xml.position(one), expected=expected, actual=actual)
            for code, one, expected, actual in self._found
        ]
        for number, (element, name) in enumerate(self._leaves()):
            if number < MOST:
                found.append(self._unmapped(element, name))
        more = sum(1 for _ in self._leaves()) - MOST if self._lost else 0
        if more > 0:
            found.append(finding("UKCDS-MORE", actual=f"{more} more"))
        return found

    def _leaves(self) -> Iterator[tuple[Any, str]]:
        for element, name in self._lost:
            if name:
                yield element, name
            else:
                yield from ((one, "") for one in element.iter() if not len(one))

    def _unmapped(self, element: Any, name: str) -> Finding:
        path = self._path(element) + (f"/@{name.rpartition('}')[2]}" if name else "")
        code = "SCHEMA-UNMAPPED-FIELD" if name or self._known(element) else "SCHEMA-UNKNOWN-FIELD"
        return finding(code, path=path, position=xml.position(element))

    def _known(self, element: Any) -> bool:
        """Say whether the schema knows an element; a declaration inside a response is known as such."""
        names: list[str] = []
        document = self._document
        while element is not None:
            names.append(xml.local_name(element))
            space = xml.namespace(element)
            if names[-1] == document.root and space in {document.namespace, ""}:
                break
            if space == DEC.namespace and names[-1] == DEC.root:
                document = DEC
                break
            element = element.getparent()
        path = "/".join(reversed(names)).removesuffix("/DateTimeString")
        return path in elements(document.name)

    def _path(self, element: Any) -> str:
        """Return the path of an element below the envelope, with numbers where there are several."""
        names: list[str] = []
        while element is not None:
            above = element.getparent()
            name = xml.local_name(element)
            if above is None:
                if not names or name != "MetaData":
                    names.append(name)
                break
            beside = self._beside(above, element.tag)
            names.append(f"{name}[{beside[element]}]" if len(beside) > 1 else name)
            element = above
        return "/".join(reversed(names))

    def _beside(self, above: Any, tag: str) -> dict[Any, int]:
        """Return the numbers of the children of one name, worked out once for all of them."""
        known = self._numbers.get((above, tag))
        if known is None:
            children = above.findall(tag)
            known = self._numbers[above, tag] = {one: number for number, one in enumerate(children, 1)}
        return known
