# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""When a list was released, as the receipts say that named submitters brought (`returns.releasers`).

Anybody may bring a receipt, and it is kept as an event of that submitter. Only those of releasers count, and
they are found by the name under which they were kept, so that nobody can speak for another.
"""

from datetime import date, tzinfo

from gateway.exchange.assemble import scoped
from gateway.exchange.ports import Transaction
from gateway.exchange.touched import OPEN
from gateway.exchange.unmerged import join_key
from gateway.model import ContributionKind, Item, unpack_item
from gateway.trade.return_claim import SCHEME
from gateway.trade.return_rules import ReturnRules

MESSAGES = {"export": "CEB604", "import": "CEB622"}
STATUS = "800"


def is_release(item: Item) -> bool:
    """Say whether an event is the release of a list."""
    event = item.event
    return event is not None and event.scheme == SCHEME and event.code in MESSAGES.values()


def release_of(tx: Transaction, item: Item, rules: ReturnRules) -> tuple[date, str] | None:
    """Return the day of the release of an original, and who says it; of several the first, none if nobody."""
    message, number = MESSAGES.get(item.direction or ""), item.list_number
    if not rules.releasers or message is None or not number:
        return None
    names = {_key(name, message, number): name for name in rules.releasers}
    said = [
        (_day(unpack_item(row.body), rules.zone), f"{message} {STATUS} by {names[row.order_key].rstrip('|')}")
        for row in tx.items_by_order(sorted(names))
        if row.record == "event" and row.state == OPEN and row.body
    ]
    return min(((day, basis) for day, basis in said if day is not None), default=None)


def _key(submitter: str, message: str, number: str) -> str:
    """Return the key under which the release of a list is kept that a submitter brought."""
    return join_key(ContributionKind.EVENT, scoped(submitter, f"{message}|{number}"))


def _day(item: Item, zone: tzinfo) -> date | None:
    """Return the day of an event."""
    event = item.event
    return None if event is None or event.at is None else event.at.astimezone(zone).date()
