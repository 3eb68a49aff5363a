# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Referrals: what authorities ask about items, and how far it has come."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, literal_column, select

from gateway.exchange.postal_rows import ReferralRow
from gateway.store.dialect import upsert
from gateway.store.postal_schema import is_open, referral
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_PUT = Statement(lambda backend: upsert(referral, backend))
_STATES = KeyedStatement(lambda keys: select(referral.c.id, referral.c.state).where(referral.c.id.in_(keys)))
_OF_ITEMS = KeyedStatement(
    lambda keys: select(referral).where(referral.c.tracking_number.in_(keys)).order_by(referral.c.id)
)
_OVERDUE = Statement(
    lambda _: (
        select(referral)
        .where(
            is_open,
            referral.c.answer_by > literal_column("0"),
            referral.c.answer_by <= bindparam("now"),
            referral.c.escalated_at == literal_column("0"),
        )
        .order_by(referral.c.answer_by, referral.c.id)
        .limit(bindparam("limit"))
    )
)
_IN_STATE = Statement(
    lambda _: (
        select(referral)
        .where(referral.c.state == bindparam("state"), referral.c.id > bindparam("after"))
        .order_by(referral.c.id)
        .limit(bindparam("limit"))
    )
)


class Referrals(Session):
    """The part of a transaction about referrals."""

    def referrals_of(self, tracking_numbers: Sequence[str]) -> list[ReferralRow]:
        """Return every referral about the items, in id order."""
        return [_row(one) for one in self._rows_by_key(_OF_ITEMS, tracking_numbers)]

    def put_referrals(self, rows: Sequence[ReferralRow]) -> None:
        """Insert referrals, or replace those whose id exists."""
        before = [state for _, state in self._rows_by_key(_STATES, [row.id for row in rows])]
        self.differences.subtract(f"referrals.{state}" for state in before)
        self.differences.update(
            f"referrals.{state}" for state in {row.id: row.state for row in rows}.values()
        )
        self._change_many(_PUT, [msgspec.structs.astuple(row) for row in rows])

    def overdue_referrals(self, now: int, limit: int) -> list[ReferralRow]:
        """Return open referrals whose answer was due and that were not escalated, in order of that time."""
        return [_row(one) for one in self._rows(_OVERDUE, now=now, limit=limit)]

    def referrals_in_state(self, state: str, after: int, limit: int) -> list[ReferralRow]:
        """Return referrals in a state with an id above `after`, in id order."""
        return [_row(one) for one in self._rows(_IN_STATE, state=state, after=after, limit=limit)]


def _row(values: tuple[object, ...]) -> ReferralRow:
    """Read a referral."""
    return ReferralRow(**dict(zip(ReferralRow.__struct_fields__, values, strict=True)))  # type: ignore[arg-type]  # columns have the types of the fields
