# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join who is let in to the store and the log of a node."""

import os

from gateway.access import Role
from gateway.admission import KEY, SESSION, Acts, Door, Holders, Keys, Opened, Reveals, Sessions
from gateway.bootstrap.logs import LogSteps
from gateway.bootstrap.trust import Trust
from gateway.clock import Clock, system_clock
from gateway.config import Config
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Ids, Store
from gateway.store import TimeIds, open_store

FIRST = "administrator"


class AdmissionSteps:
    """Keys and sessions, the door that knows them, and who may see persons."""

    def __init__(self, store: Store, *, ids: Ids, clock: Clock, journal: Journal) -> None:
        """Build with explicit doors."""
        acts = Acts(store=store, ids=ids, clock=clock, journal=journal)
        self.keys = Keys(store=store, ids=ids, acts=acts, random=os.urandom)
        self.reveals = Reveals(acts)
        self.sessions = Sessions(store=store, ids=ids, clock=clock, acts=acts, random=os.urandom)
        self.door = Door(Holders(store=store, clock=clock, kinds=frozenset({KEY, SESSION})), acts, clock)


async def first_link(config: Config, node: int) -> Opened:
    """Make the database of a new node, and the link by which its first administrator comes in.

    `node` is the number of who does so; nobody else may have it now.
    """
    store = open_store(config.database.url)
    try:
        ids = TimeIds(node, system_clock, store.highest_id)
        logs = LogSteps(config, Trust(config), store, ids)
        try:
            steps = AdmissionSteps(store, ids=ids, clock=system_clock, journal=logs.journal)
            return await steps.sessions.link(FIRST, [Role.ADMINISTRATOR], actor="gateway init")
        finally:
            logs.close()
    finally:
        await store.close()
