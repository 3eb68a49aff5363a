# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which tables go to the archive, how their rows are chosen by day, and what of them stays.

Rows are of the day of what they hang on: contributions of that of their message, shares of that of their
item, index rows of that of their batch. So a day is whole by itself. Of messages and batches the head stays,
emptied of everything large: the same bytes must get the same answer, and a batch its receipt, for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, LargeBinary, Table, Text, bindparam

from gateway.store.ids import COUNTER_BITS, NODE_BITS
from gateway.store.schema import batch, contribution, inbound, inbound_record, item, message, share

SHIFT = NODE_BITS + COUNTER_BITS
NO_FINDINGS = b"\x90"  # an empty list in MessagePack
_LATER = 1_000_000 << SHIFT  # ticks, more than an hour: so much later than its message a contribution may be


@dataclass(frozen=True, slots=True)
class Archived:
    """One table: `by` is the key by which rows are chosen, `owner` what says of which day they are.

    `emptied` are the values that stay in place of what is large; without any, rows are deleted. `sought` are
    columns by which single rows are looked for. `packed` are columns that stay, but compressed.
    """

    table: Table
    by: Column[int]
    owner: Column[int]
    emptied: Mapping[str, bytes]
    sought: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return str(self.table.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(str(one.name) for one in self.table.columns)

    def of_day(self) -> list[ColumnElement[bool]]:
        """Return the conditions on rows of a day, between the parameters `first` and `end`."""
        conditions = [self.owner >= bindparam("first"), self.owner < bindparam("end")]
        if self.owner is not self.by:
            conditions += [self.by >= bindparam("first"), self.by < bindparam("end") + _LATER]
        if self.emptied:
            conditions.append(self.whole())
        return conditions

    def whole(self) -> ColumnElement[bool]:
        """Return the condition that a row is not emptied; stored payloads are never empty."""
        column: Column[bytes] = self.table.c[next(iter(self.emptied))]
        return column != bindparam("nothing")

    def row(self, values: Any) -> tuple[Any, ...]:
        """Return a row with values of the same types whatever the database."""
        return tuple(
            bool(value) if truth else value for value, truth in zip(values, self._truths(), strict=True)
        )

    def _truths(self) -> list[bool]:
        return [isinstance(one.type, Boolean) for one in self.table.columns]


def kind_of(column: Column[Any]) -> str:
    """Return what a column holds, as the archive names it."""
    for kind, name in ((Text, "text"), (LargeBinary, "bytes"), (Boolean, "boolean")):
        if isinstance(column.type, kind):
            return name
    return "number"


# In the order in which rows are dropped: nothing is dropped before what points to it.
ARCHIVED = {
    one.name: one
    for one in (
        Archived(share, share.c.item, share.c.item, {}),
        Archived(item, item.c.id, item.c.id, {}, ("tracking_number", "order_key", "list_key", "ucr", "mrn")),
        Archived(contribution, contribution.c.id, contribution.c.message_row, {}, ("join_key", "reference")),
        Archived(
            inbound_record, inbound_record.c.inbound, inbound_record.c.inbound, {}, ("tracking_number",)
        ),
        Archived(
            message,
            message.c.id,
            message.c.id,
            {"raw": b"", "findings": NO_FINDINGS},
            packed=("acknowledgement",),
        ),
        Archived(batch, batch.c.id, batch.c.id, {"payload": b"", "salts": b""}),
        Archived(inbound, inbound.c.id, inbound.c.id, {"payload": b""}),
    )
}
