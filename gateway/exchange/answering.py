# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The answer to a submitter in the format of the message, foreseen by whoever reads it.

Nearly always the transaction of intake finds nothing to say of a document that reading did not find. So the
worker that reads a message writes the answer too, as it is if nothing more is found, and intake takes it if
that was so; else it writes the answer itself. Both call the same function with the same words (ADR 0021).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gateway.clock import milliseconds
from gateway.exchange.rows import ForeseenAnswer, PackedMessage
from gateway.finding import has_errors
from gateway.model import Acknowledgement, DecodedMessage, DocumentOutcome


class Acknowledges(Protocol):
    """The part of an adapter that answers."""

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the format's own receipt."""


def answer(
    adapter: Acknowledges | None, message: PackedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Return the answer in the message's own format; plain JSON if no adapter took it."""
    if adapter is None:
        return Acknowledgement(body=msgspec.json.encode(message.findings), content_type="application/json")
    head = DecodedMessage(
        adapter=message.adapter,
        message_type=message.message_type,
        message_id=message.message_id,
        sender=message.sender,
        findings=message.findings,
    )
    return adapter.acknowledge(head, outcomes, now)


def with_answer(adapter: Acknowledges, message: PackedMessage, now: datetime) -> PackedMessage:
    """Return a message with the answer to it, if nothing more is found than reading found."""
    given = answer(adapter, message, foreseen(message), now)
    at = milliseconds(now)
    return msgspec.structs.replace(
        message, answer=ForeseenAnswer(at=at, body=given.body, content_type=given.content_type)
    )


def foreseen(message: PackedMessage) -> tuple[DocumentOutcome, ...]:
    """Return what becomes of the documents of a message, if nothing more is found than reading found."""
    refused = has_errors(message.findings)
    return tuple(
        DocumentOutcome(
            position=one.position,
            accepted=not refused and not has_errors(one.findings),
            echo=one.echo,
            findings=one.findings,
        )
        for one in message.documents
    )


def taken(
    adapter: Acknowledges | None, message: PackedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Return the answer that came with a message, or another one if it does not say what became of it."""
    given = message.answer
    if given is not None and given.at == milliseconds(now) and _as_foreseen(message, outcomes):
        return Acknowledgement(body=given.body, content_type=given.content_type)
    return answer(adapter, message, outcomes, now)


def _as_foreseen(message: PackedMessage, outcomes: Sequence[DocumentOutcome]) -> bool:
    """Say whether nothing more was found than reading found.

    Acceptance follows from findings; documents and outcomes are in the same order.
    """
    return len(outcomes) == len(message.documents) and all(
        outcome.findings == document.findings
        for outcome, document in zip(outcomes, message.documents, strict=True)
    )
