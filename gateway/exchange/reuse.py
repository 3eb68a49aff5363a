# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tell apart the items that bear one postal number after another.

UPU S10-12 forbids using a number again within twelve months and recommends twenty-four, so a number alone
does not name an item: number and posting date do. Words are split by the posting date they state. Words
without one belong to the latest posting not after they were issued, or to the latest of all if they say no
time; so the order of arrival does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.exchange.rows import ContributionRow, ItemRow
from gateway.finding import Finding, finding
from gateway.model import Contribution, ContributionKind, unpack_contribution, unpack_item

# Those that can state a posting date; asking the others would cost more than the rest of the joining.
_DATED = frozenset({ContributionKind.POSTAL, ContributionKind.SUPPLEMENT, ContributionKind.FILING})


@dataclass(frozen=True, slots=True)
class Posting:
    """One use of a number: what was said about it, and the item made of it before."""

    rows: list[ContributionRow]
    old: ItemRow | None
    findings: tuple[Finding, ...]


def split(rows: Sequence[ContributionRow], held: Sequence[ItemRow]) -> list[Posting] | None:
    """Return the postings of a number in order of date; none if there is but one."""
    if len(held) < 2 and sum(row.kind in _DATED for row in rows) < 2:  # noqa: PLR2004 - nothing to tell apart
        return None
    said = [(row, unpack_contribution(row.body)) for row in rows]
    dates = sorted({one.item.posting_date for _, one in said if one.item.posting_date is not None})
    if len(dates) < 2 and len(held) < 2:  # noqa: PLR2004 - the same
        return None
    groups: dict[date | None, list[ContributionRow]] = {one: [] for one in dates}
    for row, one in said:
        groups.setdefault(_posting(one, dates), []).append(row)
    items = {_posted(row): row for row in held}
    if None in items and dates and dates[0] not in items:
        items[dates[0]] = items.pop(None)
    return [
        Posting(groups.get(one, []), items.get(one), _findings(one, dates))
        for one in sorted({*groups, *items}, key=lambda one: one or date.min)
    ]


def _posting(said: Contribution, dates: Sequence[date]) -> date | None:
    """Return the posting that words are about."""
    if said.item.posting_date is not None or not dates:
        return said.item.posting_date
    if said.issued_at is None:
        return dates[-1]
    day = said.issued_at.date()
    return max((one for one in dates if one <= day), default=dates[0])


def _posted(row: ItemRow) -> date | None:
    """Return the posting date of an item."""
    return unpack_item(row.body).posting_date if row.body else None


def _findings(posted: date | None, dates: Sequence[date]) -> tuple[Finding, ...]:
    """Say that the number was used before, and whether too soon."""
    earlier = [one for one in dates if posted is not None and one < posted]
    if posted is None or not earlier:
        return ()
    code = "ASSEMBLE-REUSED-EARLY" if _within_a_year(earlier[-1], posted) else "ASSEMBLE-REUSED"
    return (finding(code, path="posting_date", actual=earlier[-1].isoformat()),)


def _within_a_year(earlier: date, later: date) -> bool:
    """Say whether less than twelve months lie between two days."""
    return (later.year, later.month, later.day) < (earlier.year + 1, earlier.month, earlier.day)
