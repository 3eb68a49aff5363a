# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join who is let in to the store and the log of a node."""

import os
from pathlib import Path

from gateway.access import Role
from gateway.admission import (
    KEY,
    SESSION,
    Acts,
    Door,
    Holders,
    Keys,
    Opened,
    ProviderLogin,
    Refusals,
    Reveals,
    Sessions,
)
from gateway.bootstrap.logs import LogSteps
from gateway.bootstrap.trust import Trust
from gateway.client.identity_provider import IdentityProvider
from gateway.client.provider_questions import trusted
from gateway.clock import Clock, system_clock
from gateway.config import Config, Oidc
from gateway.envelope.keys import read_private_file
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Ids, Store
from gateway.store import TimeIds, open_store

FIRST = "administrator"


class AdmissionSteps:
    """Keys and sessions, the door that knows them, and who may see persons."""

    def __init__(
        self,
        store: Store,
        *,
        ids: Ids,
        clock: Clock,
        journal: Journal,
        oidc: Oidc = Oidc(),  # noqa: B008 - it holds nothing
    ) -> None:
        """Build with explicit doors.

        Raises:
            ConfigError: what is said of the provider of logins is wrong.
        """
        acts = Acts(store=store, ids=ids, clock=clock, journal=journal)
        self.keys = Keys(store=store, ids=ids, acts=acts, random=os.urandom)
        self.reveals = Reveals(acts)
        self.sessions = Sessions(store=store, ids=ids, clock=clock, acts=acts, random=os.urandom)
        self.door = Door(Holders(store=store, clock=clock, kinds=frozenset({KEY, SESSION})), acts, clock)
        self.logins = _logins(oidc, self.sessions, Refusals(acts, clock), clock) if oidc.issuer else None


def _logins(oidc: Oidc, sessions: Sessions, refusals: Refusals, clock: Clock) -> ProviderLogin:
    """Return the logins through a provider.

    Raises:
        ConfigError: a file is absent or open to others, or a setting is wrong.
    """
    file = oidc.client_secret_file
    held = read_private_file(Path(file)).decode("utf-8").strip() if file else ""
    provider = IdentityProvider(oidc, secret=held, clock=clock, trust=trusted(oidc.authorities))
    return ProviderLogin(provider, sessions, refusals, clock, os.urandom, claim=oidc.claim, roles=oidc.roles)


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
