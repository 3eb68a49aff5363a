# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages exist, which tables read and write them, and where each table stands in its message."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.eu_ics2.converters import converters
from gateway.sdk import CompiledTable, Table, compile_table, load_table

NAMESPACE = "urn:wco:datamodel:eu:ics2:2"
EDITION = "2"
HOUSE = "postal_house"
MASTER = "postal_master"
ROOTS: Mapping[str, str] = {HOUSE: "consignmentMasterLevel", MASTER: "consignmentMasterLevel"}
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Complete:
    """Fields of a group that must be there once anything of their container is."""

    group: str
    container: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a table stands: `unit` makes one record, `repeat` is written once per record.

    `takes` says which records are written by it; `order` is the schema order of its fields and groups;
    `fallback` names the field that speaks where another is absent.
    """

    name: str
    message: str
    takes: str
    unit: str
    repeat: str
    order: tuple[str, ...]
    fallback: Mapping[str, str] = field(default_factory=dict)
    complete: tuple[Complete, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """Return the elements on the way to the unit that may repeat."""
        return tuple(dict.fromkeys(one for one in (self.repeat, self.unit) if one))


@functools.cache
def frames() -> Mapping[str, Frame]:
    """Return every frame by the name of its table, in the order of the file."""
    document = tomllib.loads((_HERE / "frames.toml").read_text("utf-8"))
    return {row["name"]: _frame(row) for row in document["table"]}


@functools.cache
def of_message(message: str) -> tuple[Frame, ...]:
    """Return the frames of a message, none for a message that has no table."""
    return tuple(one for one in frames().values() if one.message == message)


@functools.cache
def table(name: str) -> Table:
    """Return a mapping table, checked whole on first use."""
    return load_table(_HERE / "tables" / f"{name}.toml", converters())


@functools.cache
def compiled(name: str) -> CompiledTable:
    """Return a mapping table made ready."""
    return compile_table(table(name), EDITION)


@functools.cache
def fields_of(name: str, group: str) -> tuple[str, ...]:
    """Return the fields of a group of a table, in schema order."""
    return compiled(name).fields(group)


@functools.cache
def _repeating(name: str) -> frozenset[str]:
    return frozenset(one.name for one in table(name).groups if one.max > 1)


def place(name: str, group: str, index: int) -> str:
    """Return a repetition of a group as findings say it."""
    return f"{group}[{index}]" if group in _repeating(name) else group


def _frame(row: Mapping[str, Any]) -> Frame:
    complete = [
        Complete(one["group"], one["container"], tuple(one["fields"])) for one in row.get("complete", ())
    ]
    plain = {key: value for key, value in row.items() if key not in {"complete", "order"}}
    return Frame(**plain, order=tuple(row["order"]), complete=tuple(complete))
