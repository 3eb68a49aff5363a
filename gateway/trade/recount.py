# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Count the stored records again, and compare the roll-ups with that or make them anew.

The rules:

1. What is counted again is what each record keeps of its count (`item.counted`), so dated tables and rates
   that have changed since make no difference.
2. An erased record keeps nothing while the sums keep it. What the roll-ups have more than the records is
   therefore no difference as long as it is not more items than were erased; values and masses of those cannot
   be told.
3. Where records were erased nothing is made anew: their sums would be lost.
4. Making anew is logged in the same transaction, with what was different.
"""

from collections.abc import Callable

import msgspec

from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.errors import PolicyRefusal
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.reach import ERASED
from gateway.exchange.rollup_rows import ALONE, Cells, FigureRow, with_coarser
from gateway.finding import finding
from gateway.trade import census

PAGE = 2_000
SHOWN = 20
CUBES = (census.TOTAL, census.COUNTRY, census.OFFICE, census.CHAPTER, census.BAND, census.COVERAGE)
_KEPT = (*CUBES, *ALONE.values())
_EVERYTHING = (0, 99_999_999)
_FIELDS = frozenset({"period", "direction", "mode", "member", "currency"})
_MONTH = 100


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that is not what the records say; amounts are items, value, items with a mass, mass."""

    cell: tuple[str, int, str, str, str, str]
    kept: tuple[int, ...]
    counted: tuple[int, ...]


class Recounted(msgspec.Struct, frozen=True, kw_only=True):
    """What a recount found; `differences` are the first of `different` cells."""

    records: int
    erased: int
    cells: int
    different: int
    differences: tuple[Difference, ...]
    rebuilt: bool = False


class _Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of making anew."""

    what: str
    at_ms: int
    found: Recounted


def recount(tx: Transaction, counting: census.Census) -> tuple[Recounted, Cells]:
    """Compare the roll-ups with the stored records; return what was found and the days as counted."""
    records = erased = after = 0
    while rows := tx.items_after(after, PAGE):
        after = rows[-1].id
        for row in rows:
            erased += row.state == ERASED
            if row.counted:
                records += 1
                counting.recall(row.counted)
    days = counting.cells()
    counted = with_coarser(days)
    kept: Cells = {
        (cube, one.period, one.direction, one.mode, one.member, one.currency): [
            one.items,
            one.value,
            one.weighed,
            one.mass,
        ]
        for cube in _KEPT
        for one in map(FigureRow._make, tx.figures(cube, _EVERYTHING, _FIELDS, {}))
    }
    found = [
        Difference(cell=key, kept=tuple(kept.get(key, _NONE)), counted=tuple(counted.get(key, _NONE)))
        for key in sorted({*kept, *counted})
        if kept.get(key, _NONE) != counted.get(key, _NONE)
    ]
    if erased and _explained(found, erased):
        found = []
    told = Recounted(
        records=records,
        erased=erased,
        cells=len(kept),
        different=len(found),
        differences=tuple(found[:SHOWN]),
    )
    return told, days


_NONE = [0, 0, 0, 0]


def _explained(found: list[Difference], erased: int) -> bool:
    """Say whether erased records alone can have made the differences."""
    over = 0
    for one in found:
        if any(more < less for more, less in zip(one.kept, one.counted, strict=True)):
            return False
        # Each record is in one class of coverage, on one day.
        if one.cell[0] == census.COVERAGE and one.cell[1] > _EVERYTHING[1] // _MONTH:
            over += one.kept[0] - one.counted[0]
    return over <= erased


class Recount:
    """The recount of one node."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        journal: Journal,
        census: Callable[[], census.Census],
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._journal = journal
        self._census = census

    async def check(self) -> Recounted:
        """Compare only; all of it is of one moment."""
        return await self._store.read(lambda tx: recount(tx, self._census())[0])

    async def rebuild(self) -> Recounted:
        """Make the roll-ups anew where they differ; must be the only work of its commit.

        Raises:
            PolicyRefusal: records were erased or archived, so that the sums cannot be made again.
        """
        return await self._store.transact(self._rebuild)

    def _rebuild(self, tx: Transaction) -> Recounted:
        """Compare, make anew and log."""
        if tx.manifests():
            raise PolicyRefusal("days are archived", (finding("ARCHIVE-REBUILD"),))
        found, days = recount(tx, self._census())
        if not found.different:
            return found
        if found.erased:
            problem = finding("TRADE-REBUILD", actual=str(found.erased))
            raise PolicyRefusal("records were erased", (problem,))
        now, number = milliseconds(self._clock()), self._ids.take(1)[0]
        tx.clear_cells()
        tx.add_cells(days)
        done = msgspec.structs.replace(found, rebuilt=True)
        statement = msgspec.json.encode(_Rebuilt(what="statistics made anew", at_ms=now, found=done))
        own = self._organisation
        recorded = self._journal.record_event(
            tx, own, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=own, made_at=now, statement=statement, log_index=recorded.index)
        )
        return done
