# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Invented enterprises, and a register on a real store with a real log."""

import asyncio
from datetime import UTC, date, datetime

from gateway.exchange.journal import Journal
from gateway.identifiers import uscc
from gateway.store import TimeIds, open_store
from gateway.trade.enterprise import Credit, Registration
from gateway.trade.enterprises import Registry
from tests.partner_messages import make_keys

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
FIRST = date(2024, 1, 1)


def code_of(number):
    """Return an invented USCC with its check character."""
    body = f"91440300{number:09d}"
    return body + uscc.calc_check_character(body)


def customs_code_of(number):
    """Return an invented customs code."""
    return f"4403{number:06d}"


def registration(number=1, **fields):
    """Return what an invented enterprise is registered with."""
    chosen = {
        "uscc": code_of(number),
        "customs_code": customs_code_of(number),
        "name": f"样例电商 {number}",
        "roles": ("e-commerce",),
        "valid_from": FIRST,
        "source": "filing F-1",
        "credit": (Credit(level="ordinary", first=FIRST),),
        "areas": ("sample zone",),
    }
    return Registration(**chosen | fields)


class Register:
    """A register on a store in a folder; `journal` and `registry` are real."""

    def __init__(self, folder, keys):
        self.url = f"sqlite:///{folder / 'register.sqlite'}"
        self.keys = keys
        self.store = open_store(self.url)
        self.journal, self.registry = self.beside(self.store, 1)

    def beside(self, store, node):
        """Return journal and register of a node on a store."""
        log = self.keys.log_ed25519
        journal = Journal("alpha", log, log.public_key.public_bytes_raw(), bytes)
        ids = TimeIds(node, lambda: NOW, store.highest_id)
        return journal, Registry(store=store, ids=ids, clock=lambda: NOW, journal=journal)

    def register(self, one):
        """Register an enterprise."""
        return asyncio.run(self.registry.register(one, actor="test"))

    def change(self, uscc, amendment):
        """Change one."""
        return asyncio.run(self.registry.change(uscc, amendment, actor="test"))

    def withdraw(self, uscc, day, source="decision D-1"):
        """Withdraw one."""
        return asyncio.run(self.registry.withdraw(uscc, day, source, actor="test"))

    def load(self, rows):
        """Import many."""
        return asyncio.run(self.registry.load(rows, actor="test"))

    def history(self, identifier):
        """Return every version."""
        return asyncio.run(self.registry.history(identifier))

    def log_size(self):
        """Return how many acts are logged."""
        return self.store.run_read(lambda tx: tx.log_state("alpha/enterprises").size)


def signing_keys(folder):
    """Return the keys of one organisation; slow, once per session."""
    return make_keys(folder, names=("alpha",))["alpha"]


def told(error):
    """Return codes and places of the findings of an error."""
    return [(one.code, one.path, one.position) for one in error.value.findings]
