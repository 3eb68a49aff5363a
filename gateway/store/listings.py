# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Lists for operators: each statement reads one page along an index, and no payload."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select, tuple_

from gateway.exchange.listing_rows import (
    ListedBatch,
    ListedItem,
    ListedMessage,
    ListedRecord,
    ListedRefusal,
    ListedShare,
)
from gateway.store import form
from gateway.store.columns import is_filled
from gateway.store.postal_schema import movement
from gateway.store.schema import (
    batch,
    contribution,
    inbound,
    inbound_record,
    is_batched,
    is_ready,
    is_refused,
    is_rejected,
    is_waiting,
    item,
    message,
    refusal,
    share,
)
from gateway.store.session import Session, Values
from gateway.store.statement import KeyedStatement, Statement

_LISTED = (
    share.c.id,
    item.c.tracking_number,
    item.c.record,
    share.c.agreement,
    share.c.channel,
    share.c.state,
    share.c.version,
    share.c.function,
    share.c.deadline,
    share.c.missing,
    share.c.batch,
    share.c.position,
    share.c.updated_at,
    item.c.created_at,
)
_MESSAGE = tuple(message.c[name] for name in ListedMessage.__struct_fields__)


def _shares(*conditions: Any) -> Select[Any]:
    """Return the query of shares with their items, at most `limit` of them."""
    return select(*_LISTED).join(item, item.c.id == share.c.item).where(*conditions).limit(bindparam("limit"))


_GROUP = Statement(
    lambda _: select(func.min(share.c.missing)).where(is_waiting, share.c.channel == bindparam("channel"))
)
_NEXT_GROUP = Statement(
    lambda _: select(func.min(share.c.missing)).where(
        is_waiting, share.c.channel == bindparam("channel"), share.c.missing > bindparam("lacking")
    )
)
_OF_GROUP = (share.c.channel == bindparam("channel"), share.c.missing == bindparam("lacking"))
_COUNT = Statement(
    lambda _: select(func.count()).select_from(
        select(share.c.id).where(is_waiting, *_OF_GROUP).limit(bindparam("limit")).subquery()
    )
)
_WAITING = Statement(
    lambda _: _shares(is_waiting, *_OF_GROUP, share.c.id > bindparam("after")).order_by(share.c.id)
)
_READY = Statement(
    lambda _: _shares(
        is_ready, share.c.channel == bindparam("channel"), share.c.id > bindparam("after")
    ).order_by(share.c.id)
)
_REJECTED = Statement(
    lambda _: _shares(
        is_rejected, share.c.channel == bindparam("channel"), share.c.id < bindparam("before")
    ).order_by(share.c.id.desc())
)
_IN_BATCH = Statement(
    lambda _: _shares(is_batched, share.c.batch == bindparam("of_batch")).order_by(
        share.c.position, share.c.id
    )
)
_SENT = Statement(
    lambda _: (
        select(
            batch.c.id,
            batch.c.batch_id,
            batch.c.channel,
            batch.c.sequence,
            batch.c.agreement,
            batch.c.count,
            batch.c.state,
            batch.c.accepted,
            batch.c.rejected,
            batch.c.created_at,
            batch.c.receipted_at,
        )
        .where(batch.c.channel == bindparam("channel"), batch.c.sequence < bindparam("before"))
        .order_by(batch.c.sequence.desc())
        .limit(bindparam("limit"))
    )
)
_RECEIVED = Statement(
    lambda _: (
        select(
            inbound.c.id,
            inbound.c.batch_id,
            inbound.c.channel,
            inbound.c.sequence,
            inbound.c.agreement,
            inbound.c.count,
            inbound.c.accepted,
            inbound.c.received_at,
        )
        .where(inbound.c.channel == bindparam("channel"), inbound.c.sequence < bindparam("before"))
        .order_by(inbound.c.sequence.desc())
        .limit(bindparam("limit"))
    )
)


def _newest(table: Table, at: str) -> Select[Any]:
    """Return the query of the newest batches by columns before the large ones: no row is read whole."""
    return (
        select(table.c.count, table.c[at])
        .where(table.c.channel == bindparam("channel"))
        .order_by(table.c.sequence.desc())
        .limit(bindparam("limit"))
    )


_NEWEST_SENT = Statement(lambda _: _newest(batch, "created_at"))
_NEWEST_RECEIVED = Statement(lambda _: _newest(inbound, "received_at"))
_IN_INBOUND = Statement(
    lambda _: (
        select(
            inbound_record.c.id,
            inbound_record.c.tracking_number,
            inbound_record.c.reference,
            inbound_record.c.version,
            inbound_record.c.state,
            inbound_record.c.position,
        )
        .where(inbound_record.c.inbound == bindparam("of_batch"))
        .order_by(inbound_record.c.position)
    )
)
_ITEMS = KeyedStatement(
    lambda keys: (
        select(
            item.c.id,
            item.c.tracking_number,
            item.c.record,
            item.c.state,
            item.c.version,
            item.c.updated_at,
        )
        .where(item.c.id.in_(keys))
        .order_by(item.c.id)
    )
)
_UNDER_ORDERS = Statement(
    lambda _: (
        select(item.c.order_key, item.c.id)
        .where(
            is_filled(item.c.order_key),
            tuple_(item.c.order_key, item.c.id) > tuple_(bindparam("after_key"), bindparam("after_id")),
            item.c.order_key < bindparam("end"),
        )
        .order_by(item.c.order_key, item.c.id)
        .limit(bindparam("limit"))
    )
)
_NUMBERS_IN = Statement(
    lambda _: (
        select(movement.c.tracking_number)
        .where(
            is_filled(movement.c.receptacle),
            movement.c.receptacle == bindparam("receptacle"),
            movement.c.tracking_number > bindparam("after"),
        )
        .distinct()
        .order_by(movement.c.tracking_number)
        .limit(bindparam("limit"))
    )
)
_MESSAGES = Statement(
    lambda _: (
        select(*_MESSAGE)
        .where(message.c.message_id == bindparam("message_id"), message.c.id > bindparam("after"))
        .order_by(message.c.id)
        .limit(bindparam("limit"))
    )
)
_REFUSED = Statement(
    lambda _: (
        select(*_MESSAGE)
        .where(is_refused, message.c.id < bindparam("before"))
        .order_by(message.c.id.desc())
        .limit(bindparam("limit"))
    )
)


_REFUSALS = Statement(
    lambda _: (
        select(*(refusal.c[name] for name in ListedRefusal.__struct_fields__))
        .where(refusal.c.id < bindparam("before"))
        .order_by(refusal.c.id.desc())
        .limit(bindparam("limit"))
    )
)
_RECEIPTS = KeyedStatement(lambda keys: select(batch.c.id, batch.c.receipt).where(batch.c.id.in_(keys)))


def _after_message() -> Any:
    """Return the contributions written next after a message; its own are among the first."""
    return (
        select(contribution.c.message_row, contribution.c.join_key, contribution.c.id)
        .where(contribution.c.id > bindparam("message"))
        .order_by(contribution.c.id)
        .limit(bindparam("limit"))
        .subquery()
    )


def _join_keys() -> Select[Any]:
    """Return the query of the keys of one message among them."""
    near = _after_message()
    return select(near.c.join_key).where(near.c.message_row == bindparam("message_row")).order_by(near.c.id)


_JOIN_KEYS = Statement(lambda _: _join_keys())
_LARGEST_BATCH = 4096


class Listings(Session):
    """The part of a transaction that lists."""

    def waiting_group_after(self, channel: str, missing: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return what is missing in the next group of waiting shares, none after the last."""
        if missing is None:
            found = self._row(_GROUP, channel=channel)
        else:
            found = self._row(_NEXT_GROUP, channel=channel, lacking=form.names_text(missing))
        return None if found is None or found[0] is None else form.text_names(found[0])

    def count_waiting(self, channel: str, missing: tuple[str, ...], limit: int) -> int:
        """Count the waiting shares of a group, up to a limit."""
        found = self._row(_COUNT, channel=channel, lacking=form.names_text(missing), limit=limit)
        return int(found[0]) if found else 0

    def list_waiting(
        self, channel: str, missing: tuple[str, ...], after: int, limit: int
    ) -> list[ListedShare]:
        """Return waiting shares of a group with an id above `after`, in id order."""
        lacking = form.names_text(missing)
        rows = self._rows(_WAITING, channel=channel, lacking=lacking, after=after, limit=limit)
        return [_share(one) for one in rows]

    def list_ready(self, channel: str, after: int, limit: int) -> list[ListedShare]:
        """Return shares in state ready with an id above `after`, in id order."""
        return [_share(one) for one in self._rows(_READY, channel=channel, after=after, limit=limit)]

    def list_rejected(self, channel: str, before: int, limit: int) -> list[ListedShare]:
        """Return rejected shares with an id below `before`, in falling id order."""
        return [_share(one) for one in self._rows(_REJECTED, channel=channel, before=before, limit=limit)]

    def list_sent(self, channel: str, before: int, limit: int) -> list[ListedBatch]:
        """Return outgoing batches below a sequence number, in falling order."""
        names = ListedBatch.__struct_fields__
        rows = self._rows(_SENT, channel=channel, before=before, limit=limit)
        return [ListedBatch(**dict(zip(names, one, strict=True))) for one in rows]

    def list_received(self, channel: str, before: int, limit: int) -> list[ListedBatch]:
        """Return received batches below a sequence number, in falling order."""
        return [
            ListedBatch(
                id=key,
                batch_id=name,
                channel=lane,
                sequence=sequence,
                agreement=agreement,
                count=count,
                state="received",
                accepted=accepted,
                rejected=count - accepted,
                at=at,
                answered_at=at,
            )
            for key, name, lane, sequence, agreement, count, accepted, at in self._rows(
                _RECEIVED, channel=channel, before=before, limit=limit
            )
        ]

    def recent(self, direction: str, channel: str, limit: int) -> list[tuple[int, int]]:
        """Return records and time of the newest batches, newest first; `direction` is out or in."""
        newest = _NEWEST_SENT if direction == "out" else _NEWEST_RECEIVED
        return [(count, at) for count, at in self._rows(newest, channel=channel, limit=limit)]

    def list_in_batch(self, batch: int) -> list[ListedShare]:
        """Return the shares of an outgoing batch, in position order."""
        return [_share(one) for one in self._rows(_IN_BATCH, of_batch=batch, limit=_LARGEST_BATCH)]

    def list_in_inbound(self, inbound: int) -> list[ListedRecord]:
        """Return the records of a received batch, in position order."""
        names = ListedRecord.__struct_fields__
        rows = self._rows(_IN_INBOUND, of_batch=inbound)
        return [ListedRecord(**dict(zip(names, one, strict=True))) for one in rows]

    def list_items(self, ids: Sequence[int]) -> list[ListedItem]:
        """Return items by id, in id order."""
        names = ListedItem.__struct_fields__
        return [ListedItem(**dict(zip(names, one, strict=True))) for one in self._rows_by_key(_ITEMS, ids)]

    def list_under_orders(self, first: str, after: tuple[str, int], limit: int) -> list[tuple[str, int]]:
        """Return order key and id of items whose order key begins with `first`, above `after`, in order."""
        rows = self._rows(
            _UNDER_ORDERS,
            # One bound at each end: with two below, a database may begin at the lower one.
            after_key=max(after[0], first),
            after_id=after[1] if after[0] >= first else 0,
            end=first[:-1] + chr(ord(first[-1]) + 1),
            limit=limit,
        )
        return [(order, key) for order, key in rows]

    def list_numbers_in(self, receptacle: str, after: str, limit: int) -> list[str]:
        """Return the tracking numbers that were said to be in a receptacle, above `after`, in order."""
        return [one for (one,) in self._rows(_NUMBERS_IN, receptacle=receptacle, after=after, limit=limit)]

    def list_messages(self, message_id: str, after: int, limit: int) -> list[ListedMessage]:
        """Return the messages with an id of their sender's and an id of ours above `after`, in order."""
        rows = self._rows(_MESSAGES, message_id=message_id, after=after, limit=limit)
        return [_message(one) for one in rows]

    def list_refused_messages(self, before: int, limit: int) -> list[ListedMessage]:
        """Return the messages that were refused whole with an id below `before`, in falling order."""
        return [_message(one) for one in self._rows(_REFUSED, before=before, limit=limit)]

    def list_refusals(self, before: int, limit: int) -> list[ListedRefusal]:
        """Return refused envelopes with an id below `before`, in falling order."""
        return [_refusal(one) for one in self._rows(_REFUSALS, before=before, limit=limit)]

    def receipts(self, batches: Sequence[int]) -> dict[int, bytes]:
        """Return the receipts of outgoing batches by id, empty bytes where there is none."""
        return dict(self._rows_by_key(_RECEIPTS, batches))

    def join_keys_of(self, message: int, limit: int) -> list[str]:
        """Return the keys under which the contributions of a message wait, among the `limit` after it."""
        found = self._rows(_JOIN_KEYS, message=message, message_row=message, limit=limit)
        return list(dict.fromkeys(one for (one,) in found))


def _share(values: Values) -> ListedShare:
    """Read a share."""
    fields = dict(zip(ListedShare.__struct_fields__, values, strict=True))
    return ListedShare(**fields | {"missing": form.text_names(fields["missing"])})


def _message(values: Values) -> ListedMessage:
    """Read a message."""
    return ListedMessage(**dict(zip(ListedMessage.__struct_fields__, values, strict=True)))


def _refusal(values: Values) -> ListedRefusal:
    """Read a refusal."""
    fields = dict(zip(ListedRefusal.__struct_fields__, values, strict=True))
    return ListedRefusal(**fields | {"codes": form.text_names(fields["codes"])})
