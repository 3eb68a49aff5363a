# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an arrival is, and what it leaves changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.exchange.claims import Unjudged
from gateway.exchange.enterprise_ports import Facilitates
from gateway.exchange.ports import Ids
from gateway.exchange.return_ports import NoReturns, TakesReturns
from gateway.exchange.rollup_ports import Census, Uncounted
from gateway.exchange.rows import FROM_PARTNER, ContributionRow, ItemRow
from gateway.model import Item

SECRET_BYTES = 32
OPEN, CANCELLED, DELETED = "open", "cancelled", "deleted"


class SaidBy(NamedTuple):
    """A partner whose words a record rests on, and the agreement under which they came."""

    partner: str
    agreement: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that changed: its new row, the record unpacked, and the partners it comes from.

    `before` is what a record that is no item said until now, none if it is new or was deleted.
    """

    row: ItemRow
    item: Item
    said_by: frozenset[SaidBy] = frozenset()
    before: Item | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on its way in: the id of its row, who speaks (`scope`), the time, and where ids come from.

    `census` counts what it changes, `facilitates` says which facilitations its items get,
    `returns` takes the returns that it announces.
    """

    message: int
    scope: str
    now: int
    ids: Ids
    random: Callable[[int], bytes]
    census: Census = field(default_factory=Uncounted)
    facilitates: Facilitates = field(default_factory=Unjudged)
    returns: TakesReturns = field(default_factory=NoReturns)

    def secret(self, old: ItemRow | None) -> bytes:
        """Return the secret of a record, a new one if it has none."""
        return self.random(SECRET_BYTES) if old is None or not old.secret else old.secret


def partner_scope(partner: str, agreement: str) -> str:
    """Return who speaks in records that a partner sent under an agreement."""
    return f"{FROM_PARTNER}{partner}|{agreement}"


def said_by(rows: Iterable[ContributionRow]) -> frozenset[SaidBy]:
    """Return the partners among those who speak in contributions."""
    found = set()
    for row in rows:
        if row.reference.startswith(FROM_PARTNER):
            partner, agreement, _ = row.reference.removeprefix(FROM_PARTNER).split("|", 2)
            found.add(SaidBy(partner, agreement))
    return frozenset(found)
