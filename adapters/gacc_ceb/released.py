# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The release of a list (status 800), which its receipt CEB604 or CEB622 says, as an event about the list.

Other statuses, and receipts without the number of the list, say nothing that lasts. A list is released once:
its event has one reference, and the first receipt with it stands.
"""

from collections.abc import Mapping

from adapters.gacc_ceb.times import thousandth
from gateway.sdk import Contribution, ContributionKind, Event, Function, Item, ceb

RELEASED = "800"
DIRECTIONS = {"CEB604": "export", "CEB622": "import"}


def contributions(name: str, echo: Mapping[str, str]) -> tuple[Contribution, ...]:
    """Return the event of one sound receipt document, if it releases a list."""
    number, direction = echo.get("invtNo", ""), DIRECTIONS.get(name)
    if direction is None or echo.get("returnStatus") != RELEASED or not ceb.is_list_number(number):
        return ()
    event = Event(scheme="gacc_ceb", code=name, at=thousandth(echo["returnTime"]))
    return (
        Contribution(
            kind=ContributionKind.EVENT,
            function=Function.NEW,
            reference=f"{name}|{number}",
            keys=(f"inv:{number}",),
            item=Item(direction=direction, list_number=number, event=event),
            guid=echo["guid"],
            issued_at=event.at,
        ),
    )
