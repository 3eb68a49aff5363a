# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Entries about attempts to get in that were refused: so many a minute, and the next one counts the rest."""

from collections.abc import Sequence

from gateway.admission.acts import Acts
from gateway.clock import Clock
from gateway.exchange.rate import Rate

REFUSED_PER_MINUTE = 30


class Refusals:
    """The refused attempts of one kind."""

    def __init__(self, acts: Acts, clock: Clock) -> None:
        """Take where acts are entered."""
        self._acts = acts
        self._clock = clock
        self._rate = Rate(REFUSED_PER_MINUTE)
        self._more = 0

    async def enter(self, what: str, actor: str, about: str, codes: Sequence[str]) -> None:
        """Enter an attempt, or count it for the next entry."""
        if self._rate.take(self._clock()):
            self._more += 1
            return
        more, self._more = self._more, 0
        await self._acts.refused(
            what, actor, f"{about}, and {more} times more before" if more else about, codes
        )
