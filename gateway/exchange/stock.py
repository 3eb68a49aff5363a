# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A stock of ids for one piece of work: asking the clock for every id costs more than using it."""

from gateway.exchange.ports import Ids

SIZE = 512


class Stock:
    """Gives ids out of ranges taken in one go (`exchange.ports.Ids`); not for several threads."""

    def __init__(self, ids: Ids) -> None:
        """Take from these; what is left over at the end is never used."""
        self._ids = ids
        self._range = range(0)

    def take(self, count: int) -> range:
        """Return `count` consecutive ids, above every id given before."""
        held = self._range
        if count > len(held):
            held = self._ids.take(max(count, SIZE))
        self._range = held[count:]
        return held[:count]
