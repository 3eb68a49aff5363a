# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The states of the referrals of an item, and what an authority does to them; `refer` has the rules. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gateway.exchange.postal_rows import ReferralRow

OPEN, ANSWERED, RELEASED, BLOCKED = "open", "answered", "released", "blocked"
DNL = "dnl"


class Asker(NamedTuple):
    """An authority: the partner that speaks for it, the name it gives itself, and one if it gives none."""

    partner: str
    given: str
    default: str

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.given or self.default

    def asked(self, row: ReferralRow) -> bool:
        """Say whether a referral is its own; a name that one side does not give is no difference."""
        return row.partner == self.partner and (not self.given or row.authority in (self.given, self.default))


class Loop:
    """The referrals of one item while one word of an authority takes effect."""

    def __init__(self, held: Sequence[ReferralRow], asker: Asker, now: int) -> None:
        """Take the referrals as they are."""
        self.asker = asker
        self._before = {row.id: row for row in held}
        self._rows = dict(self._before)
        self._now = now

    def changed(self) -> list[ReferralRow]:
        """Return what is to be written."""
        return [row for key, row in self._rows.items() if row != self._before.get(key)]

    def take_back(self, kind: str, number: str) -> None:
        """Take back a question or a DNL; after the last DNL the others are what they were."""
        for row in self._own(kind, number):
            self._put(row, state=RELEASED, settled_at=self._now)
        if kind == DNL and not self._is_blocked():
            for row in list(self._rows.values()):
                if row.state == BLOCKED:
                    self._put(row, state=ANSWERED if row.answers else OPEN, settled_at=0)

    def release(self) -> None:
        """Release what the authority asked, unless it is blocked."""
        for row in list(self._rows.values()):
            if row.state in (OPEN, ANSWERED) and self.asker.asked(row):
                self._put(row, state=RELEASED, settled_at=self._now)

    def block(self) -> None:
        """Block everything that is not released."""
        for row in list(self._rows.values()):
            if row.state in (OPEN, ANSWERED):
                self._put(row, state=BLOCKED, settled_at=self._now)

    def again(self, kind: str, number: str, due: int) -> bool:
        """Ask once more under a number that is not released yet; false if there is none."""
        own = self._own(kind, number)
        for row in own:
            if row.state == ANSWERED:
                self._put(row, state=OPEN, answered_at=0, answer_by=due, escalated_at=0)
        return bool(own)

    def put_off(self, kind: str, number: str, due: int) -> None:
        """Give a question another time for its answer, if one is said."""
        for row in self._own(kind, number):
            if due and row.answer_by != due:
                self._put(row, answer_by=due, escalated_at=0)

    def raise_(self, row: ReferralRow) -> None:
        """Add a referral; while a DNL stands it is blocked from the start."""
        self._rows[row.id] = row
        if row.kind == DNL or self._is_blocked():
            self._put(row, state=BLOCKED, settled_at=self._now)

    def _own(self, kind: str, number: str) -> list[ReferralRow]:
        """Return the authority's own referrals of a kind and number that are not released."""
        return [
            row
            for row in self._rows.values()
            if (row.kind, row.referral) == (kind, number) and row.state != RELEASED and self.asker.asked(row)
        ]

    def _is_blocked(self) -> bool:
        """Say whether a DNL stands."""
        return any(row.kind == DNL and row.state == BLOCKED for row in self._rows.values())

    def _put(self, row: ReferralRow, **changes: str | int) -> None:
        """Change a referral."""
        self._rows[row.id] = msgspec.structs.replace(row, **changes)
