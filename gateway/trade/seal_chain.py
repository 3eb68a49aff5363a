# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The chain of customs seals on one item, control after control. Pure.

The rules:

1. A control names every seal in place, and each number once.
2. A seal is affixed once; what was removed, broken or replaced never comes back.
3. Intact, broken, replaced and removed are said of a seal in place only.
4. A seal found broken or replaced means that somebody was at the item and no control was: only the result
   `discrepancy` can say so, and it is told with a warning.

Seals that others than customs put on are no links of this chain; they belong into the text of a result.
"""

from collections.abc import Iterable, Iterator, Sequence

from gateway.finding import Finding, finding
from gateway.trade.control import AFFIXED, BROKEN, DISCREPANCY, INTACT, REPLACED, Result, SealSaid


class Chain:
    """The seals of an item after some controls."""

    def __init__(self) -> None:
        """Begin with none."""
        self.in_place: dict[str, str] = {}
        self._used: set[str] = set()

    def add(self, one: Result) -> list[Finding]:
        """Add a control; return what does not fit."""
        found = [*_repeated(one.seals), *self._missing(one.seals)]
        for place, seal in enumerate(one.seals):
            found += self._judge(one, seal, f"seals[{place}]")
        for seal in one.seals:
            self._used.add(seal.number)
            if seal.state in (AFFIXED, INTACT):
                self.in_place[seal.number] = one.reference
            else:
                self.in_place.pop(seal.number, None)
        return found

    def _missing(self, seals: Sequence[SealSaid]) -> Iterator[Finding]:
        """Yield the seals in place that a control says nothing of."""
        named = {one.number for one in seals}
        for number, by in self.in_place.items():
            if number not in named:
                yield finding("CONTROL-SEAL-UNNAMED", path="seals", expected=f"{number}, of control {by}")

    def _judge(self, one: Result, seal: SealSaid, path: str) -> Iterator[Finding]:
        """Yield what is wrong with what a control says of one seal."""
        if seal.state == AFFIXED:
            if seal.number in self._used:
                yield finding(
                    "CONTROL-SEAL-CHAIN", path=path, expected="a number not used before", actual=seal.number
                )
        elif seal.number not in self.in_place:
            expected = ", ".join(self.in_place) or "no seal is in place"
            yield finding("CONTROL-SEAL-CHAIN", path=path, expected=expected, actual=seal.number)
        elif seal.state in (BROKEN, REPLACED):
            code = "CONTROL-SEAL-FOUND-BROKEN" if one.result == DISCREPANCY else "CONTROL-SEAL-BROKEN"
            yield finding(
                code,
                path=path,
                expected=f"intact since control {self.in_place[seal.number]}",
                actual=seal.state,
            )


def check_chain(results: Iterable[Result], reference: str) -> list[Finding]:
    """Return what does not fit in the chain of results, in order of time, from the one of a reference on."""
    chain, found, reached = Chain(), [], False
    for one in results:
        reached = reached or one.reference == reference
        for each in chain.add(one):
            if reached:
                where = "" if one.reference == reference else f"control {one.reference}"
                found.append(
                    finding(
                        each.code, path=each.path, position=where, expected=each.expected, actual=each.actual
                    )
                )
    return found


def _repeated(seals: Sequence[SealSaid]) -> Iterator[Finding]:
    """Yield the seals that a control names twice."""
    seen: set[str] = set()
    for place, one in enumerate(seals):
        if one.number in seen:
            yield finding(
                "CONTROL-SEAL-CHAIN", path=f"seals[{place}]", expected="each number once", actual=one.number
            )
        seen.add(one.number)
