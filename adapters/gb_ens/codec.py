# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.gb_ens import acknowledging, decoding, encoding
from adapters.gb_ens.catalogue import MESSAGES, table
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, Encoded, Item, Limits, Table

_LOOK = 1024
_XML = re.compile(rb"ics\.dgtaxud\.ec/CC3|<(?:\w+:)?CC3(?:15|13|28|16|04|05|51)A[\s>/]")
_JSON = re.compile(rb'^\s*\{.*"(?:submissionId|messageType"\s*:\s*"IE3)', re.DOTALL)


class GbEnsAdapter:
    """GB entry summary declarations; without state of its own, so one value serves all threads."""

    name = decoding.NAME

    def recognises(self, raw: bytes) -> bool:
        """Look for the namespace, a root element or the first keys of the JSON form in the first kilobyte."""
        head = raw[:_LOOK].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")
        return _XML.search(head) is not None or _JSON.search(head) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message in either form."""
        return decoding.decode(raw, limits)

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the answer to the message."""
        return acknowledging.acknowledge(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write one record: CC315A to CC351A as XML, IE315 to IE351 as JSON."""
        return encoding.encode(message_type, items, now)

    def tables(self) -> Mapping[str, Table]:
        """Return the tables by the names of the XML messages; the JSON forms say the same."""
        return {name: table(name) for name in MESSAGES}


adapter = GbEnsAdapter()
