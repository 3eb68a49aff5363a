# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of returns, if there are rules for them."""

import os
from collections.abc import Callable

from gateway.bootstrap.trust import Trust
from gateway.clock import system_clock
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Workers
from gateway.store import SqlStore, TimeIds
from gateway.trade.return_desk import LOG, Desk
from gateway.trade.return_rules import load_return_rules
from gateway.trade.return_watch import ReturnWatch
from gateway.trade.returns import Returns


class ReturnSteps:
    """Returns and the search for them; both absent where the configuration names no rules."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        ids: TimeIds,
        journal: Journal,
        workers: Workers,
        wake: Callable[[frozenset[str]], None],
    ) -> None:
        """Build every step with explicit doors.

        Raises:
            ConfigError: the rules cannot be read, or a partner has the name of our log.
        """
        organisation = config.node.organisation
        if LOG in trust.bundles:
            raise ConfigError(f"{LOG} is the name of a log of our own; no partner can have it")
        said = config.returns
        rules = load_return_rules(said.rules, said.pilot_offices, said.releasers)
        self.returns: Returns | None = None
        self.watches: list[ReturnWatch] = []
        if rules is None:
            return
        desk = Desk(organisation=organisation, rules=rules, ids=ids, journal=journal, random=os.urandom)
        self.returns = Returns(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            agreements=trust.agreements,
            desk=desk,
            wake=wake,
        )
        self.watches = [
            ReturnWatch(
                organisation=organisation,
                store=store,
                workers=workers,
                clock=system_clock,
                agreements=trust.agreements,
                returns=self.returns,
            )
        ]
