# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Prove that one record stands in the log: path to the batch root, and the batch's path to the checkpoint.

Proofs are made from stored bytes and stored hashes, up to the size of the stored checkpoint, never beyond it.
A bundle adds all that is needed to check them elsewhere. It is put together in one read of the store, under
the last published checkpoint, or one that the partner has cosigned if it includes the entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.agreement import parse as parse_agreement
from gateway.agreement import treatment_table, unverified
from gateway.audit import append, consistency, inclusion, leaf_hash
from gateway.audit.checkpoint import parse as parse_checkpoint
from gateway.audit.cosign import KIND_OF
from gateway.audit.hybrid import LOG_KIND_OF
from gateway.audit.note import NoteKey, read_note
from gateway.envelope import archive, dsse
from gateway.envelope.keys import Purpose
from gateway.envelope.material import Material
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck
from gateway.evidence.bundle import FORMAT, VERSION, Bundle, LogPart, RecordPart, material_part
from gateway.exchange.anchored import stamped
from gateway.exchange.log_ports import StampHistory
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import BatchRow, InboundRow
from gateway.finding import finding
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.payload import commitment_of, unpack_entries
from gateway.wire.receipts import read_receipt
from gateway.wire.v1 import envelope_pb2


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


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a node holds beside its store: keys of all sides, signed agreement files, published checkpoints.

    `agreement` returns the exact bytes of a signed file by id and version; `published` the last published
    checkpoint of a log, none if this node publishes nothing; `stamps` are the time stamps, if it keeps any.
    """

    keyring: Keyring
    materials: Sequence[Material]
    agreement: Callable[[str, int], bytes]
    published: Callable[[str], PublishedRow | None] = lambda _: None
    stamps: StampHistory | None = None


class Bundles:
    """The evidence bundles of one gateway, about what it sent and what it received."""

    def __init__(self, organisation: str, store: Store, holdings: Holdings) -> None:
        """Take the store and what stands beside it."""
        self._organisation = organisation
        self._store = store
        self._holdings = holdings

    async def of(self, tracking_number: str) -> list[Bundle]:
        """Return a bundle for every record of an item, in order: those sent, then those received.

        Raises:
            CouldNotCheck: the record was erased, or its entry is not in a published checkpoint yet.
            ConfigError: the signed agreement is not held.
        """

        def collect(tx: Transaction) -> list[Bundle]:
            shares = tx.shares_of([one.id for one in tx.items_by_tracking([tracking_number])])
            sent = [self._bundle(tx, tx.batches([one.batch])[0], one.position) for one in shares if one.batch]
            received = [
                self._bundle(tx, inbound, record.position)
                for record, inbound in tx.inbound_records(tracking_number)
            ]
            return [*sent, *received]

        return await self._store.read(collect)

    def _bundle(self, tx: Transaction, row: BatchRow | InboundRow, position: int) -> Bundle:
        """Put the bundle of one record together."""
        statement = unpack_envelope(row.envelope)
        said = parse_batch_statement(statement.statement)
        partner = said.recipient if said.sender == self._organisation else said.sender
        log = f"{self._organisation}/{partner}"
        proof = _prove(
            tx,
            log=log,
            log_index=row.log_index,
            payload=row.payload,
            batch_id=row.batch_id,
            position=position,
            checkpoint=self._checkpoint(tx, log, row.log_index),
        )
        if not proof.record:
            raise CouldNotCheck("the record was erased", (finding("RELEASE-ERASED"),))
        receipt = row.receipt or None
        note, signers = self._own_lines(proof.checkpoint)
        seen = tx.witnessed(f"{partner}/{self._organisation}")
        partner_note, partner_signers = self._own_lines(seen.note) if seen else (b"", set())
        anchor = None
        if self._holdings.stamps is not None:
            entry = tx.log_entries(log, row.log_index, row.log_index + 1)[0]
            anchor = stamped(tx, self._organisation, entry, self._holdings.stamps)
        anchor_signers = self._own_lines(anchor.checkpoint.encode())[1] if anchor else set()
        agreement = self._holdings.agreement(said.agreement_id, said.agreement_version)
        envelopes = [statement, dsse.from_json(agreement), *([unpack_envelope(receipt)] if receipt else [])]
        key_ids = {one.key_id for envelope in envelopes for one in envelope.signatures}
        key_ids |= signers | partner_signers | anchor_signers
        materials = archive.needed(self._holdings.materials, key_ids)
        return Bundle(
            format=FORMAT,
            version=VERSION,
            envelope=row.envelope,
            record=RecordPart(position=position, salt=proof.salt, record=proof.record, path=proof.batch_path),
            log=LogPart(
                index=proof.log_index,
                entry=proof.entry,
                salt=proof.statement_salt,
                path=proof.log_path,
                checkpoint=note.decode(),
                consistency=_continues(tx, self._organisation, note, receipt),
            ),
            partner_log=None,
            partner_checkpoint=partner_note.decode() or None,
            receipt=receipt,
            agreement=agreement,
            treatments=treatment_table(parse_agreement(unverified(agreement))),
            materials=tuple(material_part(one) for one in materials),
            anchor=anchor,
        )

    def _checkpoint(self, tx: Transaction, log: str, index: int) -> bytes:
        """Return the checkpoint to prove against.

        Raises:
            CouldNotCheck: none that is published includes the entry.
        """
        for row in tx.cosigned():
            if row.log == log and row.size > index:
                return row.note
        published = self._holdings.published(log)
        if published is None:
            return tx.log_state(log).checkpoint
        if published.size <= index:
            raise CouldNotCheck("the entry is not in a published checkpoint yet; try again in a moment")
        return published.note

    def _own_lines(self, raw: bytes) -> tuple[bytes, set[str]]:
        """Return a note with the lines of known keys only, and the ids of these keys."""
        note = read_note(raw)
        _, _, tail = raw.rpartition(b"\n\n")
        kept, signers = [], set()
        for line, text in zip(note.signatures, tail.splitlines(keepends=True), strict=True):
            key_id = self._key_of(line.name, line.key_hash)
            if key_id:
                kept.append(text)
                signers.add(key_id)
        return note.text + b"\n" + b"".join(kept), signers

    def _key_of(self, name: str, key_hash: bytes) -> str:
        """Return the id of the log or witness key that a signature line is of, empty if none is known."""
        ring = self._holdings.keyring
        uses = ((Purpose.LOG, LOG_KIND_OF), (Purpose.WITNESS, KIND_OF))
        for owner in ring.organisations():
            for purpose, kinds in uses:
                for key in ring.of(owner, purpose):
                    kind = kinds.get(key.algorithm)
                    if kind is not None and NoteKey.of(name, key.public_key, kind).hash == key_hash:
                        return key.key_id
        return ""


def _continues(
    tx: Transaction, organisation: str, note: bytes, receipt: bytes | None
) -> tuple[bytes, ...] | None:
    """Return the proof that our log continues what the receipt names of it; none if it names nothing."""
    if receipt is None:
        return None
    said = read_receipt(unpack_envelope(receipt))
    if isinstance(said, envelope_pb2.WebhookReceipt):  # a partner without a gateway has seen no log
        return None
    named: envelope_pb2.SeenCheckpoint = said.own_checkpoint
    if said.issuer != organisation:
        if not said.HasField("last_seen"):
            return None
        named = said.last_seen
    there = parse_checkpoint(read_note(note).text)
    if named.origin != there.origin or not 0 < named.size <= there.size:
        return None
    return tuple(consistency(named.size, there.size, partial(tx.log_hash, there.origin)))


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
    tx: Transaction,
    *,
    log: str,
    log_index: int,
    payload: bytes,
    batch_id: str,
    position: int,
    checkpoint: bytes = b"",
) -> RecordProof:
    """Make both paths of one record; without a checkpoint, to the newest one that is stored."""
    entries = unpack_entries(payload)
    commitments = [commitment_of(one) for one in entries]
    tree = append(0, (), [leaf_hash(one) for one in commitments])
    hashes = {(level, index): digest for level, index, digest in tree.hashes}
    note = checkpoint or tx.log_state(log).checkpoint
    size = parse_checkpoint(read_note(note).text).size
    entry = tx.log_entries(log, log_index, log_index + 1)[0]
    salt, record, _ = entries[position]
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
        log_path=tuple(inclusion(log_index, size, partial(tx.log_hash, log))),
        checkpoint=note,
        statement_salt=entry.salt,
    )
