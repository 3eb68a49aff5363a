# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a sound document does: its contributions, by application type or, of a tax bill, by status."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from adapters.gacc_ceb import keys
from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import Assessment, Contribution, ContributionKind, Function, Item

FUNCTIONS: Mapping[str, Function] = {"1": Function.NEW, "2": Function.CHANGE, "3": Function.DELETE}
_BY_STATUS = FUNCTIONS  # a bill that is issued, summed up or void is new, changed or taken back
_VOID = "3"


def contributions(
    message: MessageType,
    head: Mapping[str, str],
    reference: str,
    items: Sequence[Item],
    issued_at: datetime | None,
) -> tuple[Contribution, ...]:
    """Return what a document says, about one item or, line by line, about several."""
    kind = message.kind
    if kind is None:
        return ()
    function = _function(message, head)
    said = tuple(
        Contribution(
            kind=kind,
            function=function,
            reference=keys.of_contribution(message, head, reference, item),
            keys=keys.keys(message, head, item),
            item=item,
            guid=head["guid"],
            issued_at=issued_at,
        )
        for item in items
    )
    voided = message.pushed and kind is ContributionKind.EVENT and head.get("status") == _VOID
    return (*said, _void(said[0], head)) if voided else said


def _function(message: MessageType, head: Mapping[str, str]) -> Function:
    """Return what a document does: its application type says it or, of a tax bill, its status."""
    if not message.pushed:
        return FUNCTIONS[head["appType"]]
    return _BY_STATUS[head["status"]] if message.kind is ContributionKind.ASSESSMENT else Function.NEW


def _void(event: Contribution, head: Mapping[str, str]) -> Contribution:
    """Return what a void status does to the tax bill that it names."""
    item = event.item
    return msgspec.structs.replace(
        event,
        kind=ContributionKind.ASSESSMENT,
        function=Function.DELETE,
        reference=keys.of_tax_bill(head),
        item=Item(
            tracking_number=item.tracking_number,
            order_number=item.order_number,
            list_number=item.list_number,
            assessment=Assessment(reference=head["taxNo"]),
        ),
    )
