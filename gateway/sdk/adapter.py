# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an adapter is: the contract between the gateway and one outside format.

An adapter is a value with the attributes below, found through the entry-point group `ead_gateway.adapters`
and enabled by name in the configuration. It is pure: no network, no files but its own, no clock of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.mapping import Table
from gateway.model import Acknowledgement, DecodedMessage, DocumentOutcome, Encoded, Item


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may cost before it is refused; bytes are counted after decompression."""

    max_bytes: int = 8 * 1024 * 1024
    max_depth: int = 32
    max_elements: int = 500_000


class Adapter(Protocol):
    """One outside format."""

    name: str

    def recognises(self, raw: bytes) -> bool:
        """Say whether the bytes look like this format; cheap, looks at the first kilobyte, never raises."""

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message.

        Never raises for bad input: whatever is wrong becomes a finding of the message or of the document.
        The gateway stores the bytes verbatim whatever the result.
        """

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the format's own receipt for every document, with all findings.

        `message.documents` may be empty here: rely on `outcomes` and on the message's own fields.
        """

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write items as one document of the named message type.

        Raises:
            AdapterError: the message type is not one this adapter writes.
            InputError: an item lacks what the format requires; its findings name every missing field.
        """

    def tables(self) -> Mapping[str, Table]:
        """Return the mapping tables by message type, for explain and the generated field documents."""
