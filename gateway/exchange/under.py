# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare what a partner without a gateway delivers with the agreement under which it comes. Pure.

The rules, for each document by itself:

1. Its records are of the one kind that the agreement is about.
2. They hold no field that the agreement does not let pass, and those that it requires; a deletion needs none.

A partner's own format says more than an agreement often lets it: such a document is refused, with every field
that is too much, and the exact bytes are kept like those of any refused message.
"""

from collections.abc import Iterator

import msgspec

from gateway.agreement import Agreement, check_release
from gateway.finding import Finding, finding, has_errors
from gateway.model import Contribution, DecodedDocument, DecodedMessage, Function, Release, ReleaseFunction

_FUNCTIONS = {
    Function.NEW: ReleaseFunction.ORIGINAL,
    Function.CHANGE: ReleaseFunction.AMENDMENT,
    Function.DELETE: ReleaseFunction.CANCELLATION,
}


def compared(message: DecodedMessage, agreement: Agreement) -> DecodedMessage:
    """Return the message with what the agreement says of each document."""
    documents = tuple(_document(one, agreement) for one in message.documents)
    return msgspec.structs.replace(message, documents=documents)


def _document(one: DecodedDocument, agreement: Agreement) -> DecodedDocument:
    """Return a document with the findings of its records; one that departs says nothing any more."""
    found = [each for said in one.contributions for each in _departures(said, agreement)]
    if not found:
        return one
    kept = () if has_errors(found) else one.contributions
    return msgspec.structs.replace(one, findings=(*one.findings, *found), contributions=kept)


def _departures(said: Contribution, agreement: Agreement) -> Iterator[Finding]:
    """Yield everything in which a record departs from the agreement."""
    if said.kind.record != agreement.record:
        yield finding("WEBHOOK-RECORD", expected=agreement.record, actual=said.kind.record)
        return
    release = Release(reference="", version=1, function=_FUNCTIONS[said.function], item=said.item)
    yield from check_release(agreement, release)
