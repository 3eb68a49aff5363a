# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Facilitations that somebody claims for an item: a partner's words stand, our own submitters' do not."""

from collections.abc import Sequence

import msgspec

from gateway.exchange import merge
from gateway.exchange.enterprise_ports import Judge, Registered
from gateway.exchange.rows import FROM_PARTNER, ContributionRow
from gateway.model import Function, Item, unpack_contribution


def unclaimed(item: Item, rows: Sequence[ContributionRow]) -> Item:
    """Return an item merged from `rows` with the flags that partners sent, and no others."""
    if item.facilitation is None:
        return item
    words = [
        unpack_contribution(row.body)
        for row in rows
        if row.function is not Function.DELETE and row.reference.startswith(FROM_PARTNER)
    ]
    kept = merge.merge(merge.in_order(words))[0].facilitation if words else None
    return item if kept == item.facilitation else msgspec.structs.replace(item, facilitation=kept)


class Unjudged:
    """What a gateway without rules says of items: nothing, and it lets nobody of its own side say it."""

    def begin(self, _tx: Registered, _now: int) -> Judge:
        """Return items without the claims of our own submitters."""
        return unclaimed
