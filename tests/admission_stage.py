# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys on a real store with a real log, at a time that a test moves."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta

from gateway.access import Names
from gateway.admission import (
    KEY,
    SESSION,
    Acts,
    Door,
    Holders,
    Keys,
    ProviderLogin,
    Refusals,
    Sessions,
)
from gateway.audit import salted_digest
from gateway.audit.entry import Event, parse
from gateway.client.identity_provider import IdentityProvider
from gateway.client.provider_questions import trusted
from gateway.exchange.journal import ANCHOR, Journal
from gateway.store import TimeIds, open_store

FIRST = datetime(2026, 11, 20, 8, 20, tzinfo=UTC)


class Admitting:
    """Who is let in at one node; `now` is its time."""

    def __init__(self, url, keys, node=1, now=FIRST):
        self.now = now
        self.store = open_store(url)
        log = keys.log_ed25519
        self.journal = Journal("alpha", log, log.public_key.public_bytes_raw(), os.urandom)
        ids = TimeIds(node, self.clock, self.store.highest_id)
        self.acts = Acts(store=self.store, ids=ids, clock=self.clock, journal=self.journal)
        self.keys = Keys(store=self.store, ids=ids, acts=self.acts, random=os.urandom)
        holders = Holders(store=self.store, clock=self.clock, kinds=frozenset({KEY, SESSION}))
        self.sessions = Sessions(
            store=self.store, ids=ids, clock=self.clock, acts=self.acts, random=os.urandom
        )
        self.door = Door(holders, self.acts, self.clock)

    def logins(self, settings, secret=""):
        """Return the logins through a provider."""
        return ProviderLogin(
            IdentityProvider(settings, secret=secret, clock=self.clock, trust=trusted(settings.authorities)),
            self.sessions,
            Refusals(self.acts, self.clock),
            self.clock,
            os.urandom,
            claim=settings.claim,
            roles=settings.roles,
        )

    def clock(self):
        """Return the time."""
        return self.now

    def later(self, **times):
        """Let time pass."""
        self.now += timedelta(**times)

    def make(self, name="platform-a", roles=("submitter",), days=365):
        """Make a key."""
        return asyncio.run(self.keys.make(name, roles, days, actor="root"))

    def revoke(self, number):
        """Revoke one."""
        return asyncio.run(self.keys.revoke(number, actor="root"))

    def begin(self, token):
        """Begin a session of who holds a key."""
        return asyncio.run(self.sessions.begin(self.caller(token), token)).secret

    def link(self, name="chief", roles=("administrator",)):
        """Make a link."""
        return asyncio.run(self.sessions.link(name, roles, actor="root")).secret

    def use(self, link):
        """Begin the session of a link."""
        return asyncio.run(self.sessions.use(link)).secret

    def page(self, **place):
        """Return a page of keys."""
        return asyncio.run(self.keys.page(**place))

    def caller(self, text, **names):
        """Return who holds a key."""
        return asyncio.run(self.door.caller(text, Names(**names)))

    def entered(self):
        """Return the acts of the anchor log, each held against the digest in its entry."""
        return self.store.run_read(self._entered)

    def _entered(self, tx):
        name = self.journal.name(ANCHOR)
        acts = []
        for row in tx.log_entries(name, 0, tx.log_state(name).size):
            entry = parse(row.leaf)
            assert entry.event is Event.ACCESS
            (stored,) = tx.statements("decision", [int(row.subject.partition(":")[2])])
            assert salted_digest(row.salt, stored.first) == entry.digest
            assert stored.log_index == row.index
            acts.append(json.loads(stored.first))
        return acts
