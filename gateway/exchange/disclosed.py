# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the fields that an answer lays open against the commitments in the records of the item.

A value that opens no commitment to its field was not the one that was withheld, so the answer is refused.
Where nobody committed to the field, the value is a word like others: it is kept, with a finding.
"""

from collections.abc import Iterable, Iterator

from gateway.audit.commitment import open_commitment
from gateway.errors import InputError, VerificationError
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import BatchRow, InboundRow
from gateway.finding import Finding, finding
from gateway.model import Answer, Item, Opening
from gateway.wire.convert import unpack_release
from gateway.wire.payload import unpack_entries


def check(tx: Transaction, item: Item, said: Answer) -> Iterator[Finding]:
    """Yield what is to be said about the openings of an answer; no finding repeats a value."""
    if not said.openings:
        return
    digests: dict[str, set[bytes]] = {}
    for path, digest in _commitments(tx, item.tracking_number or ""):
        digests.setdefault(path, set()).add(digest)
    for index, one in enumerate(said.openings):
        held = digests.get(one.path or "")
        if held is None:
            yield finding("REFERRAL-OPENING-UNKNOWN", path=f"answer.openings[{index}]", actual=one.path or "")
        elif not any(_opens(one, digest) for digest in held):
            yield finding("REFERRAL-OPENING", path=f"answer.openings[{index}]", actual=one.path or "")


def _opens(one: Opening, digest: bytes) -> bool:
    """Say whether salt and value are what was committed to."""
    try:
        open_commitment(digest, bytes.fromhex(one.salt or ""), (one.value or "").encode())
    except (ValueError, VerificationError):
        return False
    return True


def _commitments(tx: Transaction, number: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and digest of every commitment in the records of an item, received or sent."""
    received: dict[int, tuple[InboundRow, list[int]]] = {}
    for record, row in tx.inbound_records(number) if number else ():
        if record.state != "rejected":
            received.setdefault(row.id, (row, []))[1].append(record.position)
    for batch, positions in received.values():
        yield from _inside(batch, positions)
    items = [row.id for row in tx.items_by_tracking([number]) if row.record == "item"] if number else []
    shares = [one for one in tx.shares_of(items) if one.batch] if items else []
    for sent in tx.batches(sorted({one.batch for one in shares})) if shares else ():
        yield from _inside(sent, [one.position for one in shares if one.batch == sent.id])


def _inside(batch: BatchRow | InboundRow, positions: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Yield the commitments of records of a batch that can be read."""
    entries = unpack_entries(batch.payload)
    for position in positions:
        if position < len(entries) and not entries[position].erased:
            try:
                release = unpack_release(entries[position].record)
            except InputError:
                continue
            for one in release.commitments:
                yield one.path, one.digest
