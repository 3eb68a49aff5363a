# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to statistics: what counts a record, and where its figures are kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gateway.exchange.rollup_rows import Amounts, CellKey, Cells, SumRow, ValueRow
from gateway.exchange.rows import ContributionRow
from gateway.model import Item


class Rollups(Protocol):
    """The part of a transaction about statistics."""

    def add_cells(self, differences: Mapping[CellKey, Amounts]) -> None:
        """Add differences of days to the cells of these days and of their months."""

    def clear_cells(self) -> None:
        """Drop every cell, to be counted anew by the only work of a commit."""

    def figures(
        self, cube: str, span: tuple[int, int], by: frozenset[str], where: Mapping[str, str]
    ) -> Iterator[SumRow]:
        """Yield sums over the cells with a period in the span, both ends included.

        `by` are the fields of a cell that tell sums apart, besides the member, which always does; a sum may
        come in parts. `where` are the fields that must have a value.
        """

    def day_values(
        self, cube: str, span: tuple[int, int], by: frozenset[str], where: Mapping[str, str], besides: str
    ) -> Iterator[tuple[int, Iterator[ValueRow]]]:
        """Yield each day in the span with items and value by currency but `besides`; else as `figures`."""


class Census(Protocol):
    """Counts the records of one message."""

    def item(
        self, item: Item, state: str, rows: Sequence[ContributionRow], created_at: int, before: str
    ) -> str:
        """Count an item that is merged from `rows`; return what was counted, the `before` of next time."""

    def record(self, item: Item, record: str, state: str, created_at: int, before: str) -> str:
        """Count another record; as `item`."""

    def cells(self) -> Cells:
        """Return the differences that the records make, by cell of a day."""


class Uncounted:
    """A census of nothing, where no statistics are kept."""

    def cells(self) -> Cells:
        """Return no differences."""
        return {}

    def item(
        self, item: Item, state: str, rows: Sequence[ContributionRow], created_at: int, before: str
    ) -> str:
        """Count nothing."""
        del item, state, rows, created_at
        return before

    def record(self, item: Item, record: str, state: str, created_at: int, before: str) -> str:
        """Count nothing."""
        del item, record, state, created_at
        return before
