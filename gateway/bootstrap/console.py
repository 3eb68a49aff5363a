# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join what operators look at to the store and to the trust of a node."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from gateway.agreement import AgreementSet
from gateway.bootstrap.archiving import SearchedStore
from gateway.bootstrap.holdings import make_holdings
from gateway.bootstrap.logs import LogSteps
from gateway.bootstrap.trust import Trust
from gateway.client.probe import probe
from gateway.clock import system_clock
from gateway.config import Config
from gateway.envelope.bundle import PartnerBundle
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring
from gateway.exchange.board import Boards
from gateway.exchange.changes import Changes
from gateway.exchange.dead_letters import DeadLetters
from gateway.exchange.evidence import Bundles
from gateway.exchange.log_view import LogViews
from gateway.exchange.partner_view import PartnerViews
from gateway.exchange.ports import Transaction
from gateway.exchange.query import Query, Trace
from gateway.exchange.search import Search
from gateway.exchange.witness import NoteKeys
from gateway.explanation import Explanation, explain_trace
from gateway.finding import Finding, finding
from gateway.sdk import Adapter
from gateway.store import SqlStore, TimeIds
from gateway.trade.postal_month import quality
from gateway.trade.postal_quality import Quality
from gateway.trade.timeline import Timelines

CERTIFICATE_DAYS = 30
T = TypeVar("T")


class ConsoleSteps:
    """What operators look at."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        query: Query,
        logs: LogSteps,
        adapters: Mapping[str, Adapter],
        couriers: Mapping[str, str],
        ids: TimeIds,
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        """Build every step with explicit doors."""
        organisation, searched = config.node.organisation, SearchedStore(store)
        forms = {
            one.organisation: (adapters.get(one.adapter), one.message_type)
            for one in config.webhook
            if one.adapter
        }

        def partners() -> set[str]:
            ends = {end for one in trust.agreements for end in (one.sender, one.recipient)}
            return {*trust.bundles, *ends} - {organisation}

        def trouble(partner: str) -> list[Finding]:
            return find_trouble(partner, trust.keyring, trust.agreements, system_clock())

        async def explain(trace: Trace) -> list[Explanation]:
            return await explain_trace(
                config, searched, trust.agreements, trace, readers=adapters, forms=forms
            )

        holdings = make_holdings(config, trust.own, trust.keyring, logs.checkpoints)
        self.boards = Boards(store, system_clock, partners=partners, trouble=trouble, couriers=couriers)
        self.search = Search(searched)
        self.timelines = Timelines(organisation, searched, query, explain)
        self.bundles = Bundles(organisation, searched, holdings)
        self.logs = LogViews(
            organisation, store, system_clock, logs.checkpoints, NoteKeys(organisation, trust.keyring)
        )
        self.partners = PartnerViews(
            lambda: trust.own,
            store,
            system_clock,
            bundles=trust.bundles,
            agreements=trust.agreements,
            probe=lambda bundle, seconds: _layers(bundle, trust.own, seconds),
        )
        self.changes = Changes(store, system_clock, couriers)
        self.judge = partial(_judge, store)
        self.dead_letters = DeadLetters(
            store,
            ids=ids,
            clock=system_clock,
            journal=logs.journal,
            agreements=trust.agreements,
            channels=logs.channels,
            wake=wake,
        )


def _layers(bundle: PartnerBundle, own: KeySet, seconds: float) -> Iterator[tuple[str, str, str]]:
    """Test the way to a partner."""
    for one in probe(bundle, own, clock=system_clock, timeout=seconds):
        yield one.name, one.state, one.detail


async def _judge(store: SqlStore, partner: str, begin: datetime, end: datetime, sent: bool) -> Quality:
    """Work out the figures of a month beside the loop, for they take what the month takes."""
    return await asyncio.to_thread(
        lambda: asyncio.run(quality(_Blocking(store), partner, begin, end, sent=sent))
    )


class _Blocking:
    """Reads a store from a thread with a loop of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work and wait for it."""
        return self._store.run_read(work)


def find_trouble(partner: str, keyring: Keyring, agreements: AgreementSet, now: datetime) -> list[Finding]:
    """Return what is wrong, or will soon be, with certificates of a partner and agreements with it."""
    found = [one for purpose in Purpose for one in _certificates(partner, purpose, keyring, now)]
    if not any(partner in (one.sender, one.recipient) for one in agreements.in_force(now)):
        found.append(finding("BOARD-NO-AGREEMENT", path=partner))
    return found


def _certificates(partner: str, purpose: Purpose, keyring: Keyring, now: datetime) -> Sequence[Finding]:
    """Return a finding if the last certificate for a purpose ends soon or has ended."""
    keys = keyring.of(partner, purpose)
    if not keys:
        return ()
    left = max(one.not_after for one in keys) - now
    if left <= timedelta():
        return (finding("BOARD-CERTIFICATE-ENDED", path=str(purpose)),)
    if left.days > CERTIFICATE_DAYS:
        return ()
    return (finding("BOARD-CERTIFICATE", path=str(purpose), actual=f"{left.days} days left"),)
