# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a record was after each message that changed it: the rules of `assemble`, run again over its words."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from gateway.exchange import merge
from gateway.exchange.assemble import members
from gateway.exchange.claims import unclaimed
from gateway.exchange.enterprise_ports import Judge
from gateway.exchange.rows import ContributionRow, ItemRow
from gateway.model import Function, Item, pack_item, unpack_contribution


def grown(
    row: ItemRow,
    contributions: Sequence[ContributionRow],
    judges: Callable[[int], Judge] = lambda _: unclaimed,
) -> Iterator[bytes]:
    """Yield the record after each message that changed it, by the rules of `assemble`.

    `judges` says what the register said of items when a message came; without, there were no rules.
    """
    force: dict[tuple[str, str], ContributionRow] = {}
    before: bytes | None = None
    known: tuple[bytes, str] | None = None
    for message in sorted({one.message_row for one in contributions if one.body}):
        for one in contributions:
            if (
                one.message_row == message
                and one.body
                and not _stale(one, force.get((one.kind.value, one.reference)))
            ):
                force[one.kind.value, one.reference] = msgspec.structs.replace(one, retired=False)
        body, state = _merged(row, list(force.values()), before, judges(message))
        if body and (body, state) != known:
            known, before = (body, state), body
            yield body


def _merged(
    row: ItemRow, rows: Sequence[ContributionRow], before: bytes | None, judge: Judge
) -> tuple[bytes, str]:
    """Return the record that contributions in force make, and what tells states of one record apart."""
    if row.record != "item":
        live = [unpack_contribution(one.body) for one in rows if one.function is not Function.DELETE]
        return (pack_item(live[-1].item) if live else before or b""), str(len(live))
    by_key: dict[str, list[ContributionRow]] = {}
    for one in rows:
        by_key.setdefault(one.join_key, []).append(one)
    if f"trk:{row.tracking_number}" not in by_key:
        return b"", ""
    counting, order, listing = members(by_key, row.tracking_number)
    said = [unpack_contribution(one.body) for one in counting]
    words = merge.in_order([one for one in said if one.function is not Function.DELETE])
    kinds = ",".join(sorted({f"{one.kind.value} {one.function.value}" for one in said}))
    if words:
        return pack_item(judge(merge.merge(words)[0], counting)), f"{kinds}|{order}|{listing}"
    return before or pack_item(Item(tracking_number=row.tracking_number)), kinds


def _stale(one: ContributionRow, previous: ContributionRow | None) -> bool:
    """Say whether a word was issued before the one in force, and so never counted."""
    if previous is None:
        return False
    old, new = unpack_contribution(previous.body).issued_at, unpack_contribution(one.body).issued_at
    return bool(old and new and new < old)
