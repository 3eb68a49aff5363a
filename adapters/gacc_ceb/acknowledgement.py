# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer a message: the receipt that belongs to it, or CEB900 where there is no document to answer.

Rules: one Return per document; every finding goes back; what concerns the whole message stands in every
refused document and otherwise in the first; an answer to a DXP envelope goes back in one. The identifier of
the answer derives from what it answers, so the same question gets the same answer.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from adapters.gacc_ceb import envelope, receipt
from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE
from adapters.gacc_ceb.times import milliseconds
from gateway.sdk import Acknowledgement, DecodedMessage, DocumentOutcome, has_errors, xml

CONTENT_TYPE = "application/xml"
VERSION = "1.0"


def acknowledge(
    message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
) -> Acknowledgement:
    """Write the receipt of a message."""
    known = MESSAGES.get(message.message_type)
    whole = has_errors(message.findings)
    kind = receipt.receipt_types()[known.receipt if known and outcomes else receipt.GENERAL]
    answered = tuple(outcomes) or (DocumentOutcome(position=0, accepted=not whole, echo=_own_guid(message)),)
    documents = []
    at = milliseconds(now)
    for index, outcome in enumerate(answered):
        concerned = index == 0 or (whole and not outcome.accepted)
        more = message.findings if concerned else ()
        documents.append((kind.document, receipt.returned(kind, outcome, more, at)))
    guid = derived_guid(message.message_id, *(one.echo.get("guid", "") for one in answered), str(now))
    body = xml.write(
        f"{kind.name}Message",
        documents,
        namespace=NAMESPACE,
        prefix="ceb",
        attributes={"guid": guid, "version": VERSION},
    ).body
    fields = {name: text for name, text in answered[0].echo.items() if name.startswith(envelope.MARK)}
    if fields:
        body = envelope.answer(body, fields, f"{kind.name}Message", guid, now)
    return Acknowledgement(body=body, content_type=CONTENT_TYPE)


def _own_guid(message: DecodedMessage) -> dict[str, str]:
    """Return the echo of a message without documents: its own guid, or one derived from what is known."""
    return {"guid": message.message_id or derived_guid(message.message_type, message.sender)}


def derived_guid(*parts: str) -> str:
    """Return a guid in capitals that depends on the parts alone (in the manner of RFC 9562 §5.5)."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5)).upper()
