# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What happens when a log is shown in two states that cannot both be true.

The rules:

1. Both states are kept as they were signed, in a conflict and a refusal of one id, and the audit log says so,
   in one transaction.
2. Every channel with that partner stops, in both directions; channels with others go on.
3. The same contradiction again changes nothing, also after an operator has resumed the channels.
"""

from collections.abc import Iterable

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import ConflictRow
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import ChannelRow, RefusalRow

_log = structlog.get_logger()


class Alarm:
    """Keeps contradictions and stops channels."""

    def __init__(self, *, organisation: str, ids: Ids, journal: Journal, agreements: AgreementSet) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._ids = ids
        self._journal = journal
        self._agreements = agreements

    def contradiction(
        self,
        tx: Transaction,
        partner: str,
        code: str,
        *,
        log: str,
        first: bytes,
        second: bytes,
        claimed: tuple[int, bytes],
        now: int,
    ) -> bool:
        """Keep two states of a log and stop the channels; false if this contradiction is known already.

        `claimed` are size and root of the second state.
        """
        known = any(
            (one.partner, one.log, one.claimed_size, one.claimed_root) == (partner, log, *claimed)
            for one in tx.conflicts()
        )
        if known:
            return False
        number = self._ids.take(1)[0]
        tx.add_conflict(
            ConflictRow(
                id=number,
                partner=partner,
                log=log,
                code=code,
                found_at=now,
                first=first,
                second=second,
                claimed_size=claimed[0],
                claimed_root=claimed[1],
            )
        )
        recorded = self._journal.record_event(
            tx, partner, Event.REFUSED, statement=second, subject=f"refusal:{number}", now=now
        )
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner=partner,
                channel="",
                received_at=now,
                codes=(code,),
                envelope=second,
                receipt=b"",
                log_index=recorded.index,
            )
        )
        stop_channels(tx, partner, code, self._channels(partner))
        _log.error("alarm", partner=partner, log=log, codes=[code])
        return True

    def _channels(self, partner: str) -> Iterable[ChannelRow]:
        """Return the channels that the agreements have with a partner, as they begin."""
        for one in self._agreements.between(self._organisation, partner):
            yield ChannelRow(name=one.channel, partner=partner, direction="out")
        for one in self._agreements.between(partner, self._organisation):
            yield ChannelRow(name=one.channel, partner=partner, direction="in")


def stop_channels(tx: Transaction, partner: str, code: str, agreed: Iterable[ChannelRow] = ()) -> None:
    """Stop every channel with a partner, those too that have carried nothing yet."""
    rows = {one.name: one for one in agreed} | {
        one.name: one for one in tx.channels() if one.partner == partner
    }
    for row in rows.values():
        if not row.stopped:
            tx.put_channel(msgspec.structs.replace(row, stopped=code))
