# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Transfers made field by field, so that each can be wrong in exactly one way."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.agreement import Agreement, treatment_digest
from gateway.audit.commitment import batch_root, commit
from gateway.audit.entry import SALT_LENGTH
from gateway.clock import milliseconds
from gateway.conformance.kit import Place
from gateway.envelope.dsse import Envelope
from gateway.envelope.seal import seal
from gateway.envelope.signer import Signer
from gateway.model import ContentPiece, Item, Party, Release, ReleaseFunction
from gateway.wire.convert import pack_envelope, pack_payload, pack_release
from gateway.wire.statement import BATCH_TYPE, STATEMENT_VERSION, TREE_VERSION
from gateway.wire.v1 import envelope_pb2

# Every name and number of the kit is invented and bears this.
INVENTED = "Invented Person"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A statement before it is sealed, with its payload."""

    statement: envelope_pb2.BatchStatement
    payload: bytes

    @property
    def signed(self) -> bytes:
        """The statement as it is signed."""
        return self.statement.SerializeToString(deterministic=True)

    @property
    def digest(self) -> bytes:
        """The digest by which the next batch of the channel names this one."""
        return hashlib.sha256(self.signed).digest()

    def but(self, **values: Any) -> "Transfer":
        """Return the transfer with other values in its statement; a list replaces all elements."""
        changed = envelope_pb2.BatchStatement.FromString(self.statement.SerializeToString())
        for name, value in values.items():
            if isinstance(value, list):
                changed.ClearField(name)  # type: ignore[arg-type]  # the stub wants a literal
                getattr(changed, name).extend(value)
            else:
                setattr(changed, name, value)
        return replace(self, statement=changed)

    def sealed(self, signers: Sequence[Signer]) -> Envelope:
        """Return the envelope under these keys; the statement says what it says."""
        return seal(BATCH_TYPE, self.signed, signers)

    def packed(self, signers: Sequence[Signer]) -> bytes:
        """Return the bytes of the envelope under these keys."""
        return pack_envelope(self.sealed(signers))


def item(**fields: Any) -> Item:
    """Return a small invented item that the agreement of the kit allows."""
    chosen: Mapping[str, Any] = {
        "tracking_number": f"KT{os.urandom(6).hex().upper()}",
        "destination_country": "ZZ",
        "addressee": Party(name=INVENTED),
        "content": (ContentPiece(number=1, description="paper lantern"),),
    }
    return Item(**{**chosen, **fields})


def release(what: Item | None = None, **fields: Any) -> Release:
    """Return a release of an item."""
    chosen = {"reference": os.urandom(8).hex(), "version": 1, "function": ReleaseFunction.ORIGINAL}
    return Release(**{**chosen, "item": what or item(), **fields})


def records(*releases: Release) -> list[bytes]:
    """Return the exact bytes of releases."""
    return [pack_release(one) for one in releases]


def payload_of(exact: Sequence[bytes], salt_length: int = SALT_LENGTH) -> tuple[bytes, bytes]:
    """Return the payload of records with fresh salts, and the root of their commitments.

    With salts of another length the root is made of what a careless recipient would make it of.
    """
    entries = [(os.urandom(salt_length), one) for one in exact]
    whole = [(salt.ljust(SALT_LENGTH, b"\0")[:SALT_LENGTH], one) for salt, one in entries]
    return pack_payload(entries), batch_root([commit(salt, one) for salt, one in whole])


def transfer(
    agreement: Agreement,
    place: Place,
    signers: Sequence[Signer],
    now: datetime,
    exact: Sequence[bytes] | None = None,
) -> Transfer:
    """Return a good transfer that follows a place of the channel; of two records if none are given."""
    chosen = records(release(), release()) if exact is None else exact
    payload, root = payload_of(chosen)
    statement = envelope_pb2.BatchStatement(
        version=STATEMENT_VERSION,
        batch_id=os.urandom(8).hex(),
        sender=agreement.sender,
        recipient=agreement.recipient,
        channel=agreement.channel,
        sequence=place.sequence + 1,
        previous_digest=bytes.fromhex(place.digest),
        agreement_id=agreement.id,
        agreement_version=agreement.version,
        agreement_digest=agreement.digest,
        record_type=agreement.record,
        count=len(chosen),
        payload_digest=hashlib.sha256(payload).digest(),
        commitment_root=root,
        tree_version=TREE_VERSION,
        created_at_ms=milliseconds(now),
        key_ids=sorted(one.key_id for one in signers),
        signature_policy=agreement.policy,
        treatment_digest=treatment_digest(agreement),
    )
    return Transfer(statement, payload)
