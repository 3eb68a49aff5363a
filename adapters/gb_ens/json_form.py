# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON forms: from JSON to elements, and from elements to JSON, by the pairs of json.toml."""

import functools
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.gb_ens.catalogue import BY_JSON_NAME, Message, pointers
from adapters.gb_ens.nodes import Node
from adapters.gb_ens.repeated import repeated_keys
from gateway.sdk import Finding, Limits, finding

META = {
    "messageIdentification": "MesIdeMES19",
    "correlationId": "CorIdeMES25",
}
_INTEGERS = frozenset({"TotNumOfIteHEA305", "TotNumOfPacHEA306"})
_TAKEN = frozenset({"senderEORI", "senderBranch", "messageType", "preparationDateTime", *META})
_OWN = _TAKEN | {"receivedDateTime"}
_UNMAPPED = frozenset({"/submissionId", "/metadata/receivedDateTime"})


@dataclass(slots=True)
class Key:
    """What one key of the JSON means: an element, or an object or list of further keys."""

    element: str = ""
    keys: "dict[str, Key]" = field(default_factory=dict)
    container: str = ""


@functools.cache
def keys(name: str) -> Key:
    """Return the tree of keys of a message; `container` names the element that each list entry is."""
    top = Key()
    for element, pointer in pointers(name).items():
        place = top
        depth = 0
        for step in pointer.split("/"):
            place = place.keys.setdefault(step.removesuffix("[]"), Key())
            if step.endswith("[]"):
                depth += 1
                place.container = _up_to(element, depth)
        place.element = element.replace("[]", "")
    return top


def _up_to(element: str, depth: int) -> str:
    """Return the path of the element that carries the list mark of a depth."""
    return "[]".join(element.split("[]")[:depth]).replace("[]", "")


@dataclass(slots=True)
class Read:
    """A JSON message as elements; `preparation` is the text of its time."""

    message: Message | None
    root: Node
    preparation: str
    found: list[Finding]


def read(raw: bytes, limits: Limits) -> Read:
    """Read a message; whatever is wrong with its syntax is a finding."""
    found: list[Finding] = []
    if len(raw) > limits.max_bytes:
        found.append(finding("GB-ENS-JSON", expected=f"at most {limits.max_bytes} bytes"))
        return Read(None, Node("", ""), "", found)
    try:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        whole = msgspec.json.decode(raw, type=dict[str, Any])
        twice = repeated_keys(raw, whole)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        found.append(finding("GB-ENS-JSON", expected="one JSON object"))
        return Read(None, Node("", ""), "", found)
    found += [finding("GB-ENS-JSON-REPEATED-KEY", actual=name) for name in twice]
    meta = whole.get("metadata")
    if type(meta) is not dict:
        found.append(finding("GB-ENS-JSON-FORM", path="/metadata", expected="an object"))
        return Read(None, Node("", ""), "", found)
    message = BY_JSON_NAME.get(str(meta.get("messageType")))
    if message is None:
        found.append(finding("GB-ENS-ROOT", path="/metadata/messageType", expected=", ".join(BY_JSON_NAME)))
        return Read(None, Node("", ""), "", found)
    root = Node("", "")
    building = _Building(root, found)
    building.meta(message, meta)
    rest = {name: one for name, one in meta.items() if name not in _TAKEN}
    known = keys(message.name)
    body = {name: one for name, one in whole.items() if name != "metadata"}
    building.object(body, known, "", ("", root))
    building.object(rest, known.keys.get("metadata", Key()), "/metadata", ("", root))
    return Read(message, root, str(meta.get("preparationDateTime", "")), found)


class _Building:
    """Elements on their way; `_inner` finds the container of a path below the entry that is being read."""

    def __init__(self, root: Node, found: list[Finding]) -> None:
        self._root, self._found = root, found
        self._made: dict[tuple[int, str], Node] = {}

    def meta(self, message: Message, meta: dict[str, Any]) -> None:
        """Read the message fields."""
        for name in sorted(_OWN):
            if name not in meta:
                self._found.append(finding("SCHEMA-MISSING", path=f"/metadata/{name}", expected="a text"))
            elif type(meta[name]) is not str:
                self._wrong(f"/metadata/{name}", "a text")
        eori, branch = (str(meta.get(name, "")) for name in ("senderEORI", "senderBranch"))
        sender = "/".join(filter(None, (eori, branch)))
        tag = "MesRecMES6" if message.outcome else "MesSenMES3"
        if sender:
            self._root.children.append(Node(tag, "/metadata/senderEORI", sender))
        for name, element in META.items():
            if name in meta:
                self._root.children.append(Node(element, f"/metadata/{name}", str(meta[name])))

    def object(self, value: dict[str, Any], known: Key, pointer: str, entry: tuple[str, Node]) -> None:
        """Read the keys of an object into the containers of an entry."""
        for name, inner in value.items():
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            key = known.keys.get(name)
            if key is None:
                code = "SCHEMA-UNMAPPED-FIELD" if at in _UNMAPPED else "SCHEMA-UNKNOWN-FIELD"
                self._found.append(finding(code, path=at))
            elif key.container:
                self._list(inner, key, at, entry)
            elif key.element:
                self._leaf(inner, key.element, at, entry)
            elif type(inner) is dict:
                self.object(inner, key, at, entry)
            else:
                self._wrong(at, "an object")

    def _list(self, value: Any, key: Key, at: str, entry: tuple[str, Node]) -> None:
        if type(value) is not list:
            self._wrong(at, "a list")
            return
        for number, inner in enumerate(value):
            parent = self._inner(entry, key.container.rpartition("/")[0])
            node = Node(key.container.rpartition("/")[2], f"{at}/{number}")
            parent.children.append(node)
            if key.element:
                self._leaf(inner, key.element, f"{at}/{number}", (key.container, node))
            elif type(inner) is dict:
                self.object(inner, key, f"{at}/{number}", (key.container, node))
            else:
                self._wrong(f"{at}/{number}", "an object")

    def _leaf(self, value: Any, element: str, at: str, entry: tuple[str, Node]) -> None:
        path, _, tag = element.rpartition("/")
        kind = int if tag in _INTEGERS else str
        if type(value) is not kind:
            self._wrong(at, "a whole number" if kind is int else "a text")
            return
        self._inner(entry, path).children.append(Node(tag, at, str(value)))

    def _inner(self, entry: tuple[str, Node], path: str) -> Node:
        """Return the container of a path, made where it is not yet there."""
        start, node = entry
        if path == start:
            return node
        known = self._made.get((id(node), path))
        if known is None:
            parent = self._inner(entry, path.rpartition("/")[0])
            known = Node(path.rpartition("/")[2], node.pointer)
            parent.children.append(known)
            self._made[(id(node), path)] = known
        return known

    def _wrong(self, path: str, expected: str) -> None:
        self._found.append(finding("GB-ENS-JSON-FORM", path=path, expected=expected))
