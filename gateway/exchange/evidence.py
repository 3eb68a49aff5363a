# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Prove that one record stands in the log: path to the batch root, and the batch's path to the checkpoint.

Proofs are made from stored bytes and stored hashes, up to the size of the stored checkpoint, never beyond it.
"""

from dataclasses import dataclass
from functools import partial

from gateway.audit import append, commit, inclusion, leaf_hash
from gateway.exchange.ports import Store, Transaction
from gateway.wire.convert import unpack_payload


@dataclass(frozen=True, slots=True)
class RecordProof:
    """Everything that shows one record of a batch in the log, without any other record.

    `commitment` is the leaf data of the batch tree; `batch_path` leads from it to the batch root inside
    `entry`, `log_path` from the entry to the root of `checkpoint`.
    """

    batch_id: str
    position: int
    count: int
    salt: bytes
    record: bytes
    commitment: bytes
    batch_path: tuple[bytes, ...]
    entry: bytes
    log_index: int
    log_path: tuple[bytes, ...]
    checkpoint: bytes
    statement_salt: bytes


class Evidence:
    """The proofs of one gateway."""

    def __init__(self, organisation: str, store: Store) -> None:
        """Take the store."""
        self._organisation = organisation
        self._store = store

    async def sent_record(self, tracking_number: str) -> list[RecordProof]:
        """Return the proof of every record of an item that was sent, in order of sending."""

        def prove(tx: Transaction) -> list[RecordProof]:
            items = tx.items_by_tracking([tracking_number])
            shares = tx.shares_of([one.id for one in items])
            return [_sent(tx, self._organisation, one.batch, one.position) for one in shares if one.batch]

        return await self._store.read(prove)

    async def received_record(self, tracking_number: str) -> list[RecordProof]:
        """Return the proof of every record of a tracking number that was received, in order."""

        def prove(tx: Transaction) -> list[RecordProof]:
            return [
                _prove(
                    tx,
                    log=f"{self._organisation}/{inbound.partner}",
                    log_index=inbound.log_index,
                    payload=inbound.payload,
                    batch_id=inbound.batch_id,
                    position=record.position,
                )
                for record, inbound in tx.inbound_records(tracking_number)
            ]

        return await self._store.read(prove)


def _sent(tx: Transaction, organisation: str, batch: int, position: int) -> RecordProof:
    """Prove one record of an outgoing batch."""
    row = tx.batches([batch])[0]
    partner = row.channel.split("/")[1]
    return _prove(
        tx,
        log=f"{organisation}/{partner}",
        log_index=row.log_index,
        payload=row.payload,
        batch_id=row.batch_id,
        position=position,
    )


def _prove(
    tx: Transaction, *, log: str, log_index: int, payload: bytes, batch_id: str, position: int
) -> RecordProof:
    """Make both paths of one record."""
    entries = unpack_payload(payload)
    commitments = [commit(salt, record) for salt, record in entries]
    tree = append(0, (), [leaf_hash(one) for one in commitments])
    hashes = {(level, index): digest for level, index, digest in tree.hashes}
    state = tx.log_state(log)
    entry = tx.log_entries(log, log_index, log_index + 1)[0]
    salt, record = entries[position]
    return RecordProof(
        batch_id=batch_id,
        position=position,
        count=len(entries),
        salt=salt,
        record=record,
        commitment=commitments[position],
        batch_path=tuple(inclusion(position, len(entries), lambda level, index: hashes[level, index])),
        entry=entry.leaf,
        log_index=log_index,
        log_path=tuple(inclusion(log_index, state.size, partial(tx.log_hash, log))),
        checkpoint=state.checkpoint,
        statement_salt=entry.salt,
    )
