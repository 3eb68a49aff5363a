# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take a partner's announcement of new keys, over the channel that its present keys have proved.

The rules:

1. An announcement counts only if its seal is that of seal keys which the partner has now, neither revoked nor
   replaced, and it is between the two ends of the connection.
2. It brings a whole bundle, which must pass every check of an import by hand; it is newer than the one in
   force, and differs from it in keys and revocation lists alone. Other authorities, another name or another
   endpoint are for people to compare.
3. Announcement, entries and signed answer are one transaction. The bundle becomes a file afterwards, and
   `key_follower` does it again after a crash, and on every other node of the store.
4. The answer leaves only when this node trusts the new keys and a checkpoint that includes the entries is
   published.
5. The same announcement again, while its bundle is in force, gets the stored answer again. Once a newer one
   is in force it is a replay. A refused one is kept as evidence, and logged.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.partners import load_bundle, vet_bundle
from gateway.envelope.trust import Keyring
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.exchange.announcement_rows import AnnouncementRow
from gateway.exchange.log_ports import Gate
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.rows import RefusalRow
from gateway.exchange.sealing import Sealer
from gateway.exchange.trust import prove
from gateway.finding import finding
from gateway.wire.announcements import parse_announcement
from gateway.wire.convert import unpack_envelope
from gateway.wire.statement import FUTURE, KEY_ANNOUNCEMENT_TYPE, PAST, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

# An announcement and its answer are two entries, the first at the index of the announcement.
_ENTRIES = 2
# What an announcement may not change, because nothing but the old keys speaks for it.
_FIXED = ("organisation", "name", "endpoint", "collect_only", "http")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An announcement whose seal holds."""

    partner: str
    envelope: bytes
    statement: bytes
    said: envelope_pb2.KeyAnnouncement
    now: int


class AnnouncementTaker:
    """The way in for announcements of keys."""

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
        gate: Gate,
        folder: Path,
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        """Take the doors; `folder` holds the bundles, `follow` brings into force what the store holds."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._gate = gate
        self._folder = folder
        self._follow = follow

    async def announce(self, partner: str, envelope: bytes) -> bytes:
        """Take an announcement; return the envelope of its confirmation.

        Raises:
            PolicyRefusal: the partner is not known here.
            InputError, VerificationError, CouldNotCheck: the announcement cannot be trusted; no key changed.
        """
        if partner == self._organisation or partner not in self._keyring.organisations():
            raise PolicyRefusal("not a partner of this gateway", (finding("RECEIVE-PARTNER"),))
        now = milliseconds(self._clock())
        try:
            arrival = self._opened(partner, envelope, now)
            present = await asyncio.to_thread(self._vet, arrival)
            answer, size = await self._store.transact(lambda tx: self._take(tx, arrival, present))
        except (InputError, VerificationError) as error:
            codes = tuple(dict.fromkeys(one.code for one in error.findings))
            await self._store.transact(lambda tx: self._refuse(tx, partner, envelope, codes, now))
            _log.warning("keys.refused", partner=partner, codes=codes)
            raise
        await self._follow()
        await self._gate.published(partner, size)
        _log.info("keys.announced", partner=partner, serial=arrival.said.serial)
        return answer

    def _opened(self, partner: str, envelope: bytes, now: int) -> _Arrival:
        """Return an announcement that is the partner's, for us, and of now."""
        at = moment(now)
        proved = prove(
            unpack_envelope(envelope),
            payload_type=KEY_ANNOUNCEMENT_TYPE,
            keyring=self._keyring,
            owner=partner,
            purpose="seal",
            agreements=self._agreements.between(partner, self._organisation),
            at=at,
        )
        said = parse_announcement(proved.statement)
        ends = (said.version, said.sender, said.recipient)
        if ends != (STATEMENT_VERSION, partner, self._organisation):
            found = finding("KEYS-ANNOUNCEMENT", path="recipient", expected=self._organisation)
            raise InputError("announcement between others", (found,))
        if tuple(sorted(said.key_ids)) != proved.key_ids:
            raise VerificationError("announcement of other keys", (finding("RECEIVE-KEYS", path="key_ids"),))
        if not milliseconds(at - PAST) <= said.created_at_ms <= milliseconds(at + FUTURE):
            raise InputError(
                "announcement of another time", (finding("RECEIVE-CLOCK", path="created_at_ms"),)
            )
        return _Arrival(partner, envelope, proved.statement, said, now)

    def _vet(self, arrival: _Arrival) -> int:
        """Check the bundle as an import would; return the serial number of the one in force.

        A bundle that is not newer is left to `_take`, which knows whether it was taken before.
        """
        partner, said, at = arrival.partner, arrival.said, moment(arrival.now)
        present = load_bundle(self._folder, partner, at)
        if said.serial < present.serial:
            return present.serial
        bundle, _ = vet_bundle(said.bundle, self._folder, now=at, own_organisation=self._organisation)
        changed = [name for name in _FIXED if getattr(bundle, name) != getattr(present, name)]
        if changed or bundle.serial != said.serial:
            found = finding("KEYS-SCOPE", path=", ".join(changed) or "serial")
            raise VerificationError("the announcement changes more than keys", (found,))
        return present.serial

    def _take(self, tx: Transaction, arrival: _Arrival, present: int) -> tuple[bytes, int]:
        """Store the announcement, once; return the answer and the size of the log that holds it."""
        partner, said, now = arrival.partner, arrival.said, arrival.now
        known = tx.received_announcement(partner, said.announcement_id)
        newest = max((one.serial for one in tx.announced() if one.partner == partner), default=0)
        if known is not None:
            if unpack_envelope(known.announcement).statement != arrival.statement:
                found = finding("KEYS-CONFLICT", path="announcement_id")
                raise VerificationError("another announcement of this id", (found,))
            if known.serial < max(present, newest):
                found = finding("KEYS-REPLAY", expected=f"above {max(present, newest)}")
                raise VerificationError("a newer bundle is in force", (found,))
            return known.answer, known.log_index + _ENTRIES
        if said.serial < present or said.serial <= newest:
            found = finding(
                "KEYS-ROLLBACK", expected=f"above {max(present, newest)}", actual=str(said.serial)
            )
            raise VerificationError("a newer bundle is in force", (found,))
        number = self._ids.take(1)[0]
        subject = f"announcement:{number}"
        journal = self._sealer.journal
        first = journal.record_event(
            tx, partner, Event.KEY_CHANGE, statement=arrival.statement, subject=subject, now=now
        )
        statement, answer = self._sealer.seal_key_confirmation(
            envelope_pb2.KeyConfirmation(
                announcement_id=said.announcement_id,
                recipient=partner,
                announcement_digest=hashlib.sha256(arrival.statement).digest(),
                serial=said.serial,
                log_index=first.index,
                confirmed_at_ms=now,
            )
        )
        last = journal.record_event(
            tx, partner, Event.KEY_CHANGE, statement=statement, subject=subject, now=now
        )
        tx.add_announcement(
            AnnouncementRow(
                id=number,
                announcement_id=said.announcement_id,
                partner=partner,
                direction="received",
                serial=said.serial,
                state="done",
                reason="",
                created_at=now,
                announcement=arrival.envelope,
                answer=answer,
                answered_at=now,
                log_index=first.index,
            )
        )
        return answer, last.size

    def _refuse(
        self, tx: Transaction, partner: str, envelope: bytes, codes: tuple[str, ...], now: int
    ) -> None:
        """Keep the evidence of an announcement that was not taken."""
        number = self._ids.take(1)[0]
        recorded = self._sealer.journal.record_event(
            tx, partner, Event.REFUSED, statement=envelope, subject=f"refusal:{number}", now=now
        )
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner=partner,
                channel="",
                received_at=now,
                codes=codes,
                envelope=envelope,
                receipt=b"",
                log_index=recorded.index,
            )
        )
