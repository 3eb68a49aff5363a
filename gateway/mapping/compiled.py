# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A table in one edition, ready for work: read a document, write one, judge the order of its fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.errors import ConfigError
from gateway.finding import Finding
from gateway.mapping.faults import Fault, describe
from gateway.mapping.generate_decode import decode_source
from gateway.mapping.generate_encode import encode_source
from gateway.mapping.losses import losses
from gateway.mapping.positional import Positional, Written
from gateway.mapping.shape import Shapes
from gateway.mapping.source import Plan, plan
from gateway.mapping.table import Row, Table
from gateway.model import Item, Loss

Document = dict[str, list[dict[str, str]]]


class CompiledTable:
    """Made by `compile_table`. Holds no state but a bounded memory of field orders; safe to share."""

    def __init__(self, plan: Plan) -> None:
        """Generate and run the source of both directions."""
        self.table = plan.table
        self.edition = plan.edition
        self._plan = plan
        reading, writing = decode_source(plan), encode_source(plan)
        label = f"{plan.table.name} {plan.edition}"
        self._decode: Callable[..., Item] = reading.build("decode", f"{label} decode")
        self._encode: Callable[..., Document] = writing.build("encode", f"{label} encode")
        self._sources = (reading.text, writing.text)
        self._shapes = Shapes(plan)
        self._positional = Positional(plan, lambda group, tags: not self._shapes.judge(group, tags))
        self._fields: dict[str, tuple[str, ...]] = {}
        for row in plan.rows:
            if row.outside and row.outside not in self._fields.setdefault(row.group, ()):
                self._fields[row.group] += (row.outside,)

    @property
    def sources(self) -> tuple[str, str]:
        """The generated Python of decode and of encode, for whoever debugs a table."""
        return self._sources

    @property
    def unmapped(self) -> tuple[Row, ...]:
        """The fields of the message that no canonical path takes."""
        return tuple(row for row in self._plan.rows if not row.path)

    def fields(self, group: str) -> tuple[str, ...]:
        """Return the outside names of a group in message order."""
        return self._fields.get(group, ())

    def decode(
        self, document: Mapping[str, Sequence[Mapping[str, str]]], position: str = ""
    ) -> tuple[Item, list[Finding]]:
        """Read one document: group name -> groups, each outside field -> text.

        A field present without text counts as absent. A faulty field is left out of the item; every fault
        of every field is among the findings.
        """
        faults: list[Fault] = []
        item = self._decode(document, faults.append)
        return item, describe(self._plan, faults, position) if faults else []

    def read(self, head: Written, lines: Sequence[Written]) -> Item | None:
        """Read one document whose fields stand as written, if it is sound; else `decode` must read it.

        Each group is the names of its fields and their texts, the head first and once, the lines of the one
        repeated group after it.
        """
        return self._positional.read(head, lines)

    def encode(
        self, item: Item, given: Mapping[str, Mapping[str, str]] | None = None, position: str = ""
    ) -> tuple[Document, list[Loss], list[Finding]]:
        """Write one document; fields stand in message order.

        `given` holds, by group, the texts of fields that no canonical path takes (message ids, times); they
        are checked like all others. Without `given` such fields are left out and not asked for. Whatever is
        wrong is left out of the document and stands among the findings.
        """
        faults: list[Fault] = []
        document = self._encode(item, given, faults.append)
        if not faults:
            return document, [], []
        told: list[Any] = [one for one in faults if one[0] not in {"derived", "lost", "uncovered"}]
        return document, losses(self._plan, item, faults), describe(self._plan, told, position)

    def shape(self, group: str, tags: tuple[str, ...]) -> tuple[Finding, ...]:
        """Judge the order and repetition of a group's fields, given their names as they stand.

        Missing and unknown fields are for `decode` to report. Answers are remembered, so that messages
        written alike cost one look-up.
        """
        return self._shapes.judge(group, tags)


def compile_table(table: Table, edition: str = "2022") -> CompiledTable:
    """Return the table made ready in one of its editions.

    Raises:
        ConfigError: the table has no such edition.
    """
    if edition not in table.editions:
        raise ConfigError(f"table {table.name} has no edition {edition}; it has {', '.join(table.editions)}")
    return CompiledTable(plan(table, edition))
