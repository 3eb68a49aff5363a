# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages, contributions and items: what came from the domestic side and what it was merged to."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, true, update

from gateway.exchange.rows import ContributionRow, ItemRow, MessageRow
from gateway.store import form
from gateway.store.columns import is_filled
from gateway.store.dialect import upsert
from gateway.store.schema import contribution, item, message
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_ADD_MESSAGE = Statement(lambda _: insert(message))
_MESSAGE_BY_DIGEST = Statement(lambda _: select(message).where(message.c.digest == bindparam("digest")))
_NAMED = Statement(
    lambda _: (
        select(message.c.id)
        .where(
            message.c.message_id == bindparam("message_id"),
            message.c.adapter == bindparam("adapter"),
            message.c.outcome != literal_column("'refused'"),
        )
        .limit(1)
    )
)
_MESSAGES = KeyedStatement(lambda keys: select(message).where(message.c.id.in_(keys)).order_by(message.c.id))
_ADD_CONTRIBUTIONS = Statement(lambda _: insert(contribution))
_CONTRIBUTIONS = KeyedStatement(
    lambda keys: select(contribution).where(contribution.c.join_key.in_(keys)).order_by(contribution.c.id)
)
_BY_REFERENCE = KeyedStatement(
    lambda keys: select(contribution).where(contribution.c.reference.in_(keys)).order_by(contribution.c.id)
)
_RETIRE = Statement(
    lambda _: update(contribution).where(contribution.c.id == bindparam("key")).values(retired=true())
)
_KEYS = (item.c.tracking_number, item.c.order_key, item.c.list_key, item.c.ucr, item.c.mrn)
_PUT_ITEMS = Statement(lambda backend: upsert(item, backend))
_PUT_ITEMS_OF_NUMBER = Statement(lambda backend: upsert(item, backend, fixed=_KEYS[:1]))
_PUT_ITEMS_OF_KEYS = Statement(lambda backend: upsert(item, backend, fixed=_KEYS))
_ITEMS_BEFORE = KeyedStatement(
    lambda keys: select(item.c.id, item.c.state, *_KEYS).where(item.c.id.in_(keys))
)
_BY_TRACKING = KeyedStatement(
    lambda keys: select(item).where(item.c.tracking_number.in_(keys)).order_by(item.c.id)
)
_BY_ORDER = KeyedStatement(
    lambda keys: (
        select(item).where(item.c.order_key.in_(keys), is_filled(item.c.order_key)).order_by(item.c.id)
    )
)
_BY_LIST = KeyedStatement(
    lambda keys: select(item).where(item.c.list_key.in_(keys), is_filled(item.c.list_key)).order_by(item.c.id)
)


class Messages(Session):
    """The part of a transaction about what came in from the domestic side."""

    def message_by_digest(self, digest: bytes) -> MessageRow | None:
        """Return the message with these verbatim bytes."""
        found = self._row(_MESSAGE_BY_DIGEST, digest=digest)
        return None if found is None else form.message_row(found, self._compression)

    def has_message(self, adapter: str, message_id: str) -> bool:
        """Say whether a message of a format that was not refused whole bears this id."""
        return self._row(_NAMED, adapter=adapter, message_id=message_id) is not None

    def add_message(self, row: MessageRow) -> None:
        """Insert a message."""
        self._change_many(_ADD_MESSAGE, [form.message_values(row, self._compression)])
        self.differences.update(
            {f"messages.{row.outcome}": 1, "documents": row.documents, "documents.accepted": row.accepted}
        )

    def messages(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return messages by id, in id order."""
        return [form.message_row(one, self._compression) for one in self._rows_by_key(_MESSAGES, ids)]

    def add_contributions(self, rows: Sequence[ContributionRow]) -> None:
        """Insert contributions."""
        self._change_many(_ADD_CONTRIBUTIONS, [form.contribution_values(row) for row in rows])

    def contributions(self, join_keys: Sequence[str]) -> list[ContributionRow]:
        """Return the contributions that wait under any of the keys, retired ones too, in id order."""
        return [form.contribution_row(one) for one in self._rows_by_key(_CONTRIBUTIONS, join_keys)]

    def contributions_by_reference(self, references: Sequence[str]) -> list[ContributionRow]:
        """Return the contributions of any kind with these references, retired ones too, in id order."""
        return [form.contribution_row(one) for one in self._rows_by_key(_BY_REFERENCE, references)]

    def contributions_of_item(self, row: ItemRow) -> list[ContributionRow]:
        """Return the contributions that an item was merged from, retired ones too, in id order."""
        if row.record != "item":
            return self.contributions([row.order_key])
        filing = f"mrn:{row.mrn}" if row.mrn else ""
        keys = (f"trk:{row.tracking_number}", row.order_key, row.list_key, filing)
        return self.contributions([key for key in keys if key])

    def retire_contributions(self, ids: Sequence[int]) -> None:
        """Mark contributions as no longer counting."""
        self._change_many(_RETIRE, [(one,) for one in ids])

    def items_by_tracking(self, numbers: Sequence[str]) -> list[ItemRow]:
        """Return the items with these tracking numbers and all records about them, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_BY_TRACKING, numbers)]

    def items_by_order(self, order_keys: Sequence[str]) -> list[ItemRow]:
        """Return the items whose list names one of these orders, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_BY_ORDER, order_keys)]

    def items_by_list(self, list_keys: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these list numbers, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_BY_LIST, list_keys)]

    def put_items(self, rows: Sequence[ItemRow]) -> None:
        """Insert items, or replace those whose id exists."""
        before = {one[0]: one[1:] for one in self._rows_by_key(_ITEMS_BEFORE, [row.id for row in rows])}
        self.differences.subtract(f"items.{state}" for state, *_ in before.values())
        # A row given twice counts once, as the last.
        self.differences.update(f"items.{state}" for state in {row.id: row.state for row in rows}.values())
        for statement, some in _by_what_stays(rows, before).items():
            self._change_many(statement, [msgspec.structs.astuple(row) for row in some])


def _by_what_stays(
    rows: Sequence[ItemRow], before: Mapping[int, Sequence[Any]]
) -> Mapping[Statement, Sequence[ItemRow]]:
    """Return rows by the statement that puts them: what it does not name, it need not write into indexes.

    Numbers of items lie all over their index, so each one written anew is a page written anew.
    """
    found: dict[Statement, list[ItemRow]] = {}
    for row in rows:
        keys = (row.tracking_number, row.order_key, row.list_key, row.ucr, row.mrn)
        _, *held = before.get(row.id, ("", *keys))
        same_number = held[0] == row.tracking_number
        stays = (
            _PUT_ITEMS_OF_KEYS if (*held,) == keys else _PUT_ITEMS_OF_NUMBER if same_number else _PUT_ITEMS
        )
        found.setdefault(stays, []).append(row)
    return found if len({row.id for row in rows}) == len(rows) else {_PUT_ITEMS: rows}
