# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Questions between partners, and items by the numbers that partners ask for."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, literal_column, select

from gateway.exchange.query_rows import InquiryRow
from gateway.exchange.rows import ItemRow
from gateway.store import form
from gateway.store.columns import is_filled
from gateway.store.dialect import upsert
from gateway.store.query_schema import inquiry
from gateway.store.schema import item
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_PUT = Statement(lambda backend: upsert(inquiry, backend))
_ONE = Statement(
    lambda _: select(inquiry).where(
        inquiry.c.partner == bindparam("partner"), inquiry.c.query_id == bindparam("query_id")
    )
)
_ASKED = Statement(
    lambda _: select(func.coalesce(func.sum(inquiry.c["keys"]), literal_column("0"))).where(
        inquiry.c.partner == bindparam("partner"),
        inquiry.c.agreement == bindparam("agreement"),
        inquiry.c.created_at > bindparam("since"),
        inquiry.c.direction == literal_column("'received'"),
    )
)
_AFTER = Statement(
    lambda _: (
        select(inquiry)
        .where(inquiry.c.id > bindparam("key"))
        .order_by(inquiry.c.id)
        .limit(bindparam("limit"))
    )
)
_BY_UCR = KeyedStatement(
    lambda keys: select(item).where(item.c.ucr.in_(keys), is_filled(item.c.ucr)).order_by(item.c.id)
)
_BY_MRN = KeyedStatement(
    lambda keys: select(item).where(item.c.mrn.in_(keys), is_filled(item.c.mrn)).order_by(item.c.id)
)


class InquiryTables(Session):
    """The part of a transaction about questions."""

    def put_inquiry(self, row: InquiryRow) -> None:
        """Insert or replace a question."""
        self._change_many(_PUT, [msgspec.structs.astuple(row)])

    def inquiry(self, partner: str, query_id: str) -> InquiryRow | None:
        """Return a question from or to a partner."""
        found = self._row(_ONE, partner=partner, query_id=query_id)
        return (
            None
            if found is None
            else InquiryRow(**dict(zip(InquiryRow.__struct_fields__, found, strict=True)))
        )

    def inquiries_after(self, key: int, limit: int) -> list[InquiryRow]:
        """Return questions with an id above `key`, in id order."""
        names = InquiryRow.__struct_fields__
        rows = self._rows(_AFTER, key=key, limit=limit)
        return [InquiryRow(**dict(zip(names, one, strict=True))) for one in rows]

    def keys_asked(self, partner: str, agreement: str, since: int) -> int:
        """Return for how many numbers a partner has asked under an agreement since a time."""
        return int(self._rows(_ASKED, partner=partner, agreement=agreement, since=since)[0][0])

    def items_by_ucr(self, ucrs: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these unique consignment references, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_BY_UCR, ucrs)]

    def items_by_mrn(self, mrns: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these movement reference numbers, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_BY_MRN, mrns)]
