# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of erasure, and of questions between partners."""

import functools
import os
from collections.abc import Callable
from pathlib import Path

from gateway.bootstrap.archiving import SearchedStore
from gateway.bootstrap.trust import Trust
from gateway.client.questions import inquire, notify
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.archive_doors import TakeBack
from gateway.exchange.erase import Eraser
from gateway.exchange.erasing import Erasing
from gateway.exchange.inquiry import Inquiry
from gateway.exchange.log_ports import Gate
from gateway.exchange.notice import NoticeTaker, Notifier
from gateway.exchange.ports import Workers
from gateway.exchange.sealing import Sealer
from gateway.exchange.seek import Seeker
from gateway.store import SqlStore, TimeIds

NOTICE_SECONDS = 30.0
QUESTION_SECONDS = 30.0


class ErasureSteps:
    """The steps of erasure: ours, those that partners tell of, and the telling."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        ids: TimeIds,
        sealer: Sealer,
        workers: Workers,
        gate: Gate,
        recall: TakeBack,
    ) -> None:
        """Build every step with explicit doors."""
        organisation = config.node.organisation
        folder = Path(config.forward.folder) if config.forward.folder else None
        eraser = Eraser(organisation=organisation, ids=ids, sealer=sealer, random=os.urandom)
        self.erasing = Erasing(
            organisation=organisation,
            store=store,
            clock=system_clock,
            agreements=trust.agreements,
            seeker=Seeker(SearchedStore(store), workers),
            eraser=eraser,
            folder=folder,
            recall=recall,
        )
        self.taker = NoticeTaker(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            eraser=eraser,
            gate=gate,
            folder=folder,
            recall=recall,
        )
        self.notifier = Notifier(
            organisation=organisation,
            store=store,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            peers={
                name: functools.partial(notify, bundle, trust.present, timeout=NOTICE_SECONDS)
                for name, bundle in trust.bundles.items()
                if not bundle.collect_only
            },
        )


class Dealings:
    """What partners and we ask and tell each other beside batches: erasures and questions."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        ids: TimeIds,
        sealer: Sealer,
        workers: Workers,
        gate: Gate,
        wake: Callable[[frozenset[str]], None],
        recall: TakeBack,
    ) -> None:
        """Build every step with explicit doors."""
        self.erasure = ErasureSteps(
            config, trust, store, ids=ids, sealer=sealer, workers=workers, gate=gate, recall=recall
        )
        self.inquiry = Inquiry(
            organisation=config.node.organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            gate=gate,
            wake=wake,
            peers={
                name: functools.partial(inquire, bundle, trust.present, timeout=QUESTION_SECONDS)
                for name, bundle in trust.bundles.items()
                if not bundle.collect_only
            },
        )
