# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where dispatches and loading events name items."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from gateway.exchange.postal_rows import MovementRow
from gateway.store.postal_schema import movement
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_ADD = Statement(lambda _: insert(movement))
_DROP = Statement(lambda _: delete(movement).where(movement.c.record == bindparam("of_record")))
_FORGET = Statement(lambda _: delete(movement).where(movement.c.id == bindparam("key")))
_OF_ITEMS = KeyedStatement(
    lambda keys: select(movement).where(movement.c.tracking_number.in_(keys)).order_by(movement.c.id)
)


class Movements(Session):
    """The part of a transaction about movements."""

    def movements_of(self, tracking_numbers: Sequence[str]) -> list[MovementRow]:
        """Return what dispatches and loading events say of items, in id order."""
        return [_row(one) for one in self._rows_by_key(_OF_ITEMS, tracking_numbers)]

    def put_movements(self, record: int, rows: Sequence[MovementRow]) -> None:
        """Replace what one record says of items."""
        self._change(_DROP, of_record=record)
        self._change_many(_ADD, [msgspec.structs.astuple(row) for row in rows])

    def forget_movements(self, tracking_number: str, posting_date: str) -> None:
        """Remove what was said of an item; an empty date stands for every posting."""
        for one in self.movements_of([tracking_number]):
            if not (posting_date and one.posting_date) or one.posting_date == posting_date:
                self._change(_FORGET, key=one.id)


def _row(values: tuple[object, ...]) -> MovementRow:
    """Read a movement."""
    return MovementRow(**dict(zip(MovementRow.__struct_fields__, values, strict=True)))  # type: ignore[arg-type]  # columns have the types of the fields
