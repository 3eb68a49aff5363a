# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Agreements, keys, contributions and messages with invented content, for gateways in memory."""

from datetime import UTC, datetime

import msgspec

from gateway.agreement import parse
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.exchange.rows import PackedContribution, PackedDocument, PackedMessage
from gateway.model import (
    Contribution,
    ContributionKind,
    Function,
    Item,
    Party,
    pack_contribution,
)

AGREEMENT = """
id = "{id}"
version = {version}
sender = "{sender}"
recipient = "{recipient}"
purpose = "risk analysis before arrival"
legal_basis = "Article 4"
effective_from = 2026-01-01T00:00:00Z
effective_until = {until}
record = "item"
trigger = "push"
retention_days = 30
onward = "none"
onward_agencies = []
policy = "p256+mldsa65"

[match]
destinations = ["{destination}"]

[wait]
required = ["{required}"]
limit_seconds = 3600
then = "{then}"

[batch]
size = 256
linger_ms = 1

[[field]]
paths = ["tracking_number", "order_number", "destination_country", "package_count"]
treatment = "pass"
article = "5"

[[field]]
paths = ["gross_mass.*", "addressee.name"]
treatment = "pass"
article = "5"

[[field]]
paths = ["sender.name"]
treatment = "commit"
article = "6"
"""


def agreement(sender="alpha", recipient="beta", **changes):
    """Return an agreement between two organisations."""
    terms = {
        "id": f"{sender}-{recipient}",
        "version": 1,
        "until": "2027-01-01T00:00:00Z",
        "destination": "AU",
        "required": "addressee.name",
        "then": "drop",
    }
    text = AGREEMENT.format(**terms | {"sender": sender, "recipient": recipient} | changes)
    return parse(text.encode())


def make_keys(folder, names=("alpha", "beta", "gamma"), now=datetime(2026, 11, 1, tzinfo=UTC)):
    """Make the keys of organisations in a folder; slow, once per session."""
    for name in names:
        write_keys(folder / name, name, now)
    return {name: KeySet.load(folder / name) for name in names}


def said(kind="list", function="new", reference="L1", keys=None, issued_at=None, **fields):
    """Return a contribution about an item."""
    item = Item(**fields)
    if keys is None:
        keys = (f"trk:{item.tracking_number}",)
    return Contribution(
        kind=ContributionKind(kind),
        function=Function(function),
        reference=reference,
        keys=tuple(keys),
        item=item,
        issued_at=issued_at,
    )


def contribution(number, function="new", **fields):
    """Return a list about one parcel that the agreement from alpha to beta matches and finds complete."""
    chosen = {
        "tracking_number": tracking(number),
        "destination_country": "AU",
        "addressee": Party(name="A. Example"),
        "sender": Party(name="B. Example"),
    }
    return said("list", function, f"L-{number}", **chosen | fields)


def tracking(number):
    """Return the tracking number of a parcel."""
    return f"RX{number:09d}CN"


def message(*documents, number="m1", findings=(), sender=""):
    """Return the bytes of a message; each document is a contribution or a tuple of them."""
    packed = tuple(
        PackedDocument(
            position=position,
            reference="",
            echo={},
            contributions=tuple(
                PackedContribution(
                    kind=one.kind,
                    function=one.function,
                    reference=one.reference,
                    keys=one.keys,
                    body=pack_contribution(one),
                )
                for one in (document if isinstance(document, tuple) else (document,))
            ),
            findings=(),
        )
        for position, document in enumerate(documents, 1)
    )
    return msgspec.msgpack.encode(
        PackedMessage(
            adapter="plain",
            message_type="TEST",
            message_id=number,
            sender=sender,
            documents=packed,
            findings=tuple(findings),
        )
    )
