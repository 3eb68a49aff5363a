# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write and sign statements, in the transaction of what they state.

A statement is serialised once; those bytes are signed, stored and sent, and never made again.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gateway.agreement import Agreement, treatment_digest
from gateway.archive.manifest import MANIFEST_TYPE
from gateway.audit.entry import Event
from gateway.envelope import policy
from gateway.envelope.dsse import Envelope
from gateway.envelope.seal import seal
from gateway.envelope.signer import Signer
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import BatchRow, ChannelRow, PreparedBatch, SeenRow
from gateway.wire.convert import pack_envelope
from gateway.wire.statement import (
    BATCH_TYPE,
    ERASURE_CONFIRMATION_TYPE,
    ERASURE_TYPE,
    KEY_ANNOUNCEMENT_TYPE,
    KEY_CONFIRMATION_TYPE,
    QUERY_ANSWER_TYPE,
    QUERY_TYPE,
    RECEIPT_TYPE,
    STATEMENT_VERSION,
    TREE_VERSION,
    WEBHOOK_DELIVERY_RECEIPT_TYPE,
    WEBHOOK_RECEIPT_TYPE,
)
from gateway.wire.v1 import envelope_pb2

__all__ = ["BATCH_TYPE", "RECEIPT_TYPE", "STATEMENT_VERSION", "TREE_VERSION", "Sealer", "seen_message"]


class _Hand(NamedTuple):
    """The keys of one purpose and their sorted ids; replaced whole, for statements are made in a thread."""

    signers: tuple[Signer, ...]
    key_ids: tuple[str, ...]


class Sealer:
    """The seal of this gateway."""

    def __init__(
        self,
        organisation: str,
        *,
        seal_signers: Sequence[Signer],
        receipt_signers: Sequence[Signer],
        journal: Journal,
        mapping_digests: Sequence[bytes] = (),
    ) -> None:
        """`mapping_digests` are those of the adapter tables in use; every statement names them."""
        self.organisation = organisation
        self.journal = journal
        self._mapping_digests = tuple(mapping_digests)
        self.renew(seal_signers, receipt_signers)

    def renew(self, seal_signers: Sequence[Signer], receipt_signers: Sequence[Signer]) -> None:
        """Sign with these keys from the next statement on; each statement is of one set, named and signed."""
        self._seal = _Hand(tuple(seal_signers), tuple(sorted(one.key_id for one in seal_signers)))
        self._receipt = _Hand(tuple(receipt_signers), tuple(sorted(one.key_id for one in receipt_signers)))

    @property
    def policy(self) -> str:
        """Return the name of the strongest policy that this seal can meet."""
        return (policy.HYBRID if len(self._seal.signers) > 1 else policy.CLASSICAL).name

    def seal_manifest(self, statement: bytes) -> Envelope:
        """Sign the manifest of an archived day."""
        return seal(MANIFEST_TYPE, statement, self._seal.signers)

    def seal_batch(
        self, tx: Transaction, agreement: Agreement, prepared: PreparedBatch, *, batch: int, now: int
    ) -> int:
        """Make a prepared payload the next batch of its channel; return its sequence number, 0 if stopped."""
        partner, hand = agreement.recipient, self._seal
        channel = tx.channel(agreement.channel) or ChannelRow(
            name=agreement.channel, partner=partner, direction="out"
        )
        if channel.stopped:
            return 0
        sequence = channel.sequence + 1
        statement = envelope_pb2.BatchStatement(
            version=STATEMENT_VERSION,
            batch_id=f"{batch:016x}",
            sender=self.organisation,
            recipient=partner,
            channel=agreement.channel,
            sequence=sequence,
            previous_digest=channel.last_digest,
            agreement_id=agreement.id,
            agreement_version=agreement.version,
            agreement_digest=agreement.digest,
            record_type=agreement.record,
            count=len(prepared.shares),
            payload_digest=prepared.payload_digest,
            commitment_root=prepared.commitment_root,
            tree_version=TREE_VERSION,
            created_at_ms=now,
            key_ids=hand.key_ids,
            signature_policy=agreement.policy,
            last_seen=seen_message(tx.seen_checkpoint(partner)),
            mapping_digests=self._mapping_digests,
            treatment_digest=treatment_digest(agreement),
        ).SerializeToString(deterministic=True)
        digest = hashlib.sha256(statement).digest()
        envelope = pack_envelope(seal(BATCH_TYPE, statement, hand.signers))
        recorded = self.journal.record_event(
            tx,
            partner,
            Event.SENT,
            statement=statement,
            subject=f"batch:{batch}",
            root=prepared.commitment_root,
            now=now,
        )
        tx.add_batch(
            BatchRow(
                id=batch,
                batch_id=f"{batch:016x}",
                channel=agreement.channel,
                sequence=sequence,
                statement_digest=digest,
                count=len(prepared.shares),
                agreement=agreement.id,
                created_at=now,
                envelope=envelope,
                payload=prepared.payload,
                salts=prepared.salts,
                log_index=recorded.index,
            )
        )
        tx.batch_shares(prepared.shares, batch, now)
        tx.put_channel(msgspec.structs.replace(channel, sequence=sequence, last_digest=digest))
        return sequence

    def seal_receipt(self, receipt: envelope_pb2.ReceiptStatement) -> tuple[bytes, bytes]:
        """Sign a receipt; return its statement and its envelope."""
        receipt.version = STATEMENT_VERSION
        receipt.issuer = self.organisation
        hand = self._receipt
        receipt.key_ids.extend(hand.key_ids)
        statement = receipt.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(RECEIPT_TYPE, statement, hand.signers))

    def seal_attestation(self, attestation: envelope_pb2.WebhookReceipt) -> tuple[bytes, bytes]:
        """Sign what we attest of a partner's answers; return its statement and its envelope."""
        attestation.version = STATEMENT_VERSION
        attestation.attester = self.organisation
        hand = self._receipt
        attestation.key_ids.extend(hand.key_ids)
        statement = attestation.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(WEBHOOK_RECEIPT_TYPE, statement, hand.signers))

    def seal_delivery_receipt(self, receipt: envelope_pb2.WebhookDeliveryReceipt) -> tuple[bytes, bytes]:
        """Sign the receipt of a delivery by webhook; return its statement and its envelope."""
        receipt.version = STATEMENT_VERSION
        receipt.issuer = self.organisation
        hand = self._receipt
        receipt.key_ids.extend(hand.key_ids)
        statement = receipt.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(WEBHOOK_DELIVERY_RECEIPT_TYPE, statement, hand.signers))

    def seal_notice(self, notice: envelope_pb2.ErasureStatement) -> tuple[bytes, bytes]:
        """Sign a notice of erasure; return its statement and its envelope."""
        hand = self._seal
        notice.key_ids.extend(hand.key_ids)
        statement = notice.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(ERASURE_TYPE, statement, hand.signers))

    def seal_query(self, query: envelope_pb2.QueryStatement) -> tuple[bytes, bytes]:
        """Sign a question; return its statement and its envelope."""
        query.version = STATEMENT_VERSION
        query.sender = self.organisation
        hand = self._seal
        query.key_ids.extend(hand.key_ids)
        statement = query.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(QUERY_TYPE, statement, hand.signers))

    def seal_query_answer(self, answer: envelope_pb2.QueryAnswer) -> tuple[bytes, bytes]:
        """Sign the answer to a question; return its statement and its envelope."""
        answer.version = STATEMENT_VERSION
        answer.issuer = self.organisation
        hand = self._receipt
        answer.key_ids.extend(hand.key_ids)
        statement = answer.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(QUERY_ANSWER_TYPE, statement, hand.signers))

    def seal_confirmation(self, confirmation: envelope_pb2.ErasureConfirmation) -> tuple[bytes, bytes]:
        """Sign the answer to a notice of erasure; return its statement and its envelope."""
        confirmation.version = STATEMENT_VERSION
        confirmation.issuer = self.organisation
        hand = self._receipt
        confirmation.key_ids.extend(hand.key_ids)
        statement = confirmation.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(ERASURE_CONFIRMATION_TYPE, statement, hand.signers))

    def seal_announcement(self, said: envelope_pb2.KeyAnnouncement) -> tuple[bytes, bytes]:
        """Sign an announcement of keys; return its statement and its envelope."""
        said.version = STATEMENT_VERSION
        said.sender = self.organisation
        hand = self._seal
        said.key_ids.extend(hand.key_ids)
        statement = said.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(KEY_ANNOUNCEMENT_TYPE, statement, hand.signers))

    def seal_key_confirmation(self, said: envelope_pb2.KeyConfirmation) -> tuple[bytes, bytes]:
        """Sign the answer to an announcement of keys; return its statement and its envelope."""
        said.version = STATEMENT_VERSION
        said.issuer = self.organisation
        hand = self._receipt
        said.key_ids.extend(hand.key_ids)
        statement = said.SerializeToString(deterministic=True)
        return statement, pack_envelope(seal(KEY_CONFIRMATION_TYPE, statement, hand.signers))


def seen_message(seen: SeenRow | None) -> envelope_pb2.SeenCheckpoint | None:
    """Return a seen checkpoint as statements carry it."""
    if seen is None:
        return None
    return envelope_pb2.SeenCheckpoint(origin=seen.origin, size=seen.size, root=seen.root)
