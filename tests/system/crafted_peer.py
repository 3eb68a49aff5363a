# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner under the control of a test: it holds real keys and a real agreement, and says what it is told.

Transfers are made here field by field, so that each can be wrong in exactly one way.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass, replace

from gateway.agreement import compile_treatment, treatment_digest
from gateway.client.peer import GrpcPeer
from gateway.clock import milliseconds, system_clock
from gateway.config import load_config
from gateway.envelope import policy
from gateway.envelope.partners import load_bundles
from gateway.envelope.seal import seal, unseal
from gateway.exchange.release import prepare
from gateway.exchange.rows import ToRelease
from gateway.exchange.sealing import BATCH_TYPE, RECEIPT_TYPE, STATEMENT_VERSION, TREE_VERSION
from gateway.jobs import load_trust, pseudonym_key
from gateway.model import Item, ReleaseFunction, pack_item
from gateway.wire.convert import pack_envelope, parse_receipt_statement, unpack_envelope
from gateway.wire.v1 import envelope_pb2

RECEIPT_SECONDS = 20


@dataclass(frozen=True)
class Transfer:
    """A statement before it is sealed, with its payload."""

    statement: envelope_pb2.BatchStatement
    payload: bytes

    def but(self, **values):
        """Return the transfer with other values in its statement."""
        changed = envelope_pb2.BatchStatement.FromString(self.statement.SerializeToString())
        for name, value in values.items():
            if isinstance(value, list):
                changed.ClearField(name)
                getattr(changed, name).extend(value)
            else:
                setattr(changed, name, value)
        return replace(self, statement=changed)

    def bytes(self):
        """Return the statement as it is signed."""
        return self.statement.SerializeToString(deterministic=True)


class CraftedPeer:
    """Speaks as one party to another."""

    def __init__(self, party, other):
        """Read what the party's own gateway would read."""
        config = load_config(party.config)
        self.keys, self.keyring, self.agreements = load_trust(config)
        self.other = other.organisation
        self.agreement = next(iter(self.agreements.between(party.organisation, other.organisation)))
        self.bundle = load_bundles(party.folder / "partners", system_clock())[other.organisation]
        self.client = GrpcPeer(self.bundle, self.keys, organisation=party.organisation)
        self._treat = compile_treatment(self.agreement, pseudonym_key(party.folder / "keys", "any"))
        self.sequence = 0
        self.last_digest = b""

    def transfer(self, count=2):
        """Return a good transfer that follows the last one taken."""
        shares = [self._share(number) for number in range(count)]
        prepared = prepare(self.agreement, self._treat, shares)
        statement = envelope_pb2.BatchStatement(
            version=STATEMENT_VERSION,
            batch_id=os.urandom(8).hex(),
            sender=self.keys.organisation,
            recipient=self.other,
            channel=self.agreement.channel,
            sequence=self.sequence + 1,
            previous_digest=self.last_digest,
            agreement_id=self.agreement.id,
            agreement_version=self.agreement.version,
            agreement_digest=self.agreement.digest,
            record_type=self.agreement.record,
            count=count,
            payload_digest=prepared.payload_digest,
            commitment_root=prepared.commitment_root,
            tree_version=TREE_VERSION,
            created_at_ms=milliseconds(system_clock()),
            key_ids=sorted(one.key_id for one in self.keys.seal),
            signature_policy=self.agreement.policy,
            treatment_digest=treatment_digest(self.agreement),
        )
        return Transfer(statement, prepared.payload)

    def _share(self, number):
        """Return a share of a small invented item."""
        item = Item(tracking_number=f"SX{os.urandom(6).hex().upper()}", destination_country="NL")
        return ToRelease(
            share=number + 1,
            version=1,
            function=ReleaseFunction.ORIGINAL,
            tracking_number=item.tracking_number,
            secret=os.urandom(32),
            body=pack_item(item),
        )

    def sealed(self, transfer, signers=None):
        """Return the envelope of a transfer, sealed by the own seal keys if not told otherwise."""
        chosen = self.keys.seal if signers is None else signers
        return pack_envelope(seal(BATCH_TYPE, transfer.bytes(), chosen))

    async def send(self, *pairs):
        """Send envelopes with payloads on one stream; return their receipts, as they came."""
        stream = await self.client.deliver(self.agreement.channel)
        try:
            receipts = []
            for envelope, payload in pairs:
                await stream.send(envelope, payload)
                async with asyncio.timeout(RECEIPT_SECONDS):
                    receipts.append(await stream.receipt())
            return receipts
        finally:
            await stream.close()

    async def deliver(self, transfer):
        """Deliver a good transfer and remember where the channel stands."""
        (receipt,) = await self.send((self.sealed(transfer), transfer.payload))
        said = self.read(receipt)
        assert said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_ACCEPTED, said
        self.sequence = transfer.statement.sequence
        self.last_digest = hashlib.sha256(transfer.bytes()).digest()
        return receipt

    def read(self, receipt):
        """Return what a receipt says, once its seal is proved to be the other's."""
        sealed = unpack_envelope(receipt)
        proved = unseal(
            sealed,
            payload_type=RECEIPT_TYPE,
            keyring=self.keyring,
            owner=self.other,
            purpose="receipt",
            policy=policy.HYBRID,
            at=system_clock(),
        )
        return parse_receipt_statement(proved.statement)
