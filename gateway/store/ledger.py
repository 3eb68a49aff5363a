# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the store holds, in numbers.

Counting rows of large tables is slow, so every change counts itself: a unit of work collects differences,
and the group commit adds those of the works that succeeded to the stored numbers, in one transaction with
the rows that they count.
"""

from collections.abc import Mapping

from sqlalchemy import select

from gateway.exchange.rows import LedgerRow
from gateway.store.dialect import add_on_conflict
from gateway.store.schema import counter, log
from gateway.store.session import Session
from gateway.store.statement import Statement

_COUNTS = Statement(lambda _: select(counter.c.name, counter.c.value))
_LOGS = Statement(lambda _: select(log.c.name, log.c.size))
_ADD = Statement(lambda backend: add_on_conflict(counter, backend, counter.c.value))


class Ledger(Session):
    """The part of a transaction that counts."""

    def counts(self) -> Mapping[str, int]:
        """Return how much of everything there is, by name.

        Names: `messages.<outcome>`, `documents`, `documents.accepted`, `items.<state>`,
        `shares.<state>:<channel>`, `batches.<state>`, `batch_records`, `batch_records.accepted`,
        `batch_records.rejected`, `inbound`, `inbound_records.<state>:<channel>`, `refusals` and
        `log:<name>` (its size). What there is none of may be absent.
        """
        numbers = {name: value for name, value in self._rows(_COUNTS) if value}
        return numbers | {f"log:{name}": size for name, size in self._rows(_LOGS)}

    def ledger(self) -> LedgerRow:
        """Count everything, all channels and outcomes together."""
        numbers = {name: value for name, value in self._rows(_COUNTS) if value}
        return LedgerRow(
            messages=sum(_by_state(numbers, "messages").values()),
            documents=numbers.get("documents", 0),
            accepted=numbers.get("documents.accepted", 0),
            items=_by_state(numbers, "items"),
            shares=_by_state(numbers, "shares"),
            batches=_by_state(numbers, "batches"),
            batch_records=numbers.get("batch_records", 0),
            confirmed=numbers.get("batch_records.accepted", 0),
            rejected=numbers.get("batch_records.rejected", 0),
            inbound=numbers.get("inbound", 0),
            inbound_records=_by_state(numbers, "inbound_records"),
            refusals=numbers.get("refusals", 0),
        )

    def add_counts(self, differences: Mapping[str, int]) -> None:
        """Add differences to the stored numbers, always in name order so that two nodes cannot deadlock."""
        self._change_many(_ADD, [one for one in sorted(differences.items()) if one[1]])


def _by_state(numbers: Mapping[str, int], group: str) -> dict[str, int]:
    """Return the numbers of a group by state, without what follows the state."""
    states: dict[str, int] = {}
    for name, value in numbers.items():
        first, _, rest = name.partition(".")
        if first == group:
            state = rest.partition(":")[0]
            states[state] = states.get(state, 0) + value
    return states
