# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A source message after its adapter has read it: documents, contributions, findings, answers."""

from gateway.finding import Finding
from gateway.model.contribution import Contribution
from gateway.model.record import Record


class DecodedDocument(Record, frozen=True, kw_only=True, gc=False):
    """One business document of a message; `position` counts from 1.

    `echo` holds the key fields that the format's receipt repeats (guid, copNo, orderNo ...), in the format's
    own names. A document with an error finding has no contributions and is refused; the others go on.
    """

    position: int
    reference: str = ""
    echo: dict[str, str] = {}
    contributions: tuple[Contribution, ...] = ()
    findings: tuple[Finding, ...] = ()


class DecodedMessage(Record, frozen=True, kw_only=True, gc=False):
    """A whole message; `findings` are those about the message itself, not about one document.

    `message_type` is the format's own name (CEB603). `sender` is what the message says of its sender, which
    is not proof. An error among `findings` refuses the whole message. `once` says that the format lets a
    sender use a `message_id` once, as EDIFACT does with interchange references.
    """

    adapter: str
    message_type: str
    message_id: str = ""
    sender: str = ""
    once: bool = False
    documents: tuple[DecodedDocument, ...] = ()
    findings: tuple[Finding, ...] = ()


class DocumentOutcome(Record, frozen=True, kw_only=True, gc=False):
    """What became of one document, for the format's own receipt."""

    position: int
    accepted: bool
    echo: dict[str, str] = {}
    findings: tuple[Finding, ...] = ()


class Acknowledgement(Record, frozen=True, kw_only=True, gc=False):
    """An answer in the format's own terms."""

    body: bytes
    content_type: str


class Loss(Record, frozen=True, kw_only=True, gc=False):
    """One thing that a conversion did to a value; `kind` is lost, truncated, rounded or derived."""

    kind: str
    path: str
    outside_path: str = ""
    rule: str = ""
    detail: str = ""


class Encoded(Record, frozen=True, kw_only=True, gc=False):
    """A document written in an outside format, with everything the conversion lost and found."""

    body: bytes
    content_type: str
    losses: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()
