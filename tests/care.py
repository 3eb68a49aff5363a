# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The steps of erasure and comparison for a gateway in memory or on a real store."""

import functools

from gateway.bootstrap.archiving import SearchedStore
from gateway.exchange.archive_doors import nothing_archived
from gateway.exchange.erase import Eraser
from gateway.exchange.erasing import Erasing
from gateway.exchange.notice import NoticeTaker, Notifier
from gateway.exchange.reconcile import Books
from gateway.exchange.seek import Seeker


class Care:
    """What a gateway needs to erase, to be told of erasures, and to compare its books."""

    def __init__(self, gateway, recall=nothing_archived):
        self.gateway = gateway
        doors = {"organisation": gateway.name, "store": gateway.store, "clock": gateway.clock}
        self.eraser = Eraser(
            organisation=gateway.name, ids=gateway.ids, sealer=gateway.sealer, random=gateway.random
        )
        self.erasing = Erasing(
            agreements=gateway.agreements,
            seeker=Seeker(
                gateway.store if recall is nothing_archived else SearchedStore(gateway.store), gateway.workers
            ),
            eraser=self.eraser,
            recall=recall,
            **doors,
        )
        self.taker = NoticeTaker(
            ids=gateway.ids,
            keyring=gateway.keyring,
            agreements=gateway.agreements,
            sealer=gateway.sealer,
            eraser=self.eraser,
            gate=gateway.publisher,
            recall=recall,
            **doors,
        )
        self.books = Books(gateway.name, gateway.store)

    def notifier(self, *others):
        """Return what brings notices to other gateways."""
        return Notifier(
            organisation=self.gateway.name,
            store=self.gateway.store,
            clock=self.gateway.clock,
            keyring=self.gateway.keyring,
            agreements=self.gateway.agreements,
            sealer=self.gateway.sealer,
            peers={one.name: functools.partial(one.care.taker.notify, self.gateway.name) for one in others},
        )
