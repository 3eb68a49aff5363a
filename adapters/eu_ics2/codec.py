# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode, and answer a query."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.eu_ics2 import frames, receipt, writing
from adapters.eu_ics2.declared import Declared, load_declared
from adapters.eu_ics2.reading import ADAPTER, read_message
from adapters.eu_ics2.standing import Memory
from gateway.sdk import (
    Acknowledgement,
    AdapterError,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Finding,
    Item,
    Limits,
    Table,
    finding,
    has_errors,
    xml,
)

_LOOK = 1024
_FIRST = re.compile(rb"urn:wco:datamodel:eu:ics2:\d|<(?:\w+:)?IE[34][NQRS]\d\d[\s>/]")
_QUERY, _REPLY = "IE4Q10", "IE4R05"


class Ics2Adapter:
    """ICS2 messages; holds nothing but the declared values, so one value serves all threads."""

    name = ADAPTER

    def __init__(self, declared: Sequence[Declared]) -> None:
        """Take the values that stand in for what no source carries."""
        self._memory = Memory(declared)

    @classmethod
    def with_declared(cls, path: Path) -> "Ics2Adapter":
        """Return an adapter with the declared values of an operator's own file.

        Raises:
            ConfigError: the file is wrong.
        """
        return cls(load_declared(path))

    def recognises(self, raw: bytes) -> bool:
        """Look for the namespace or the document element in the first kilobyte."""
        return _FIRST.search(raw[:_LOOK].replace(b"\0", b"")) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message; every record of it becomes a document."""
        parsed = xml.parse(raw, limits)
        root = parsed.root
        if root is None:
            return DecodedMessage(adapter=ADAPTER, message_type="", findings=parsed.findings)
        found: list[Finding] = list(parsed.findings)
        message = _message(root)
        if not message:
            known = ", ".join(dict.fromkeys(one.message for one in frames.frames().values()))
            found.append(finding("ICS2-ROOT", expected=known, actual=xml.local_name(root)))
        elif xml.namespace(root) != frames.NAMESPACE:
            found.append(
                finding("ICS2-NAMESPACE", path=message, expected=frames.NAMESPACE, actual=xml.namespace(root))
            )
        if has_errors(found):
            return DecodedMessage(adapter=ADAPTER, message_type=message, findings=tuple(found))
        return read_message(message, root, tuple(found))

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the receipt: what became of every document, with all findings."""
        return receipt.write(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write records as one message."""
        return writing.encode(message_type, items, now, self._memory.at(message_type, now.date()), {})

    def answer_query(self, query: DecodedMessage, items: Sequence[Item], now: datetime) -> Encoded:
        """Write the reply to a query: its reference, its message id and its parties turned round.

        Raises:
            AdapterError: the message is not a query.
            InputError: an item lacks what the reply requires.
        """
        if query.message_type != _QUERY or not query.documents:
            raise AdapterError(f"{_REPLY} answers {_QUERY}, not {query.message_type}")
        echo = query.documents[0].echo
        given = {
            "functionalReference": echo.get("functionalReference", ""),
            "MessageHeader/correlationId": query.message_id,
            "MessageHeader/messageSender": echo.get("messageRecipient", ""),
            "MessageHeader/messageRecipient": echo.get("messageSender", ""),
        }
        standing = self._memory.at(_REPLY, now.date())
        return writing.encode(_REPLY, items, now, standing, {key: one for key, one in given.items() if one})

    def tables(self) -> Mapping[str, Table]:
        """Return every mapping table; a message with several kinds of record has one for each."""
        return {name: frames.table(name) for name in frames.frames()}


def _message(root: Any) -> str:
    """Return the name of a message by its document element, empty for an unknown one."""
    name = xml.local_name(root)
    if name == "consignmentHouseLevel":
        return frames.HOUSE
    if name == frames.ROOTS[frames.HOUSE]:
        first = next(iter(root), None)
        house = first is not None and xml.local_name(first) == "consignmentHouseLevel"
        return frames.HOUSE if house else frames.MASTER
    return name if frames.of_message(name) else ""


adapter = Ics2Adapter(load_declared())
