# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Leases and nodes.

On PostgreSQL the clock is that of the database, so that the clocks of nodes need not agree. A lease that
somebody is just using is passed over (SKIP LOCKED), never waited for, except by the holder who renews it.
"""

from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement

from gateway.exchange.lease_rows import NodeRow
from gateway.store.dialect import insert_for
from gateway.store.lease_schema import lease, node
from gateway.store.session import Session
from gateway.store.statement import Statement

_PLAIN = ("number", "holder", "schema", "serves", "started_at")


def _now(backend: str) -> ColumnElement[Any]:
    """Return the time in milliseconds."""
    if backend == "postgresql":
        return literal_column("(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    return bindparam("now")


_RENEW = Statement(
    lambda backend: (
        update(lease)
        .where(lease.c.name == bindparam("of_name"), lease.c.token == bindparam("of_token"))
        .values(until=_now(backend) + bindparam("life"))
    )
)
_FREE = Statement(
    lambda backend: (
        select(lease.c.token)
        .where(
            lease.c.name == bindparam("of_name"),
            or_(lease.c.until <= _now(backend), lease.c.holder == bindparam("of_holder")),
        )
        .with_for_update(skip_locked=True)
    )
)
_TAKE = Statement(
    lambda backend: (
        update(lease)
        .where(lease.c.name == bindparam("of_name"), lease.c.token == bindparam("of_token"))
        .values(
            holder=bindparam("new_holder"), until=_now(backend) + bindparam("life"), token=lease.c.token + 1
        )
    )
)
_MAKE = Statement(lambda backend: insert_for(lease, backend).on_conflict_do_nothing())
_DROP = Statement(
    lambda _: (
        update(lease)
        .where(lease.c.name == bindparam("of_name"), lease.c.token == bindparam("of_token"))
        .values(holder=literal_column("''"), until=literal_column("0"))
    )
)
_HOLDS = Statement(
    lambda _: (
        select(lease.c.token)
        .where(lease.c.name == bindparam("of_name"), lease.c.token == bindparam("of_token"))
        .with_for_update(read=True)
    )
)


def _see(backend: str) -> Any:
    """Return the insert of a node that replaces its own row, or one that was not seen for too long."""
    made = insert_for(node, backend).values(
        {name: bindparam(f"of_{name}") for name in _PLAIN} | {"seen_at": _now(backend)}
    )
    offered = made.excluded
    return made.on_conflict_do_update(
        index_elements=[node.c.number],
        set_={name: offered[name] for name in (*_PLAIN, "seen_at")},
        where=or_(node.c.holder == offered.holder, node.c.seen_at <= offered.seen_at - bindparam("life")),
    )


_SEE = Statement(_see)
_LIVING = Statement(
    lambda backend: (
        select(func.count())
        .select_from(node)
        .where(node.c.serves, node.c.seen_at > _now(backend) - bindparam("life"))
    )
)
_LEAVE = Statement(
    lambda _: delete(node).where(
        node.c.number == bindparam("of_number"), node.c.holder == bindparam("of_holder")
    )
)
_NODES = Statement(lambda _: select(node).order_by(node.c.number))


class LeaseTables(Session):
    """The part of a transaction about leases."""

    def take_lease(self, name: str, holder: str, token: int, now: int, milliseconds: int) -> int:
        """Renew the lease with this token, or take it if it has ended or is the holder's; 0 if neither."""
        if token and self._change(_RENEW, of_name=name, of_token=token, now=now, life=milliseconds):
            return token
        self._change(_MAKE, name=name, holder="", until=0, token=0)
        free = self._row(_FREE, of_name=name, of_holder=holder, now=now)
        if free is None:
            return 0
        self._change(_TAKE, of_name=name, of_token=free[0], new_holder=holder, now=now, life=milliseconds)
        return int(free[0]) + 1

    def drop_lease(self, name: str, token: int) -> None:
        """End the lease with this token; nothing if it is another's by now."""
        if self._change(_DROP, of_name=name, of_token=token):
            self.woken.add(name)

    def holds_lease(self, name: str, token: int) -> bool:
        """Say whether this is the token of the lease, which nobody can take until the end of the work."""
        return token > 0 and self._row(_HOLDS, of_name=name, of_token=token) is not None

    def see_node(self, row: NodeRow, now: int, milliseconds: int) -> int:
        """Note that a node lives; return how many do that serve, 0 if another has its number."""
        values = {f"of_{name}": getattr(row, name) for name in _PLAIN}
        if not self._change(_SEE, **values, now=now, life=milliseconds):
            return 0
        return max(1, int(self._rows(_LIVING, now=now, life=milliseconds)[0][0]))

    def leave_node(self, number: int, holder: str) -> None:
        """Forget a node that ends."""
        self._change(_LEAVE, of_number=number, of_holder=holder)

    def nodes(self) -> list[NodeRow]:
        """Return every node that has not left, by number."""
        return [
            NodeRow(**dict(zip(NodeRow.__struct_fields__, one, strict=True))) for one in self._rows(_NODES)
        ]
