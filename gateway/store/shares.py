# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Shares: each item under each agreement, from waiting to settled."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, literal_column, select, update

from gateway.exchange.rows import ReadyShare, ShareRow
from gateway.model import ShareState
from gateway.store import form
from gateway.store.columns import is_state
from gateway.store.dialect import upsert
from gateway.store.schema import is_batched, is_ready, is_waiting, item, share
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_PUT = Statement(lambda backend: upsert(share, backend, fixed=(share.c.item, share.c.agreement)))
_STATES = KeyedStatement(
    lambda keys: select(share.c.id, share.c.state, share.c.channel).where(share.c.id.in_(keys))
)
_SHARES = KeyedStatement(lambda keys: select(share).where(share.c.id.in_(keys)).order_by(share.c.id))
_OF_ITEMS = KeyedStatement(lambda keys: select(share).where(share.c.item.in_(keys)).order_by(share.c.id))
_READY_HEADS = Statement(
    lambda _: (
        select(share.c.id, share.c.agreement)
        .where(is_ready, share.c.channel == bindparam("channel"), share.c.id > bindparam("after"))
        .order_by(share.c.id)
        .limit(bindparam("limit"))
    )
)
_READY = KeyedStatement(
    lambda keys: (
        select(share, item.c.tracking_number, item.c.secret, item.c.body)
        .join(item, item.c.id == share.c.item)
        .where(is_state(share, "ready"), share.c.id.in_(keys))
        .order_by(share.c.id)
    )
)
_DUE = Statement(
    lambda _: (
        select(share)
        .where(is_waiting, share.c.deadline > literal_column("0"), share.c.deadline <= bindparam("now"))
        .order_by(share.c.id)
        .limit(bindparam("limit"))
    )
)
_WAITING = Statement(
    lambda _: (
        select(share, item.c.tracking_number)
        .join(item, item.c.id == share.c.item)
        .where(is_waiting)
        .order_by(share.c.deadline, share.c.id)
        .limit(bindparam("limit"))
    )
)
_BATCH = Statement(
    lambda _: (
        update(share)
        .where(share.c.id == bindparam("key"))
        .values(
            state=literal_column("'batched'"),
            batch=bindparam("new_batch"),
            position=bindparam("new_position"),
            updated_at=bindparam("now"),
        )
    )
)
_ACCEPT = Statement(
    lambda _: (
        update(share)
        .where(is_batched, share.c.batch == bindparam("of_batch"), is_state(share, "batched"))
        .values(state=literal_column("'accepted'"), updated_at=bindparam("now"))
    )
)
_REJECT = Statement(
    lambda _: (
        update(share)
        .where(
            is_batched,
            share.c.batch == bindparam("of_batch"),
            share.c.position == bindparam("at_position"),
            is_state(share, "batched"),
        )
        .values(state=literal_column("'rejected'"), updated_at=bindparam("now"))
    )
)
_COUNT_BATCHED = Statement(
    lambda _: (
        select(share.c.channel, func.count())
        .where(is_batched, share.c.batch == bindparam("of_batch"), is_state(share, "batched"))
        .group_by(share.c.channel)
    )
)
_IN_BATCH = Statement(
    lambda _: (
        select(share)
        .where(is_batched, share.c.batch == bindparam("of_batch"))
        .order_by(share.c.position, share.c.id)
    )
)


class Shares(Session):
    """The part of a transaction about shares."""

    def shares_of(self, item_ids: Sequence[int]) -> list[ShareRow]:
        """Return every share of the items, in id order."""
        return [form.share_row(one) for one in self._rows_by_key(_OF_ITEMS, item_ids)]

    def shares(self, ids: Sequence[int]) -> list[ShareRow]:
        """Return shares by id, in id order."""
        return [form.share_row(one) for one in self._rows_by_key(_SHARES, ids)]

    def put_shares(self, rows: Sequence[ShareRow]) -> None:
        """Insert shares, or replace those whose id exists."""
        before = self._states([row.id for row in rows])
        self.differences.subtract(before.values())
        # A row given twice counts once, as the last.
        after = {row.id: _name(row.state.value, row.channel) for row in rows}
        self.differences.update(after.values())
        self._change_many(_PUT, [form.share_values(row) for row in rows])
        self.woken.update(row.channel for row in rows if row.state is ShareState.READY)

    def ready_heads(self, channel: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return id and agreement of shares in state ready with an id above `after`, in id order."""
        found = self._rows(_READY_HEADS, channel=channel, after=after, limit=limit)
        return [(key, agreement) for key, agreement in found]

    def ready_shares(self, ids: Sequence[int]) -> list[ReadyShare]:
        """Return those of the shares that are in state ready, with their items, in id order."""
        return [
            ReadyShare(share=form.share_row(one[:-3]), tracking_number=one[-3], secret=one[-2], body=one[-1])
            for one in self._rows_by_key(_READY, ids)
        ]

    def due_shares(self, now: int, limit: int) -> list[ShareRow]:
        """Return waiting shares whose deadline has passed, in id order."""
        return [form.share_row(one) for one in self._rows(_DUE, now=now, limit=limit)]

    def waiting(self, limit: int) -> list[tuple[ShareRow, str]]:
        """Return waiting shares with the tracking number of their item, in deadline order."""
        return [(form.share_row(one[:-1]), one[-1]) for one in self._rows(_WAITING, limit=limit)]

    def batch_shares(self, share_ids: Sequence[int], batch: int, now: int) -> None:
        """Set shares to batched, with position in the order given."""
        before = self._states(share_ids)
        self.differences.subtract(before.values())
        self.differences.update(_name("batched", name.partition(":")[2]) for name in before.values())
        self._change_many(_BATCH, [(batch, position, now, key) for position, key in enumerate(share_ids)])

    def settle_shares(self, batch: int, rejected: Sequence[int], now: int) -> None:
        """Set the shares of a batch to accepted, those at the positions in `rejected` to rejected."""
        if rejected:
            held = self._rows(_COUNT_BATCHED, of_batch=batch)
            self._change_many(_REJECT, [(now, batch, position) for position in rejected])
            left: dict[str, int] = dict(self._rows(_COUNT_BATCHED, of_batch=batch))
            for channel, count in held:
                self._settled(channel, "rejected", count - left.get(channel, 0))
        for channel, count in self._rows(_COUNT_BATCHED, of_batch=batch):
            self._settled(channel, "accepted", count)
        self._change(_ACCEPT, of_batch=batch, now=now)

    def _settled(self, channel: str, state: str, count: int) -> None:
        """Count shares that are batched no more."""
        self.differences.update({_name("batched", channel): -count, _name(state, channel): count})

    def shares_in_batch(self, batch: int) -> list[ShareRow]:
        """Return the shares of a batch, in position order."""
        return [form.share_row(one) for one in self._rows(_IN_BATCH, of_batch=batch)]

    def _states(self, ids: Sequence[int]) -> dict[int, str]:
        """Return under which name each existing share is counted."""
        return {key: _name(state, channel) for key, state, channel in self._rows_by_key(_STATES, ids)}


def _name(state: str, channel: str) -> str:
    return f"shares.{state}:{channel}"
