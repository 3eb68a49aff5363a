# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is witnessed: checkpoints of partners, cosignatures from partners, and states that contradict."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from gateway.exchange.log_rows import ConflictRow, CosignedRow, DecisionRow, WitnessedRow
from gateway.store.dialect import upsert
from gateway.store.schema import conflict, cosigned, decision, seen_checkpoint, witnessed
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_WITNESSED = Statement(lambda _: select(witnessed).where(witnessed.c.log == bindparam("key")))
_LOCKED = Statement(lambda _: select(witnessed).where(witnessed.c.log == bindparam("key")).with_for_update())
_ALL_WITNESSED = Statement(lambda _: select(witnessed).order_by(witnessed.c.log))
_PUT_WITNESSED = Statement(lambda backend: upsert(witnessed, backend))
_COSIGNED = Statement(lambda _: select(cosigned).order_by(cosigned.c.log, cosigned.c.witness))
_PUT_COSIGNED = Statement(lambda backend: upsert(cosigned, backend))
_ADD_CONFLICT = Statement(lambda _: insert(conflict))
_CONFLICTS = Statement(lambda _: select(conflict).order_by(conflict.c.id))
_SETTLE = Statement(
    lambda _: (
        update(conflict)
        .where(conflict.c.partner == bindparam("key"), conflict.c.settled_at == bindparam("open"))
        .values(settled_at=bindparam("now"))
    )
)

_DROP_SEEN = Statement(lambda _: delete(seen_checkpoint).where(seen_checkpoint.c.partner == bindparam("key")))
_ADD_DECISION = Statement(lambda _: insert(decision))


class Witnessing(Session):
    """The part of a transaction about checkpoints that were checked against each other."""

    def witnessed(self, log: str) -> WitnessedRow | None:
        """Return the newest checkpoint of a partner's log that was proved; locks it for writing."""
        found = self._row(_LOCKED if self._writes else _WITNESSED, key=log)
        return None if found is None else _witnessed_row(found)

    def all_witnessed(self) -> list[WitnessedRow]:
        """Return what is witnessed of every log, by name."""
        return [_witnessed_row(one) for one in self._rows(_ALL_WITNESSED)]

    def put_witnessed(self, row: WitnessedRow) -> None:
        """Insert or replace what is witnessed of a log."""
        self._change_many(_PUT_WITNESSED, [msgspec.structs.astuple(row)])

    def cosigned(self) -> list[CosignedRow]:
        """Return the newest cosigned checkpoint of each of our logs and witnesses, by name."""
        return [
            CosignedRow(**dict(zip(CosignedRow.__struct_fields__, one, strict=True)))
            for one in self._rows(_COSIGNED)
        ]

    def put_cosigned(self, row: CosignedRow) -> None:
        """Insert or replace the newest checkpoint of a log that a witness cosigned."""
        self._change_many(_PUT_COSIGNED, [msgspec.structs.astuple(row)])

    def add_conflict(self, row: ConflictRow) -> None:
        """Keep two states of a log that cannot both be true."""
        self._change_many(_ADD_CONFLICT, [msgspec.structs.astuple(row)])

    def conflicts(self) -> list[ConflictRow]:
        """Return every contradiction that was found, settled ones too, in id order."""
        return [
            ConflictRow(**dict(zip(ConflictRow.__struct_fields__, one, strict=True)))
            for one in self._rows(_CONFLICTS)
        ]

    def settle_conflicts(self, partner: str, now: int) -> None:
        """Mark the open contradictions with a partner as settled."""
        self._change(_SETTLE, key=partner, open=0, now=now)

    def drop_seen_checkpoint(self, partner: str) -> None:
        """Forget the last checkpoint seen of a partner."""
        self._change(_DROP_SEEN, key=partner)

    def add_decision(self, row: DecisionRow) -> None:
        """Keep what an operator decided."""
        self._change_many(_ADD_DECISION, [msgspec.structs.astuple(row)])


def _witnessed_row(values: Values) -> WitnessedRow:
    """Read what is witnessed of a log."""
    return WitnessedRow(**dict(zip(WitnessedRow.__struct_fields__, values, strict=True)))
