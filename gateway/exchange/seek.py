# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find everything that an erasure must reach: items by number or by party, messages, batches past retention.

There is no index on parties or on the words of messages, on purpose: what is not indexed need not be erased
from an index. So these look through whole tables, a page at a time, each page in a transaction of its own.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta

from gateway.agreement import AgreementSet
from gateway.clock import milliseconds
from gateway.errors import GatewayError, InputError, PolicyRefusal
from gateway.exchange.ports import Store, Workers
from gateway.exchange.query_rows import InquiryRow
from gateway.exchange.rows import BatchRow, InboundRow, ItemRow, MessageRow
from gateway.finding import finding
from gateway.model import Item, Party, unpack_item
from gateway.wire.convert import parse_query_statement, unpack_envelope, unpack_release
from gateway.wire.payload import unpack_entries

PAGE = 500
BATCHES = 32
ROLES = ("addressee", "sender", "declarant", "seller", "importer", "payer", "carrier", "platform")


class Seeker:
    """Looks for what is to be erased."""

    def __init__(self, store: Store, workers: Workers) -> None:
        """Take the doors; workers read messages again."""
        self._store = store
        self._workers = workers

    async def item(self, tracking: str) -> list[ItemRow]:
        """Return the items of a tracking number."""
        return await self._store.read(lambda tx: tx.items_by_tracking([tracking]))

    async def party_of(self, tracking: str, role: str) -> tuple[list[ItemRow], list[str]]:
        """Return every item with the same party in a role, and the received tracking numbers with it.

        Raises:
            PolicyRefusal: nothing is known under the number, or the item has nobody in this role.
        """
        known = [unpack_item(one.body) for one in await self.item(tracking) if one.body]
        async for _, item in self._received():
            if item.tracking_number == tracking:
                known.append(item)
        if not known:
            raise PolicyRefusal("nothing to erase", (finding("ERASE-NOTHING", path="tracking_number"),))
        wanted = [party for one in known if (party := _party(one, role)) is not None]
        wanted = [party for party in wanted if _marks(party)]
        if not wanted:
            raise PolicyRefusal("nobody to go by", (finding("ERASE-ROLE", path=role),))
        marks = {mark for party in wanted for mark in _marks(party)}
        rows = [
            one
            async for one in self._items()
            if one.record == "item" and _is(_party(unpack_item(one.body), role), marks)
        ]
        numbers = {
            item.tracking_number or "" async for _, item in self._received() if _is(_party(item, role), marks)
        }
        about = await self._about(rows)
        return [*rows, *about], sorted(numbers - {""})

    async def _about(self, items: Sequence[ItemRow]) -> list[ItemRow]:
        """Return the other records about items, as far as they do not name another posting."""
        days = {(one.tracking_number, unpack_item(one.body).posting_date) for one in items}
        numbers = sorted({number for number, _ in days})
        rows = await self._store.read(lambda tx: tx.items_by_tracking(numbers)) if numbers else []
        return [
            one
            for one in rows
            if one.record != "item"
            and one.body
            and ((day := unpack_item(one.body).posting_date) is None or _names(days, one, day))
        ]

    async def messages(self, rows: Sequence[ItemRow]) -> list[int]:
        """Return messages that name items without having left a contribution, as refused ones do."""
        numbers = [one.tracking_number for one in rows]
        keys = {f"trk:{one}" for one in numbers}
        keys |= {key for one in rows for key in (one.order_key, one.list_key) if key}
        found: list[int] = []
        after = 0
        while page := await self._store.read(lambda tx, key=after: tx.messages_with_findings(key, BATCHES)):  # type: ignore[misc]  # the default binds the loop's value
            after = page[-1].id
            found += [
                one.id
                for one in page
                if one.raw
                and (any(number.encode() in one.raw for number in numbers) or await self._names(one, keys))
            ]
        return found

    async def inquiries(self, rows: Sequence[ItemRow], numbers: Sequence[str]) -> list[InquiryRow]:
        """Return the questions that asked for one of the numbers, or for another number of an item."""
        wanted = {*numbers, *(text for one in rows for text in (one.tracking_number, one.ucr, one.mrn))}
        found: list[InquiryRow] = []
        after = 0
        while page := await self._store.read(lambda tx, key=after: tx.inquiries_after(key, PAGE)):  # type: ignore[misc]  # the default binds the loop's value
            after = page[-1].id
            found += [one for one in page if one.query and not wanted.isdisjoint(_asked(one))]
        return found

    async def _names(self, message: MessageRow, keys: set[str]) -> bool:
        """Say whether a document of a message has one of the keys."""
        try:
            packed = await self._workers.decode(message.adapter, message.raw)
        except GatewayError:  # what no adapter can read was searched as bytes already
            return False
        return any(
            keys.intersection(one.keys) for document in packed.documents for one in document.contributions
        )

    async def past_retention(
        self, agreements: AgreementSet, before: datetime, *, own: str, agreement: str = ""
    ) -> AsyncIterator[BatchRow | InboundRow]:
        """Walk the batches whose retention under their agreement had ended at a moment.

        Raises:
            PolicyRefusal: no agreement has this id.
        """
        if agreement and agreements.get(agreement) is None:
            raise PolicyRefusal("unknown agreement", (finding("ERASE-NO-RETENTION", actual=agreement),))
        # Of several versions the longest retention counts: a batch may be under any of them.
        days: dict[str, int] = {}
        for one in agreements:
            if agreement in ("", one.id):
                days[one.id] = max(days.get(one.id, 0), one.retention_days)
        ends = {name: milliseconds(before - timedelta(days=count)) for name, count in days.items()}
        for channel in sorted({one.channel for one in agreements if one.id in ends and one.sender == own}):
            after = 0
            while page := await self._store.read(
                lambda tx, name=channel, key=after: tx.batches_after(name, key, BATCHES)  # type: ignore[misc]  # defaults bind the loop's values
            ):
                after = page[-1].sequence
                for batch in page:
                    if batch.created_at < ends.get(batch.agreement, 0) and batch.state != "pending":
                        yield batch
        async for row in self._inbound():
            if row.received_at < ends.get(row.agreement, 0):
                yield row

    async def _items(self) -> AsyncIterator[ItemRow]:
        """Walk all items that are not erased."""
        after = 0
        while page := await self._store.read(lambda tx, key=after: tx.items_after(key, PAGE)):  # type: ignore[misc]  # the default binds the loop's value
            after = page[-1].id
            for row in page:
                if row.body:
                    yield row

    async def _inbound(self) -> AsyncIterator[InboundRow]:
        """Walk all received batches."""
        after = 0
        while page := await self._store.read(lambda tx, key=after: tx.inbound_after(key, BATCHES)):  # type: ignore[misc]  # the default binds the loop's value
            after = page[-1].id
            for row in page:
                yield row

    async def _received(self) -> AsyncIterator[tuple[InboundRow, Item]]:
        """Walk all received records that can be read."""
        async for row in self._inbound():
            for entry in unpack_entries(row.payload):
                if not entry.erased:
                    try:
                        yield row, unpack_release(entry.record).item
                    except InputError:  # it was rejected as unreadable and names nobody
                        continue


def _names(days: set[tuple[str, date | None]], row: ItemRow, day: date) -> bool:
    """Say whether a posting is one of an item that is looked for."""
    return (row.tracking_number, day) in days or (row.tracking_number, None) in days


def _party(item: Item, role: str) -> Party | None:
    """Return who has a role in an item."""
    party: Party | None = getattr(item, role)
    return party


def _marks(party: Party) -> set[tuple[str, ...]]:
    """Return what a party is recognised by: an identifier, or the name with one more thing."""
    marks: set[tuple[str, ...]] = set()
    if party.identifier:
        marks.add(("identifier", party.identifier_scheme or "", party.identifier))
    name = (party.name or "").casefold().strip()
    if name:
        if party.telephone:
            marks.add(("telephone", name, party.telephone))
        if party.email:
            marks.add(("email", name, party.email.casefold()))
        lines = party.address.lines if party.address is not None else None
        if lines:
            marks.add(("address", name, lines.casefold().strip()))
        if not marks:
            marks.add(("name", name))
    return marks


def _is(party: Party | None, marks: set[tuple[str, ...]]) -> bool:
    """Say whether a party is the one with these marks."""
    return party is not None and bool(_marks(party) & marks)


def _asked(row: InquiryRow) -> set[str]:
    """Return the numbers that a question asked for."""
    keys = parse_query_statement(unpack_envelope(row.query).statement).keys
    return {key.value for key in keys} - {""}
