# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner under the control of a test: it holds real keys and a real agreement, and says what it is told.

Its transfers are those of the conformance kit, made field by field, so that each can be wrong in one way.
"""

import asyncio
import os

from gateway.agreement import compile_treatment
from gateway.client.peer import GrpcPeer
from gateway.clock import system_clock
from gateway.config import load_config
from gateway.conformance.kit import Place
from gateway.conformance.transfer import transfer
from gateway.envelope import policy
from gateway.envelope.partners import load_bundles
from gateway.envelope.seal import seal, unseal
from gateway.exchange.release import prepare
from gateway.exchange.rows import ToRelease
from gateway.exchange.sealing import BATCH_TYPE, RECEIPT_TYPE
from gateway.jobs import load_trust, pseudonym_key
from gateway.model import Item, ReleaseFunction, pack_item
from gateway.wire.convert import pack_envelope, parse_receipt_statement, unpack_envelope
from gateway.wire.payload import unpack_entries
from gateway.wire.v1 import envelope_pb2

RECEIPT_SECONDS = 20


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
        exact = [one.record for one in unpack_entries(prepared.payload)]
        place = Place(self.sequence, self.last_digest.hex())
        return transfer(self.agreement, place, self.keys.seal, system_clock(), exact)

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

    def sealed(self, one, signers=None):
        """Return the envelope of a transfer, sealed by the own seal keys if not told otherwise."""
        chosen = self.keys.seal if signers is None else signers
        return pack_envelope(seal(BATCH_TYPE, one.signed, chosen))

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

    async def deliver(self, one):
        """Deliver a good transfer and remember where the channel stands."""
        (receipt,) = await self.send((self.sealed(one), one.payload))
        said = self.read(receipt)
        assert said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_ACCEPTED, said
        self.sequence = one.statement.sequence
        self.last_digest = one.digest
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
