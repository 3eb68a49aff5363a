# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Control results before shipment: recorded against items, kept version by version, told to partners.

`control_acts` has the rules of what may be recorded. Result, record, shares, audit entry and the comparison
with what a partner had found are one transaction. The statement of the entry in the log `<us>/inspection`
holds a salted digest of the result, so that erasing result and salt leaves nothing behind.
"""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.exchange.control_rows import ControlRow
from gateway.exchange.effects import apply
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.model import IDENTIFICATION, Contribution, ContributionKind, Function, Item
from gateway.trade import consolidations, outcomes
from gateway.trade.control import Recorded, Result, as_control
from gateway.trade.control_acts import Draft, Offices, draft, recorded
from gateway.trade.own_records import Speaker

LOG = "inspection"
PAGE = 500
SALT_BYTES = 16
COUNTRIES = ("destination_country", "departure_country")
_log = structlog.get_logger()


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of a recorded result; `sha256` is of salt and result."""

    what: str
    actor: str
    at_ms: int
    office: str
    version: int
    sha256: str


class Controls:
    """The results of one gateway's own offices."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        random: Callable[[int], bytes],
        journal: Journal,
        agreements: AgreementSet,
        wake: Callable[[frozenset[str]], None],
        speaker: Speaker,
        offices: Offices,
    ) -> None:
        """Take the doors; `offices` are those that may write here."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._random = random
        self._journal = journal
        self._agreements = agreements
        self._wake = wake
        self._speaker = speaker
        self._offices = offices

    async def record(self, one: Result, *, actor: str) -> Recorded:
        """Record a result, or an amendment of one; the same words again give what is stored.

        Raises:
            InputError: the rules do not allow it; nothing was done.
        """
        done, channels = await self._store.transact(lambda tx: self._record(tx, one, actor))
        if channels:
            self._wake(channels)
        codes = [each.code for each in done.findings]
        _log.info("control.recorded", office=done.office, version=done.version, codes=codes)
        return done

    async def page(self, after: int = 0, limit: int = PAGE) -> list["Listed"]:
        """Return versions in the order of recording, above the id of the last one of the page before."""
        return await self._store.read(lambda tx: page(tx, after, limit))

    async def under(self, bill: str) -> list["Listed"]:
        """Return the last versions of the controls of all items under a master bill."""
        return await self._store.read(lambda tx: under(tx, bill))

    def _record(self, tx: Transaction, one: Result, actor: str) -> tuple[Recorded, frozenset[str]]:
        """Work out the version, log it, and keep it with everything that follows."""
        tx.log_state(self._journal.name(LOG))  # of two acts at one time the second waits here
        now = milliseconds(self._clock())
        made = draft(tx, one, self._offices, now)
        if made.repeats is not None:
            return made.repeats, frozenset()
        said = {name: getattr(made.result, name) for name in Result.__struct_fields__}
        version = Recorded(
            **said,
            version=made.version,
            stage=made.stage,
            actor=actor,
            recorded_at_ms=now,
            findings=made.findings,
        )
        body, salt = msgspec.json.encode(version), self._random(SALT_BYTES)
        index = self._logged(tx, version, hashlib.sha256(salt + body).hexdigest())
        judged, arrival = self._speaker.say(
            tx, [contribution(made)], raw=body, actor=actor, now=now, findings=made.findings
        )
        row = ControlRow(
            id=self._ids.take(1)[0],
            tracking_number=one.tracking_number,
            posting_date=outcomes.day_of(made.about),
            reference=one.reference,
            version=version.version,
            office=one.office,
            at=milliseconds(one.at),
            result=one.result,
            recorded_at=now,
            log_index=index,
            body=body,
            salt=salt,
        )
        tx.put_controls([row])
        consolidations.note(tx, one.tracking_number, self._ids)
        outcomes.compare_ours(tx, one.tracking_number)
        channels = apply(tx, judged, arrival, agreements=self._agreements, organisation=self._organisation)
        return msgspec.structs.replace(version, log_index=index), channels

    def _logged(self, tx: Transaction, version: Recorded, digest: str) -> int:
        """Log a version; return the index of its entry."""
        statement = msgspec.json.encode(
            Act(
                what="control recorded" if version.version == 1 else "control amended",
                actor=version.actor,
                at_ms=version.recorded_at_ms,
                office=version.office,
                version=version.version,
                sha256=digest,
            )
        )
        number, now = self._ids.take(1)[0], version.recorded_at_ms
        entry = self._journal.record_event(
            tx, LOG, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=LOG, made_at=now, statement=statement, log_index=entry.index)
        )
        return entry.index


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A version on a page; `id` is where the next page goes on after."""

    id: int
    control: Recorded
    bills: tuple[str, ...] = ()


def contribution(made: Draft) -> Contribution:
    """Return what a version says as a contribution: identification, countries, and the control."""
    names = (*IDENTIFICATION, *COUNTRIES, "supervised_site")
    known = {name: getattr(made.about, name) for name in names}
    known["tracking_number"] = made.result.tracking_number
    if made.result.site:
        known["supervised_site"] = made.result.site
    return Contribution(
        kind=ContributionKind.CONTROL,
        function=Function.NEW if made.version == 1 else Function.CHANGE,
        reference=made.result.reference,
        keys=(f"trk:{made.result.tracking_number}",),
        item=Item(**known, control=as_control(made.result, made.stage)),
    )


def page(tx: Transaction, after: int, limit: int) -> list[Listed]:
    """Return versions above an id, in the order of recording; erased ones are left out."""
    rows = [row for row in tx.controls_after(after, limit) if row.body]
    return _listed(tx, rows)


def under(tx: Transaction, bill: str) -> list[Listed]:
    """Return the last versions of the controls of all items under a master bill."""
    numbers = sorted({one.tracking_number for one in tx.consolidated_under(bill)})
    last = {row.reference: row for row in (tx.controls_of(numbers) if numbers else []) if row.body}
    return _listed(tx, sorted(last.values(), key=lambda row: row.id))


def _listed(tx: Transaction, rows: Sequence[ControlRow]) -> list[Listed]:
    """Return rows with the master bills that their items are under."""
    bills: dict[str, list[str]] = {}
    numbers = sorted({row.tracking_number for row in rows})
    for one in tx.consolidations_of(numbers) if numbers else []:
        bills.setdefault(one.tracking_number, []).append(one.bill)
    return [
        Listed(id=row.id, control=recorded(row), bills=tuple(bills.get(row.tracking_number, ())))
        for row in rows
    ]
