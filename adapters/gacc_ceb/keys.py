# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Business keys: what a document is called by its sender, and what it can be joined by.

A reference is `<code of the sender>|<its own number>`; keys are `trk:`, `ord:` and `inv:` as the model has
them. All values come from the document as written; nothing is derived from transport. Records of their own
share one kind among several messages, so their references begin with the message.
"""

from collections.abc import Mapping

from adapters.gacc_ceb.message_type import MessageType
from adapters.gacc_ceb.taxes import BILL
from gateway.sdk import ContributionKind, Item

NO_CODE = "无"
"""What stands for the code of a foreign platform, which has none."""
_BY_ORDER = (ContributionKind.ORDER, ContributionKind.PAYMENT)


def reference(message: MessageType, head: Mapping[str, str]) -> str:
    """Return the reference of a document; an optional number that is absent gives way to a mandatory one."""
    owner, number, fallback = message.named
    value = head.get(number) or head.get(fallback, "")
    return f"{_platform(head) if owner == 'ebpCode' else head.get(owner, '')}|{value}"


def of_contribution(message: MessageType, head: Mapping[str, str], reference: str, item: Item) -> str:
    """Return the reference of one contribution of a document."""
    if message.per_line:
        return f"{reference}|{item.tracking_number}"
    if message.kind is ContributionKind.ASSESSMENT:
        return of_tax_bill(head)
    if message.kind is ContributionKind.EVENT:
        state = f"|{head.get('status', '')}" if message.pushed else ""
        return f"{message.name}|{reference}{state}"
    return reference


def of_tax_bill(head: Mapping[str, str]) -> str:
    """Return the reference of a tax bill, by which its own later word and its status name it."""
    return f"{BILL}|{head.get('taxNo', '')}"


def keys(message: MessageType, head: Mapping[str, str], item: Item) -> tuple[str, ...]:
    """Return the keys of one contribution, the tracking number first."""
    if message.kind in _BY_ORDER:
        return (_order(head),)
    found = (f"trk:{item.tracking_number}",) if item.tracking_number else ()
    if "ebpCode" in head and "orderNo" in head:
        found = (*found, _order(head))
    listed = item.list_number and message.kind is not ContributionKind.MANIFEST
    return (*found, f"inv:{item.list_number}") if listed else found


def _order(head: Mapping[str, str]) -> str:
    """Return the key of an order, which is unique within its platform."""
    return f"ord:{_platform(head)}|{head['orderNo']}"


def _platform(head: Mapping[str, str]) -> str:
    """Return within what an order number is unique: a platform, or a seller on one without a code."""
    platform = head.get("ebpCode", "")
    return f"{platform}@{head['ebcCode']}" if platform == NO_CODE and "ebcCode" in head else platform
