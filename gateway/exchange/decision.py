# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keep what an operator decided about a partner: the words, and the entry with their salted digest."""

from gateway.audit.entry import Event
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Transaction


def record_decision(
    tx: Transaction, journal: Journal, ids: Ids, partner: str, *, statement: bytes, now: int
) -> int:
    """Keep a decision and log it, in the transaction of what is decided; return the index of the entry.

    Raises:
        CouldNotCheck: the log about the partner must not be signed.
    """
    number = ids.take(1)[0]
    recorded = journal.record_event(
        tx, partner, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
    )
    tx.add_decision(
        DecisionRow(id=number, partner=partner, made_at=now, statement=statement, log_index=recorded.index)
    )
    return recorded.index
