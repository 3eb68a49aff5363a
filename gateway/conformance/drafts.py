# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The agreements between the parties of a kit and its target, as the cases need them.

They are for a test and say so. Nothing real is sent under them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

import tomlkit

LONGEST_NAME = 20
COMMITTED = "sender.name"
FEW_AN_HOUR = 2
_TEXT = "CONFORMANCE TEST: no legal effect, no real data"
_FIELDS: Sequence[Mapping[str, object]] = (
    {
        "paths": [
            "tracking_number",
            "destination_country",
            "gross_mass.*",
            "posting_date",
            "content[].number",
            "content[].description",
        ],
        "treatment": "pass",
    },
    {"paths": ["addressee.name"], "treatment": "truncate", "length": LONGEST_NAME},
    {"paths": ["content[].commodity_code"], "treatment": "generalise", "rule": "hs6"},
    {"paths": ["order_number"], "treatment": "pseudonymise", "length": 26},
    {"paths": [COMMITTED], "treatment": "commit"},
)
ITEM, EXPIRED, LATER, ANSWERS, FEW, BYSTANDER, LIAR = (
    "item",
    "item-expired",
    "item-later",
    "answers",
    "answers-few",
    "bystander-item",
    "liar-item",
)
# Days from today at which an agreement begins and ends.
_SPANS: Mapping[str, tuple[int, int]] = MappingProxyType({EXPIRED: (-400, -30), LATER: (365, 730)})
_ALWAYS = (-1, 365)


def agreement_id(organisation: str, which: str) -> str:
    """Return the id of one of the agreements of a kit."""
    return f"{organisation.lower()}-{which}"


def drafts(organisation: str, bystander: str, liar: str, target: str, today: date) -> dict[str, bytes]:
    """Return the texts of all agreements, by which of them each is."""
    return {
        which: _text(agreement_id(organisation, which), sender, recipient, which, today).encode()
        for which, sender, recipient in (
            (ITEM, organisation, target),
            (EXPIRED, organisation, target),
            (LATER, organisation, target),
            (ANSWERS, target, organisation),
            (FEW, target, organisation),
            (BYSTANDER, bystander, target),
            (LIAR, liar, target),
        )
    }


def _text(name: str, sender: str, recipient: str, which: str, today: date) -> str:
    """Return the text of one agreement."""
    first, last = _SPANS.get(which, _ALWAYS)
    asked = which in (ANSWERS, FEW)
    head: dict[str, object] = {
        "id": name,
        "version": 1,
        "sender": sender,
        "recipient": recipient,
        "purpose": _TEXT,
        "legal_basis": _TEXT,
        "effective_from": today + timedelta(days=first),
        "effective_until": today + timedelta(days=last),
        "record": "item",
        "trigger": "query" if asked else "push",
        "retention_days": 30,
        "onward": "none",
        "onward_agencies": [],
        "policy": "p256+mldsa65",
    }
    document = tomlkit.document()
    for key, value in head.items():
        document.add(key, tomlkit.item(value))
    # No item has such a destination, so nothing that the target really holds falls under its own ones.
    document.add("match", tomlkit.item({"destinations": ["ZZ"]}))
    wait = {"required": ["tracking_number", "addressee.name"], "limit_seconds": 0, "then": "drop"}
    document.add("wait", tomlkit.item(wait))
    document.add("batch", tomlkit.item({"size": 256, "linger_ms": 1}))
    if asked:
        per_hour = FEW_AN_HOUR if which == FEW else 10_000
        document.add("query", tomlkit.item({"by": ["tracking_number"], "per_hour": per_hour}))
    document.add("field", tomlkit.item([{**one, "article": _TEXT} for one in _FIELDS]))
    return tomlkit.dumps(document)
