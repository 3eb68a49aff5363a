# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Between the JSON object of a record and the record: one function per record type and direction, made once.

Reading never stops at a fault: each faulty value is left out and named by its JSON Pointer (RFC 6901).
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from adapters.ead_json.leaves import READ, WRITE, WrongType
from adapters.ead_json.structure import members
from gateway.sdk import Finding, Record, finding

Reader = Callable[[Any, str, list[Finding]], Any]
Writer = Callable[[Any, str, list[Finding]], Any]
_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


@functools.cache
def reader(record: type[Record]) -> Reader:
    """Return the function that reads a record of this type; it gives `None` for anything but an object."""
    readers: Mapping[str, Reader] = {
        one.name: _many(reader(one.record))
        if one.record and one.repeats
        else reader(one.record)
        if one.record
        else _leaf(READ[one.kind])
        for one in members(record)
    }

    def read(value: Any, path: str, found: list[Finding]) -> Any:
        if type(value) is not dict:
            found.append(wrong_type(path, "an object", value))
            return None
        given = {}
        for key, inner in value.items():
            one = readers.get(key)
            if one is None:
                found.append(finding("EAD-JSON-UNKNOWN-KEY", path=f"{path}/{escaped(key)}"))
            elif (told := one(inner, f"{path}/{key}", found)) is not None:
                given[key] = told
        return record(**given)

    return read


@functools.cache
def writer(record: type[Record]) -> Writer:
    """Return the function that turns a record of this type into an object; absent fields are left out."""
    writers = [
        (
            one.name,
            _many_out(writer(one.record))
            if one.record and one.repeats
            else writer(one.record)
            if one.record
            else _leaf_out(WRITE[one.kind]),
        )
        for one in members(record)
    ]

    def write(value: Any, path: str, found: list[Finding]) -> dict[str, Any]:
        written = {}
        for name, one in writers:
            inner = getattr(value, name)
            if inner is not None and inner != ():
                written[name] = one(inner, f"{path}/{name}", found)
        return written

    return write


def escaped(key: str) -> str:
    """Return a key as a JSON Pointer has it."""
    return key.replace("~", "~0").replace("/", "~1")


def wrong_type(path: str, expected: str, value: Any) -> Finding:
    """Return the finding about a value of a wrong JSON type."""
    return finding(
        "EAD-JSON-FORM", path=path, expected=expected, actual=_JSON_NAMES.get(type(value), "a number")
    )


def _leaf(read: Callable[[Any], Any]) -> Reader:
    def leaf(value: Any, path: str, found: list[Finding]) -> Any:
        try:
            return read(value)
        except WrongType as error:
            found.append(wrong_type(path, str(error), value))
        except ValueError as error:
            found.append(finding("SCHEMA-FORMAT", path=path, expected=str(error)))
        return None

    return leaf


def _many(read: Reader) -> Reader:
    def many(value: Any, path: str, found: list[Finding]) -> Any:
        if type(value) is not list:
            found.append(wrong_type(path, "a list", value))
            return None
        told = [read(one, f"{path}/{number}", found) for number, one in enumerate(value)]
        return tuple([one for one in told if one is not None])

    return many


def _leaf_out(write: Callable[[Any], Any]) -> Writer:
    def leaf(value: Any, path: str, found: list[Finding]) -> Any:
        try:
            return write(value)
        except ValueError as error:
            found.append(finding("SCHEMA-FORMAT", path=path, expected=str(error)))
            return None

    return leaf


def _many_out(write: Writer) -> Writer:
    def many(value: Any, path: str, found: list[Finding]) -> Any:
        return [write(one, f"{path}/{number}", found) for number, one in enumerate(value)]

    return many
