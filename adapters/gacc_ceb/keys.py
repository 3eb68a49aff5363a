# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Business keys: what a document is called by its sender, and what it can be joined by.

A reference is `<code of the sender>|<its own number>`; keys are `trk:`, `ord:` and `inv:` as the model has
them. All values come from the document as written; nothing is derived from transport.
"""

from collections.abc import Mapping

from adapters.gacc_ceb.catalogue import MessageType
from gateway.sdk import Item

_REFERENCE: Mapping[str, tuple[str, str]] = {
    "CEB303": ("ebpCode", "orderNo"),
    "CEB403": ("payCode", "payNo"),
    "CEB505": ("logisticsCode", "logisticsNo"),
    "CEB507": ("operatorCode", "copNo"),
    "CEB509": ("logisticsCode", "copNo"),
    "CEB603": ("agentCode", "copNo"),
    "CEB605": ("agentCode", "copNo"),
    "CEB607": ("agentCode", "copNo"),
    "CEB621": ("agentCode", "copNo"),
}
_FALLBACK: Mapping[str, str] = {"CEB403": "orderNo", "CEB621": "logisticsNo"}


def reference(message: MessageType, head: Mapping[str, str]) -> str:
    """Return the reference of a document; an optional number that is absent gives way to a mandatory one."""
    owner, number = _REFERENCE[message.name]
    value = head.get(number) or head.get(_FALLBACK.get(message.name, ""), "")
    return f"{head.get(owner, '')}|{value}"


def keys(message: MessageType, head: Mapping[str, str], item: Item) -> tuple[str, ...]:
    """Return the keys of one contribution."""
    match message.name:
        case "CEB303" | "CEB403":
            return (_order(head),)
        case "CEB605":
            return (f"inv:{item.list_number}",)
        case "CEB603" | "CEB621":
            found = (f"trk:{item.tracking_number}", _order(head))
            return (*found, f"inv:{item.list_number}") if item.list_number else found
        case _:
            return (f"trk:{item.tracking_number}",)


def _order(head: Mapping[str, str]) -> str:
    """Return the key of an order, which is unique within its platform."""
    return f"ord:{head['ebpCode']}|{head['orderNo']}"
