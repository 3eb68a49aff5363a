# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write a first text of an agreement for each kind of record, for people to complete and sign.

The text parses as it stands, so it can be tried between test gateways. It is no legal text: purpose, legal
basis and articles say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import tomlkit

UNFINISHED = "TEMPLATE: to be agreed between the parties"

_PARTY = (
    "name",
    "address.lines",
    "address.city",
    "address.subdivision",
    "address.postcode",
    "address.country",
)
_ITEM = (
    "tracking_number",
    "posting_date",
    "nature_of_transaction",
    "destination_country",
    "departure_country",
    "gross_mass.*",
    "goods_value.*",
    "postage.*",
    "insured_value.*",
    "postal.*",
    *(f"{role}.{leaf}" for role in ("sender", "addressee") for leaf in _PARTY),
    "documents[].kind",
    "documents[].number",
    "content[].number",
    "content[].description",
    "content[].hs",
    "content[].commodity_code",
    "content[].origin_country",
    "content[].quantity.*",
    "content[].net_mass.*",
    "content[].value.*",
)
_COMMITTED = ("sender.telephone", "sender.email", "addressee.telephone", "addressee.email")
_ABOUT_ITEM = ("tracking_number", "posting_date")
_PASSED = {
    "item": _ITEM,
    "event": (*_ABOUT_ITEM, "event.*"),
    "dispatch": ("destination_country", "departure_country", "dispatch.*"),
    "assessment": (*_ABOUT_ITEM, "mrn", "assessment.*"),
    "answer": (*_ABOUT_ITEM, "answer.*"),
    "control": (*_ABOUT_ITEM, "control.*"),
}
_REQUIRED = {
    "item": ("tracking_number", "sender.name", "addressee.name", "content[].description"),
    "event": ("tracking_number", "event.code"),
    "dispatch": ("dispatch.number",),
    "assessment": ("tracking_number", "assessment.outcome"),
    "answer": ("tracking_number", "answer.referral"),
    "control": ("tracking_number", "control.result"),
}
# What is said about an item goes where the item went; what answers goes back where it came from.
_ABOUT = {"event": "either", "assessment": "received", "answer": "received", "control": "either"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a first text needs to know.

    `destinations` are of items and dispatches; `onward` are the organisations that the recipient may pass
    the records on to. Committed are telephone numbers and e-mail addresses of items.
    """

    record: str
    sender: str
    recipient: str
    effective_from: date
    effective_until: date
    destinations: Sequence[str] = ()
    onward: Sequence[str] = ()
    retention_days: int = 365
    policy: str = "p256+mldsa65"


def template(terms: Terms) -> str:
    """Return the text of an agreement that parses as it stands."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment("A first text, not an agreement: complete it, have it read by lawyers, then sign.")
    )
    head = {
        "id": f"{terms.sender}-{terms.recipient}-{terms.record}",
        "version": 1,
        "sender": terms.sender,
        "recipient": terms.recipient,
        "purpose": UNFINISHED,
        "legal_basis": UNFINISHED,
        "effective_from": terms.effective_from,
        "effective_until": terms.effective_until,
        "record": terms.record,
        "trigger": "push",
        "retention_days": terms.retention_days,
        "onward": "named" if terms.onward else "none",
        "onward_agencies": list(terms.onward),
        "policy": terms.policy,
    }
    about = _ABOUT.get(terms.record)
    match = {"about": about} if about else {"destinations": list(terms.destinations)}
    wait = {"required": list(_REQUIRED[terms.record]), "limit_seconds": 86_400, "then": "send"}
    fields = [{"paths": list(_PASSED[terms.record]), "treatment": "pass", "article": UNFINISHED}]
    if terms.record == "item":
        fields.append({"paths": list(_COMMITTED), "treatment": "commit", "article": UNFINISHED})
    for key, value in head.items():
        document.add(key, tomlkit.item(value))
    for name, table in (("match", match), ("wait", wait), ("batch", {"size": 256, "linger_ms": 100})):
        document.add(name, tomlkit.item(table))
    document.add("field", tomlkit.item(fields))
    return tomlkit.dumps(document)
