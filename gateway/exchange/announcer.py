# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tell partners of new keys until each has confirmed them.

The rules:

1. An announcement is one row and one log entry for each partner, in the transaction of what it tells of. It
   is sealed with the keys that the partner trusts already.
2. It is sent again, at growing intervals, until a good answer has come and is stored and logged.
3. A partner whose gateway does not know the call, or that takes no calls, is told by hand; the row says so.
   The call is tried again now and then, since gateways are updated.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.trust import Keyring
from gateway.errors import GatewayError, NotOffered, VerificationError
from gateway.exchange.announcement_rows import AnnouncementRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.sealing import Sealer
from gateway.exchange.trust import prove
from gateway.finding import finding
from gateway.wire.announcements import parse_announcement, parse_confirmation
from gateway.wire.convert import unpack_envelope
from gateway.wire.statement import KEY_CONFIRMATION_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
PENDING, CONFIRMED, BY_HAND = "pending", "confirmed", "by-hand"
NO_CALLS = "takes no calls"
NOT_OFFERED = "does not know the call"
_log = structlog.get_logger()


class Announcer:
    """What tells partners of our keys."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        keyring: Keyring,
        agreements: AgreementSet,
        sealer: Sealer,
        peers: Mapping[str, Callable[[bytes], Awaitable[bytes]]],
    ) -> None:
        """Take the doors; `peers` bring an announcement to a partner that takes calls."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._peers = peers
        self._pauses: dict[str, tuple[float, float]] = {}  # by partner: when to try next, and the pause then

    def tell(self, tx: Transaction, partners: Iterable[str], bundle: bytes, serial: int, now: int) -> None:
        """Seal, log and keep an announcement for each partner."""
        for partner in partners:
            number = self._ids.take(1)[0]
            said = envelope_pb2.KeyAnnouncement(
                announcement_id=f"{number:016x}",
                recipient=partner,
                bundle=bundle,
                serial=serial,
                created_at_ms=now,
            )
            statement, envelope = self._sealer.seal_announcement(said)
            recorded = self._sealer.journal.record_event(
                tx,
                partner,
                Event.KEY_CHANGE,
                statement=statement,
                subject=f"announcement:{number}",
                now=now,
            )
            reachable = partner in self._peers
            tx.add_announcement(
                AnnouncementRow(
                    id=number,
                    announcement_id=said.announcement_id,
                    partner=partner,
                    direction="sent",
                    serial=serial,
                    state=PENDING if reachable else BY_HAND,
                    reason="" if reachable else NO_CALLS,
                    created_at=now,
                    announcement=envelope,
                    answer=b"",
                    answered_at=0,
                    log_index=recorded.index,
                )
            )

    async def bring(self) -> None:
        """Bring to each partner what it has not confirmed, the oldest first, unless it is given a pause."""
        failed: set[str] = set()
        for row in await self._store.read(lambda tx: tx.unconfirmed_announcements()):
            due, pause = self._pauses.get(row.partner, (0.0, FIRST_PAUSE_SECONDS))
            if row.partner not in self._peers or row.partner in failed or time.monotonic() < due:
                continue
            try:
                await self._bring(row)
                self._pauses.pop(row.partner, None)
            except GatewayError as error:
                failed.add(row.partner)
                offered = not isinstance(error, NotOffered)
                pause = pause if offered else LONGEST_PAUSE_SECONDS
                self._pauses[row.partner] = (time.monotonic() + pause, min(2 * pause, LONGEST_PAUSE_SECONDS))
                reason = _reason(error) if offered else NOT_OFFERED
                await self._note(row, PENDING if offered else BY_HAND, reason)

    async def _note(self, row: AnnouncementRow, state: str, reason: str) -> None:
        """Note why a partner has not confirmed, unless that is known."""
        if (row.state, row.reason) == (state, reason):
            return
        _log.warning("keys.unconfirmed", partner=row.partner, state=state, reason=reason)
        changed = msgspec.structs.replace(row, state=state, reason=reason)
        await self._store.transact(lambda tx: tx.put_announcement(changed) if _open(tx, row) else None)

    async def _bring(self, row: AnnouncementRow) -> None:
        """Bring one announcement and store its answer.

        Raises:
            GatewayError: the partner could not be reached, refuses, or its answer cannot be trusted.
        """
        answer = await self._peers[row.partner](row.announcement)
        now = milliseconds(self._clock())
        proved = prove(
            unpack_envelope(answer),
            payload_type=KEY_CONFIRMATION_TYPE,
            keyring=self._keyring,
            owner=row.partner,
            purpose="receipt",
            agreements=self._agreements.between(self._organisation, row.partner),
            at=moment(now),
        )
        said = parse_confirmation(proved.statement)
        statement = unpack_envelope(row.announcement).statement
        if (
            (said.version, said.issuer, said.recipient, said.announcement_id)
            != (STATEMENT_VERSION, row.partner, self._organisation, row.announcement_id)
            or said.announcement_digest != hashlib.sha256(statement).digest()
            or said.serial != parse_announcement(statement).serial
            or tuple(sorted(said.key_ids)) != proved.key_ids
        ):
            found = finding("KEYS-CONFIRMATION")
            raise VerificationError("the answer is to another announcement", (found,))
        done = msgspec.structs.replace(row, state=CONFIRMED, reason="", answer=answer, answered_at=now)

        def keep(tx: Transaction) -> None:
            """Store and log the answer, once."""
            if _open(tx, row):
                self._sealer.journal.record_event(
                    tx,
                    row.partner,
                    Event.KEY_CHANGE,
                    statement=proved.statement,
                    subject=f"announcement:{row.id}",
                    now=now,
                )
                tx.put_announcement(done)

        await self._store.transact(keep)
        _log.info("keys.confirmed", partner=row.partner, serial=row.serial)


def _open(tx: Transaction, row: AnnouncementRow) -> bool:
    """Say whether an announcement still waits for its answer."""
    return any(one.id == row.id for one in tx.unconfirmed_announcements())


def _reason(error: GatewayError) -> str:
    """Say in a few words why a partner has not confirmed; codes and identifiers only."""
    codes = ", ".join(one.code for one in error.findings)
    return codes or str(error)
