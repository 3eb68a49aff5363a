# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read dead letters where they lie: channels, shares, messages, refusals. Newest first; writes nothing."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from gateway.exchange.channels import stopped
from gateway.exchange.listing import lanes
from gateway.exchange.listing_rows import ListedMessage, ListedRefusal, ListedShare
from gateway.exchange.page import TOP
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ChannelRow
from gateway.finding import Finding, catalogue
from gateway.model import ShareState
from gateway.wire.convert import unpack_envelope
from gateway.wire.receipts import read_receipt

_findings = msgspec.msgpack.Decoder(list[Finding])


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dead letter; `codes` are all that were found, `code` the first of them. Time in milliseconds.

    With `replay` it can be tried again from here.
    """

    id: str
    kind: str
    code: str
    at: int
    partner: str = ""
    channel: str = ""
    codes: tuple[str, ...] = ()
    meaning: str = ""
    remedy: str = ""
    tracking_number: str = ""
    share: int = 0
    version: int = 0
    message: int = 0
    message_type: str = ""
    message_id: str = ""
    submitter: str = ""
    replay: bool = False


Found: TypeAlias = tuple[list[Letter], int | None]


def newest(tx: Transaction, kind: str, name: str, before: int, limit: int) -> Found:
    """Return dead letters below an id, newest first, and below which id the next ones are."""
    if before <= 0:
        return [], None
    return _READERS[kind](tx, name, before, limit)


def find(tx: Transaction, letter: str) -> Letter | None:
    """Return one dead letter, none if it is none any more."""
    kind, _, number = letter.partition(":")
    if kind not in _READERS or not number.isascii() or not number.isdigit() or int(number) >= TOP:
        return None
    key, name = int(number), ""
    if kind == "record":
        held = tx.shares([key])
        name = held[0].channel if held else ""
    found, _ = newest(tx, kind, name, key + 1, 1)
    return found[0] if found and found[0].id == letter else None


def _channels(tx: Transaction, _name: str, _before: int, _limit: int) -> Found:
    """Return every stopped channel; they are few."""
    found = []
    for one, conflicts in stopped(tx):
        refused = tx.list_sent(one.name, one.confirmed + 2, 1) if one.direction == "out" else []
        times = [each.answered_at for each in refused] + [each.found_at for each in conflicts]
        found.append(_stopped(one, times))
    return found, None


def _records(tx: Transaction, channel: str, before: int, limit: int) -> Found:
    """Return rejected records of a channel of which nothing newer is known."""
    rows = tx.list_rejected(channel, before, limit)
    items = {one.id: one.item for one in tx.shares([row.share for row in rows])} if rows else {}
    latest: dict[tuple[int, str], int] = {}
    for share in tx.shares_of(sorted(set(items.values()))) if items else ():
        if share.state is not ShareState.SUPERSEDED:
            pair = share.item, share.agreement
            latest[pair] = max(latest.get(pair, 0), share.id)
    dead = [one for one in rows if latest.get((items[one.share], one.agreement)) == one.share]
    codes = _rejections(tx, dead)
    follows = rows[-1].share if len(rows) == limit else None
    return [_record(one, codes.get((one.batch, one.position), ())) for one in dead], follows


def _messages(tx: Transaction, _name: str, before: int, limit: int) -> Found:
    """Return messages that were refused whole."""
    rows = tx.list_refused_messages(before, limit)
    return [_message(one) for one in rows], rows[-1].id if len(rows) == limit else None


def _refusals(tx: Transaction, _name: str, before: int, limit: int) -> Found:
    """Return envelopes of partners that were refused."""
    rows = tx.list_refusals(before, limit)
    return [_refusal(one) for one in rows], rows[-1].id if len(rows) == limit else None


_READERS: dict[str, Callable[[Transaction, str, int, int], Found]] = {
    "channel": _channels,
    "record": _records,
    "message": _messages,
    "envelope": _refusals,
}
KINDS: dict[str, Callable[[Transaction], Sequence[str]]] = {
    "channel": lambda _: ("",),
    "record": lambda tx: sorted(lanes(tx)),
    "message": lambda _: ("",),
    "envelope": lambda _: ("",),
}
"""The kinds, each with the names of the lists that it is read from, in order."""


def _rejections(tx: Transaction, rows: Sequence[ListedShare]) -> dict[tuple[int, int], tuple[str, ...]]:
    """Return what partners found of rejected records, by batch and position."""
    batches = sorted({one.batch for one in rows if one.batch})
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for batch, receipt in (tx.receipts(batches) if batches else {}).items():
        if receipt:
            for record in read_receipt(unpack_envelope(receipt)).records:
                if not record.accepted:
                    found[batch, record.index] = tuple(one.code for one in record.findings)
    return found


def _stopped(row: ChannelRow, times: Sequence[int]) -> Letter:
    """Return a stopped channel; when it stopped is that of the answer or contradiction over which it did."""
    return _explained(
        Letter(
            id=f"channel:{row.name.replace('/', ':')}",
            kind="channel",
            code=row.stopped,
            codes=(row.stopped,),
            at=max(times, default=0),
            partner=row.partner,
            channel=row.name,
            replay=True,
        )
    )


def _record(one: ListedShare, codes: tuple[str, ...]) -> Letter:
    """Return a rejected record."""
    code = "DEAD-LETTER-REJECTED" if one.batch else "DEAD-LETTER-UNTREATED"
    return _explained(
        Letter(
            id=f"record:{one.share}",
            kind="record",
            code=codes[0] if codes else code,
            codes=codes or (code,),
            at=one.updated_at,
            partner=one.channel.split("/")[1],
            channel=one.channel,
            tracking_number=one.tracking_number,
            share=one.share,
            version=one.version,
            replay=True,
        )
    )


def _message(one: ListedMessage) -> Letter:
    """Return a refused message."""
    found = _findings.decode(one.findings) if one.findings else []
    codes = tuple(dict.fromkeys(each.code for each in found if each.severity == "error"))
    return _explained(
        Letter(
            id=f"message:{one.id}",
            kind="message",
            code=codes[0] if codes else "WEB-REQUEST",
            codes=codes,
            at=one.received_at,
            message=one.id,
            message_type=one.message_type,
            message_id=one.message_id,
            submitter=one.submitter,
        )
    )


def _refusal(one: ListedRefusal) -> Letter:
    """Return a refused envelope."""
    return _explained(
        Letter(
            id=f"envelope:{one.id}",
            kind="envelope",
            code=one.codes[0] if one.codes else "WEB-REQUEST",
            codes=one.codes,
            at=one.received_at,
            partner=one.partner,
            channel=one.channel,
        )
    )


def _explained(letter: Letter) -> Letter:
    """Return a letter with what its code means; a code that only the partner knows means nothing here."""
    entry = catalogue().get(letter.code)
    if entry is None:
        return letter
    return msgspec.structs.replace(letter, meaning=entry.meaning, remedy=entry.remedy)
