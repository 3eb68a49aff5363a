# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Controls before shipment: results, the manifests after them, and the decisions about them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal_column, or_, select

from gateway.exchange.control_rows import ConsolidationRow, ControlRow, RecognitionCount, RecognitionRow
from gateway.store.control_schema import consolidation, control_result, recognition
from gateway.store.dialect import upsert
from gateway.store.session import Session, Values
from gateway.store.statement import KeyedStatement, Statement

_PUT_RESULT = Statement(lambda backend: upsert(control_result, backend))
_RESULTS_OF = KeyedStatement(
    lambda keys: (
        select(control_result).where(control_result.c.tracking_number.in_(keys)).order_by(control_result.c.id)
    )
)
_BY_REFERENCE = Statement(
    lambda _: (
        select(control_result)
        .where(control_result.c.reference == bindparam("reference"))
        .order_by(control_result.c.version)
    )
)
_RESULTS_AFTER = Statement(
    lambda _: (
        select(control_result)
        .where(control_result.c.id > bindparam("after"))
        .order_by(control_result.c.id)
        .limit(bindparam("limit"))
    )
)
_DROP = Statement(
    lambda _: delete(consolidation).where(consolidation.c.tracking_number == bindparam("number"))
)
_ADD = Statement(lambda _: insert(consolidation))
_CONSOLIDATIONS_OF = KeyedStatement(
    lambda keys: (
        select(consolidation).where(consolidation.c.tracking_number.in_(keys)).order_by(consolidation.c.id)
    )
)
_UNDER = Statement(
    lambda _: (
        select(consolidation).where(consolidation.c.bill == bindparam("bill")).order_by(consolidation.c.id)
    )
)
_PUT_DECISION = Statement(lambda backend: upsert(recognition, backend))
_DECISIONS_OF = KeyedStatement(
    lambda keys: select(recognition).where(recognition.c.tracking_number.in_(keys)).order_by(recognition.c.id)
)
_DECISIONS_AFTER = Statement(
    lambda _: (
        select(recognition)
        .where(recognition.c.id > bindparam("after"))
        .order_by(recognition.c.id)
        .limit(bindparam("limit"))
    )
)
_COUNTED = (
    recognition.c.partner,
    recognition.c.office,
    recognition.c.method,
    recognition.c.rule,
    recognition.c.decision,
    recognition.c.outcome,
)
_COUNTS = Statement(
    lambda _: (
        select(*_COUNTED, func.count())
        .where(
            recognition.c.side == bindparam("side"),
            recognition.c.decided_at >= bindparam("begin"),
            recognition.c.decided_at < bindparam("end"),
            or_(bindparam("anyone") == literal_column("''"), recognition.c.partner == bindparam("partner")),
        )
        .group_by(*_COUNTED)
        .order_by(*_COUNTED)
    )
)


class Controls(Session):
    """The part of a transaction about controls before shipment."""

    def put_controls(self, rows: Sequence[ControlRow]) -> None:
        """Insert versions, or replace those whose id exists."""
        self._change_many(_PUT_RESULT, [msgspec.structs.astuple(row) for row in rows])

    def controls_of(self, tracking_numbers: Sequence[str]) -> list[ControlRow]:
        """Return every version of the controls of items, in id order."""
        return [_result(one) for one in self._rows_by_key(_RESULTS_OF, tracking_numbers)]

    def controls_by_reference(self, reference: str) -> list[ControlRow]:
        """Return every version of a control, oldest first."""
        return [_result(one) for one in self._rows(_BY_REFERENCE, reference=reference)]

    def controls_after(self, key: int, limit: int) -> list[ControlRow]:
        """Return versions with an id above `key`, in id order."""
        return [_result(one) for one in self._rows(_RESULTS_AFTER, after=key, limit=limit)]

    def put_consolidations(self, tracking_number: str, rows: Sequence[ConsolidationRow]) -> None:
        """Replace what manifests say of an item."""
        self._change(_DROP, number=tracking_number)
        self._change_many(_ADD, [msgspec.structs.astuple(row) for row in rows])

    def consolidations_of(self, tracking_numbers: Sequence[str]) -> list[ConsolidationRow]:
        """Return what manifests say of items, in id order."""
        return [_consolidation(one) for one in self._rows_by_key(_CONSOLIDATIONS_OF, tracking_numbers)]

    def consolidated_under(self, bill: str) -> list[ConsolidationRow]:
        """Return the controlled items under a master bill, in id order."""
        return [_consolidation(one) for one in self._rows(_UNDER, bill=bill)]

    def put_recognitions(self, rows: Sequence[RecognitionRow]) -> None:
        """Insert decisions, or replace those whose id exists."""
        self._change_many(_PUT_DECISION, [msgspec.structs.astuple(row) for row in rows])

    def recognitions_of(self, tracking_numbers: Sequence[str]) -> list[RecognitionRow]:
        """Return the decisions about controls of items, in id order."""
        return [_decision(one) for one in self._rows_by_key(_DECISIONS_OF, tracking_numbers)]

    def recognitions_after(self, key: int, limit: int) -> list[RecognitionRow]:
        """Return decisions with an id above `key`, in id order."""
        return [_decision(one) for one in self._rows(_DECISIONS_AFTER, after=key, limit=limit)]

    def recognition_counts(self, side: str, partner: str, begin: int, end: int) -> list[RecognitionCount]:
        """Count the decisions made at `begin` <= time < `end`; an empty partner stands for all."""
        rows = self._rows(_COUNTS, side=side, begin=begin, end=end, anyone=partner, partner=partner)
        return [
            RecognitionCount(**dict(zip(RecognitionCount.__struct_fields__, one, strict=True)))
            for one in rows
        ]


def _result(values: Values) -> ControlRow:
    """Return a result."""
    return ControlRow(**dict(zip(ControlRow.__struct_fields__, values, strict=True)))


def _consolidation(values: Values) -> ConsolidationRow:
    """Return what a manifest says of an item."""
    return ConsolidationRow(**dict(zip(ConsolidationRow.__struct_fields__, values, strict=True)))


def _decision(values: Values) -> RecognitionRow:
    """Return a decision."""
    return RecognitionRow(**dict(zip(RecognitionRow.__struct_fields__, values, strict=True)))
