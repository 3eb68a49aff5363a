# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The payload of a batch after erasure: an erased record leaves its commitment and nothing else.

The commitment is a leaf of the batch tree, so the root that was signed still follows from the payload, and
every other record is proved as before. The digest of the payload does not: it was of the bytes as sealed.
"""

import hashlib
from collections.abc import Collection
from typing import NamedTuple

from gateway.audit.commitment import commit
from gateway.audit.entry import SALT_LENGTH
from gateway.wire.convert import parse_payload
from gateway.wire.v1 import records_pb2

COMMITMENT_LENGTH = hashlib.sha256().digest_size


class Entry(NamedTuple):
    """One record of a batch; of an erased one only the commitment is there."""

    salt: bytes
    record: bytes
    commitment: bytes = b""

    @property
    def erased(self) -> bool:
        """Say whether the record is gone."""
        return bool(self.commitment)

    @property
    def well_formed(self) -> bool:
        """Say whether it is a whole record or a whole commitment, never both."""
        if self.commitment:
            return not self.salt and not self.record and len(self.commitment) == COMMITMENT_LENGTH
        return len(self.salt) == SALT_LENGTH


def unpack_entries(payload: bytes) -> list[Entry]:
    """Return the entries of a payload, in order.

    Raises:
        InputError: not a payload, or fields unknown to this version.
    """
    return [Entry(one.salt, one.record, one.commitment) for one in parse_payload(payload).entries]


def commitment_of(entry: Entry) -> bytes:
    """Return the leaf of an entry in the tree of its batch.

    Raises:
        ValueError: a record that is not erased has no salt.
    """
    return entry.commitment or commit(entry.salt, entry.record)


def redact(payload: bytes, positions: Collection[int]) -> bytes:
    """Return the payload without the salts and records at the positions; repeating it changes nothing."""
    entries = [
        Entry(b"", b"", commitment_of(one)) if position in positions else one
        for position, one in enumerate(unpack_entries(payload))
    ]
    return records_pb2.Payload(
        entries=[
            {"salt": one.salt, "record": one.record, "commitment": one.commitment}  # type: ignore[misc]  # upb takes dictionaries
            for one in entries
        ]
    ).SerializeToString()


def redact_salts(salts: bytes, positions: Collection[int]) -> bytes:
    """Return the salts of a batch with zeros at the positions."""
    kept = bytearray(salts)
    for position in positions:
        kept[position * SALT_LENGTH : (position + 1) * SALT_LENGTH] = bytes(SALT_LENGTH)
    return bytes(kept[: len(salts)])
