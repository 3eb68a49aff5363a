# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of each partner: agreements in force and coming, certificates, logs, last test of the way."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from gateway.agreement import Agreement, AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.envelope.bundle import PartnerBundle
from gateway.envelope.identity import KeySet
from gateway.envelope.key_rows import GOOD, key_rows
from gateway.errors import ConfigError, TryLater
from gateway.exchange.listing import lanes
from gateway.exchange.log_rows import ConflictRow
from gateway.exchange.ports import Store, Transaction
from gateway.finding import finding

TEST_SECONDS = 5.0


class AgreementView(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agreement; `state` is in_force, coming or ended. Times are ISO 8601."""

    id: str
    version: int
    state: str
    sender: str
    recipient: str
    record: str
    trigger: str
    purpose: str
    legal_basis: str
    effective_from: str
    effective_until: str
    days_left: int
    retention_days: int
    digest: str


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of one purpose and algorithm that can be used side by side, and until when."""

    purpose: str
    algorithm: str
    keys: int
    until: str


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """One log between us and a partner, and the newest size that the other side has cosigned; time in ms."""

    log: str
    cosigned_by: str
    size: int
    at: int


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome at one layer of the way to a partner; `state` is good, warning or failed."""

    name: str
    state: str
    detail: str


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One test of the way, since this node started; time in milliseconds."""

    at: int
    good: bool
    layers: tuple[Layer, ...]


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The certificates of an organisation: rows as of `gateway pki show`, and which overlap."""

    keys: list[dict[str, Any]]
    overlaps: tuple[Overlap, ...]


class PartnerView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one partner; without `imported` there is no bundle of it, only agreements or traffic.

    `clock_skew` is what the last test said, empty before the first. `conflicts` are contradictions of its
    log that nobody has settled, `refused_at` is when we last refused an envelope of it, 0 for never.
    """

    partner: str
    imported: bool
    name: str
    endpoint: str
    collect_only: bool
    serial: int
    issued_at: str
    agreements: tuple[AgreementView, ...]
    certificates: Keys
    cosigned: tuple[LogState, ...]
    conflicts: tuple[str, ...]
    channels: tuple[str, ...]
    clock_skew: str
    last_test: Test | None


class Partners(msgspec.Struct, frozen=True, kw_only=True):
    """This organisation's own certificates, and all partners."""

    organisation: str
    own: Keys
    partners: tuple[PartnerView, ...]


class PartnerViews:
    """The partners of a node; `probe` tests the way to one, layer by layer, and blocks."""

    def __init__(
        self,
        own: Callable[[], KeySet],
        store: Store,
        clock: Clock,
        *,
        bundles: Mapping[str, PartnerBundle],
        agreements: AgreementSet,
        probe: Callable[[PartnerBundle, float], Iterable[tuple[str, str, str]]],
    ) -> None:
        """Take the doors; `own` returns the keys in use."""
        self._own = own
        self._store = store
        self._clock = clock
        self._bundles = bundles
        self._agreements = agreements
        self._probe = probe
        self._tests: dict[str, Test] = {}
        self._testing: set[str] = set()

    async def partners(self) -> Partners:
        """Return all partners, and our own certificates."""
        now = self._clock()
        own = self._own().material()
        names = {end for one in self._agreements for end in (one.sender, one.recipient)}
        seen = await self._store.read(_Seen)
        names = {*names, *self._bundles, *seen.partners} - {own.organisation}
        return Partners(
            organisation=own.organisation,
            own=_keys(key_rows(own, {}, now)),
            partners=tuple(self._view(one, seen, now) for one in sorted(names)),
        )

    async def partner(self, name: str) -> PartnerView | None:
        """Return one partner, none if nothing is known of it."""
        found = await self.partners()
        return next((one for one in found.partners if one.partner == name), None)

    async def test(self, name: str) -> Test:
        """Test the way to a partner, and keep what came of it until the next test.

        Raises:
            ConfigError: there is no bundle of the partner.
            TryLater: a test of it is under way.
        """
        bundle = self._bundles.get(name)
        if bundle is None:
            raise ConfigError(f"no bundle of {name[:64]}", (finding("WEB-NOT-FOUND"),))
        if name in self._testing:
            raise TryLater("a test is under way", (finding("BOARD-BUSY", path=name),))
        self._testing.add(name)
        try:
            rows = await asyncio.to_thread(lambda: list(self._probe(bundle, TEST_SECONDS)))
        finally:
            self._testing.discard(name)
        layers = tuple(Layer(name=one, state=state, detail=detail) for one, state, detail in rows)
        good = all(one.state != "failed" for one in layers)
        self._tests[name] = Test(at=milliseconds(self._clock()), good=good, layers=layers)
        return self._tests[name]

    def _view(self, name: str, seen: "_Seen", now: datetime) -> PartnerView:
        """Return one partner."""
        bundle, test = self._bundles.get(name), self._tests.get(name)
        versions = [one for one in self._agreements if name in (one.sender, one.recipient)]
        skew = next((one.detail for one in test.layers if one.name == "clock"), "") if test else ""
        return PartnerView(
            partner=name,
            imported=bundle is not None,
            name=bundle.name if bundle else "",
            endpoint=bundle.endpoint if bundle else "",
            collect_only=bundle.collect_only if bundle else False,
            serial=bundle.serial if bundle else 0,
            issued_at=bundle.issued_at.isoformat() if bundle else "",
            agreements=tuple(_agreement(one, now) for one in versions),
            certificates=_keys(key_rows(bundle.material(), {}, now) if bundle else []),
            cosigned=tuple(seen.logs.get(name, ())),
            conflicts=tuple(one.code for one in seen.conflicts if one.partner == name),
            channels=tuple(seen.partners.get(name, ())),
            clock_skew=skew,
            last_test=test,
        )


class _Seen:
    """What the store knows of partners."""

    def __init__(self, tx: Transaction) -> None:
        """Read it; all of it is small."""
        self.partners: dict[str, list[str]] = {}
        for channel in tx.channels():
            self.partners.setdefault(channel.partner, []).append(channel.name)
        for lane, partner in lanes(tx).items():
            if lane not in self.partners.setdefault(partner, []):
                self.partners[partner].append(lane)
        self.conflicts: list[ConflictRow] = [one for one in tx.conflicts() if not one.settled_at]
        self.logs: dict[str, list[LogState]] = {}
        for ours in tx.cosigned():
            found = LogState(log=ours.log, cosigned_by=ours.witness, size=ours.size, at=ours.cosigned_at)
            self.logs.setdefault(ours.witness, []).append(found)
        for theirs in tx.all_witnessed():
            found = LogState(log=theirs.log, cosigned_by="us", size=theirs.size, at=theirs.cosigned_at)
            self.logs.setdefault(theirs.partner, []).append(found)


def _agreement(one: Agreement, now: datetime) -> AgreementView:
    """Return a version of an agreement as of now."""
    state = "coming" if now < one.effective_from else "in_force" if now < one.effective_until else "ended"
    return AgreementView(
        id=one.id,
        version=one.version,
        state=state,
        sender=one.sender,
        recipient=one.recipient,
        record=one.record,
        trigger=one.trigger,
        purpose=one.purpose,
        legal_basis=one.legal_basis,
        effective_from=one.effective_from.isoformat(),
        effective_until=one.effective_until.isoformat(),
        days_left=(one.effective_until - now).days,
        retention_days=one.retention_days,
        digest=one.digest.hex(),
    )


def _keys(rows: Sequence[dict[str, Any]]) -> Keys:
    """Return keys with those that overlap."""
    good: dict[tuple[str, str], list[str]] = {}
    for one in rows:
        if one["state"] == GOOD:
            good.setdefault((one["purpose"], one["algorithm"]), []).append(one["not_after"])
    overlaps = tuple(
        Overlap(purpose=purpose, algorithm=algorithm, keys=len(ends), until=min(ends))
        for (purpose, algorithm), ends in sorted(good.items())
        if len(ends) > 1
    )
    return Keys(keys=list(rows), overlaps=overlaps)
