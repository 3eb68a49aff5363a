# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator's console asks: all its routes, with what stands behind them."""

from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from gateway.web.boards import BoardPages, Boards
from gateway.web.events import Changes, EventPages
from gateway.web.items import Bundles, ItemPages, Reveals, Search, Timelines
from gateway.web.letters import DeadLetters, LetterPages
from gateway.web.partners import Judge, Logs, PartnerPages, Partners


@dataclass(frozen=True, slots=True)
class Console:
    """What stands behind the routes; where there is nothing, nothing is found.

    `operators` are the submitters that may act for the operator.
    """

    boards: Boards | None = None
    search: Search | None = None
    timelines: Timelines | None = None
    bundles: Bundles | None = None
    reveals: Reveals | None = None
    dead_letters: DeadLetters | None = None
    partners: Partners | None = None
    logs: Logs | None = None
    judge: Judge | None = None
    changes: Changes | None = None
    operators: Collection[str] = ()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            *BoardPages(self.boards).routes(),
            *ItemPages(self.search, self.timelines, self.bundles, self.reveals).routes(),
            *LetterPages(self.dead_letters, self.operators).routes(),
            *PartnerPages(self.partners, self.logs, self.judge, self.operators).routes(),
            *EventPages(self.changes).routes(),
        ]
