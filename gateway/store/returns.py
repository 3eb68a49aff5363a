# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Returns: accounts that are never overdrawn, cases, and how far channels were searched."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, update

from gateway.exchange.return_rows import ReturnAccountRow, ReturnCaseRow
from gateway.store.dialect import upsert
from gateway.store.return_schema import has_list, return_account, return_case, return_cursor
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_DRAWN = ("drawn_quantity", "drawn_legal", "drawn_second")
_LIMITS = ("quantity", "legal", "second")
_a, _c = return_account.c, return_case.c

_OPEN = Statement(lambda _: insert(return_account))
_OF_LIST = Statement(
    lambda _: select(return_account).where(_a.list_number == bindparam("list_number")).order_by(_a.line)
)
_LIMIT = Statement(
    lambda _: (
        update(return_account)
        .where(
            _a.id == bindparam("key"),
            *(_a[drawn] <= bindparam(f"new_{name}") for name, drawn in zip(_LIMITS, _DRAWN, strict=True)),
        )
        .values(item_version=bindparam("new_version"), **{name: bindparam(f"new_{name}") for name in _LIMITS})
    )
)
# The condition stands in the statement that draws, so no stale reading can let it draw too much.
_DRAW = Statement(
    lambda _: (
        update(return_account)
        .where(
            _a.id == bindparam("key"),
            *(
                _a[drawn] + bindparam(f"more_{name}") <= _a[name]
                for name, drawn in zip(_LIMITS, _DRAWN, strict=True)
            ),
            *(
                _a[drawn] + bindparam(f"more_{name}") >= literal_column("0")
                for name, drawn in zip(_LIMITS, _DRAWN, strict=True)
            ),
        )
        .values(
            {
                drawn: _a[drawn] + bindparam(f"more_{name}")
                for name, drawn in zip(_LIMITS, _DRAWN, strict=True)
            }
        )
    )
)
_PUT_CASE = Statement(lambda backend: upsert(return_case, backend))
_CASE = Statement(lambda _: select(return_case).where(_c.id == bindparam("key")))
_CASE_OF = Statement(lambda _: select(return_case).where(_c.reference == bindparam("reference")))
_CASES_OF_LIST = Statement(
    lambda _: select(return_case).where(_c.list_number == bindparam("list_number"), has_list).order_by(_c.id)
)
_CASES = Statement(
    lambda _: select(return_case).where(_c.id > bindparam("after")).order_by(_c.id).limit(bindparam("limit"))
)
_CASES_IN_STATE = Statement(
    lambda _: (
        select(return_case)
        .where(_c.state == bindparam("state"), _c.id > bindparam("after"))
        .order_by(_c.id)
        .limit(bindparam("limit"))
    )
)
_CURSOR = Statement(
    lambda _: select(return_cursor.c.sequence).where(return_cursor.c.channel == bindparam("channel"))
)
_ADD_CURSOR = Statement(lambda _: insert(return_cursor))
_MOVE_CURSOR = Statement(
    lambda _: (
        update(return_cursor)
        .where(return_cursor.c.channel == bindparam("name"), return_cursor.c.sequence == bindparam("before"))
        .values(sequence=bindparam("after"))
    )
)


class ReturnTables(Session):
    """The part of a transaction about returns."""

    def open_return_accounts(self, rows: Sequence[ReturnAccountRow]) -> None:
        """Insert accounts."""
        self._change_many(_OPEN, [msgspec.structs.astuple(row) for row in rows])

    def return_accounts(self, list_number: str) -> list[ReturnAccountRow]:
        """Return the accounts of a list, in order of line; none if nothing of it ever came back."""
        rows = self._rows(_OF_LIST, list_number=list_number)
        return [
            ReturnAccountRow(**dict(zip(ReturnAccountRow.__struct_fields__, row, strict=True)))
            for row in rows
        ]

    def limit_return_account(self, account: int, item_version: int, limits: tuple[int, int, int]) -> bool:
        """Set the limits of an account; false, and nothing changed, if more is drawn than they allow."""
        values = {f"new_{name}": limit for name, limit in zip(_LIMITS, limits, strict=True)}
        return self._change(_LIMIT, key=account, new_version=item_version, **values) == 1

    def draw_return(self, account: int, amounts: tuple[int, int, int]) -> bool:
        """Draw from an account, or give back what is negative; false, and nothing done, if it cannot be."""
        values = {f"more_{name}": amount for name, amount in zip(_LIMITS, amounts, strict=True)}
        return self._change(_DRAW, key=account, **values) == 1

    def put_return_case(self, row: ReturnCaseRow) -> None:
        """Insert or replace a case."""
        self._change_many(_PUT_CASE, [msgspec.structs.astuple(row)])

    def return_case(self, key: int) -> ReturnCaseRow | None:
        """Return a case by id."""
        found = self._row(_CASE, key=key)
        return None if found is None else _case(found)

    def return_case_of(self, reference: str) -> ReturnCaseRow | None:
        """Return the case of an announcement."""
        found = self._row(_CASE_OF, reference=reference)
        return None if found is None else _case(found)

    def return_cases_of_list(self, list_number: str) -> list[ReturnCaseRow]:
        """Return the cases matched to a list, in id order."""
        return [_case(row) for row in self._rows(_CASES_OF_LIST, list_number=list_number)]

    def return_cases(self, state: str, after: int, limit: int) -> list[ReturnCaseRow]:
        """Return cases with an id above `after`, in id order; in any state if it is empty."""
        if state:
            return [_case(row) for row in self._rows(_CASES_IN_STATE, state=state, after=after, limit=limit)]
        return [_case(row) for row in self._rows(_CASES, after=after, limit=limit)]

    def return_cursor(self, channel: str) -> int:
        """Return the sequence number up to which a channel was searched for returns."""
        found = self._row(_CURSOR, channel=channel)
        return 0 if found is None else found[0]

    def move_return_cursor(self, channel: str, before: int, after: int) -> bool:
        """Note how far a channel was searched; false if it was not at `before`."""
        if self._change(_MOVE_CURSOR, name=channel, before=before, after=after) == 1:
            return True
        if before or self._row(_CURSOR, channel=channel) is not None:
            return False
        self._change_many(_ADD_CURSOR, [(channel, after)])
        return True


def _case(values: Values) -> ReturnCaseRow:
    """Return a case."""
    return ReturnCaseRow(**dict(zip(ReturnCaseRow.__struct_fields__, values, strict=True)))
