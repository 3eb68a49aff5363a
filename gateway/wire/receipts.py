# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the place of a receipt: the partner's own, or what the sender attests of its HTTP answers.

Both name batch, digests, outcome and records by the same words, so a reader asks who says it only where that
matters. Checks no signature.
"""

from typing import TypeAlias

from gateway.envelope.dsse import Envelope
from gateway.wire.convert import parse_receipt_statement, parse_webhook_receipt
from gateway.wire.statement import WEBHOOK_RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2

Receipt: TypeAlias = envelope_pb2.ReceiptStatement | envelope_pb2.WebhookReceipt


def read_receipt(envelope: Envelope) -> Receipt:
    """Return what an envelope in the place of a receipt says.

    Raises:
        InputError: it cannot be read.
    """
    if is_attested(envelope):
        return parse_webhook_receipt(envelope.statement)
    return parse_receipt_statement(envelope.statement)


def is_attested(envelope: Envelope) -> bool:
    """Say whether the sender of the batch speaks, for a partner that cannot sign."""
    return envelope.payload_type == WEBHOOK_RECEIPT_TYPE
