# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Documents as the tables write them to the text of a message, in the order of its guide."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.upu_edi.catalogue import FIXED
from gateway.sdk import AdapterError, edifact

# Form 2379 of a time by its length: a day is 102, a time in UTC 204.
_FORMS = {8: "102", 14: "204"}
_OWN: Mapping[str, Mapping[str, str]] = {"BGM": {"kind": "ZZZ", "function": "9"}}
Document = Mapping[str, Sequence[Any]]


class Writer:
    """Writes the messages of one guide; `group` holds one document each, or the message is one."""

    def __init__(self, guide: edifact.Guide, group: str) -> None:
        """Take the guide of the message."""
        self.guide, self._group = guide, group
        self._layout = edifact.Layout(guide, {**FIXED, **_OWN}, _FORMS)

    def write(self, head: Mapping[str, str], documents: Sequence[Document]) -> edifact.Laid:
        """Return the message of some documents; without a group there is exactly one.

        Raises:
            AdapterError: the guide has no place for something that the tables write.
        """
        try:
            if self._group:
                pieces = [self._document(one, self._group, {}) for one in documents]
                inner = "".join(text for text, _ in pieces)
                text, count = self._layout.write("", head, {self._group: inner} if pieces else {})
                count += sum(number for _, number in pieces)
            else:
                text, count = self._document(documents[0], "", head)
        except ValueError as error:
            raise AdapterError(f"the guide of {self.guide.identity} lacks what is written: {error}") from None
        return edifact.Laid(self.guide, "1", text, count)

    def _document(self, document: Document, place: str, head: Mapping[str, str]) -> tuple[str, int]:
        """Return the text of a document and the number of its segments."""
        inner: dict[str, str] = {}
        count = 0
        for name, rows in document.items():
            if name and "/" not in name and rows:
                texts = []
                for index, row in enumerate(rows):
                    text, number = self._row(document, f"{place}/{name}".lstrip("/"), name, index, row)
                    texts.append(text)
                    count += number
                inner[name] = "".join(texts)
        text, number = self._layout.write(place, {**head, **document[""][0]}, inner)
        return text, count + number

    def _row(
        self, document: Document, place: str, name: str, index: int, row: Mapping[str, str]
    ) -> tuple[str, int]:
        """Return the text of one group of a document with the groups inside it."""
        inner: dict[str, str] = {}
        count = 0
        for path, lists in document.items():
            outer, _, last = path.partition("/")
            if last and outer == name and index < len(lists) and lists[index]:
                written = [self._layout.write(f"{place}/{last}", one) for one in lists[index]]
                inner[last] = "".join(text for text, _ in written)
                count += sum(number for _, number in written)
        text, number = self._layout.write(place, row, inner)
        return text, count + number
