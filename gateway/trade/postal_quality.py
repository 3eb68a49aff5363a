# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How complete and how timely the postal data of a partner are over a span of time.

Items are told apart by number and posting date, and matched between item data, dispatches and events. Times
are those at which batches reached the other side, in milliseconds; those of movements are what they state.
Figures that cannot be told, as of nothing, are `None`. Memory grows with the items of the span, about half a
kilobyte each.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.clock import milliseconds, moment
from gateway.exchange.movement import loading
from gateway.exchange.postal_rows import ReferralRow
from gateway.model import Item, Release, ReleaseFunction, is_present

HOUR = 3_600_000
# What CN 22 and CN 23 require of every item that contains goods.
OBLIGATORY = (
    "posting_date",
    "nature_of_transaction",
    "gross_mass.value",
    "sender.name",
    "sender.address.lines",
    "sender.address.city",
    "sender.address.country",
    "addressee.name",
    "addressee.address.lines",
    "addressee.address.city",
    "addressee.address.country",
    "content[].description",
    "content[].quantity.value",
    "content[].net_mass.value",
    "content[].value.amount",
    "content[].value.currency",
)
WANTED = ("content[].hs", "content[].origin_country", "addressee.address.postcode")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The figures of one partner and span; shares from 0 to 1, times in hours.

    `coverage` is the share of moved items with data. The two match rates are item data found in dispatches
    and dispatched items found in item data. `missing` counts items by field that is absent. `days` holds, by
    day, how many items were announced and how many of those came late.
    """

    announced: int
    dispatched: int
    moved: int
    coverage: float | None
    data_in_dispatches: float | None
    dispatches_in_data: float | None
    lead_median: float | None
    lead_tenth: float | None
    late: float | None
    missing: Mapping[str, int]
    duplicates: int
    reused: int
    referrals: Mapping[str, int]
    turnaround_median: float | None
    turnaround_ninetieth: float | None
    unanswered: int
    days: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class _Facts:
    """What is known of one posting."""

    reference: str = ""
    said_at: int = 0
    dispatched: bool = False
    left_at: int = 0


@dataclass(slots=True)
class Tally:
    """The facts of a span, record by record."""

    _items: dict[Key, _Facts] = field(default_factory=dict)
    _missing: Counter[str] = field(default_factory=Counter)
    _duplicates: int = 0

    def add(self, release: Release, at: int) -> None:
        """Take one record that arrived at a time."""
        item = release.item
        if item.event is not None:
            self._event(item)
        elif item.dispatch is not None:
            self._dispatch(item, at)
        elif item.tracking_number and item.assessment is None and item.answer is None:
            self._data(release, item, at)

    def numbers(self) -> list[str]:
        """Return the item numbers that were named."""
        return list(dict.fromkeys(number for number, _ in self._items))

    def figures(self, referrals: Iterable[ReferralRow]) -> Quality:
        """Return the figures, with the referrals about the items."""
        facts = self._joined()
        said = [one for one in facts if one.said_at]
        moved = [one for one in facts if one.left_at]
        both = [one for one in moved if one.said_at]
        dispatched = [one for one in facts if one.dispatched]
        matched = sum(1 for one in dispatched if one.said_at)
        leads = sorted((one.left_at - one.said_at) / HOUR for one in both)
        asked = [one for one in referrals if one.kind != "dnl"]
        answered = sorted((one.answered_at - one.raised_at) / HOUR for one in asked if one.answered_at)
        return Quality(
            announced=len(said),
            dispatched=len(dispatched),
            moved=len(moved),
            coverage=_share(len(both), len(moved)),
            data_in_dispatches=_share(matched, len(said)),
            dispatches_in_data=_share(matched, len(dispatched)),
            lead_median=_quantile(leads, 0.5),
            lead_tenth=_quantile(leads, 0.1),
            late=_share(sum(1 for one in both if one.said_at > one.left_at), len(both)),
            missing=dict(self._missing.most_common()),
            duplicates=self._duplicates,
            reused=len(self._items) - len({number for number, _ in self._items}),
            referrals=dict(Counter(one.kind for one in asked)),
            turnaround_median=_quantile(answered, 0.5),
            turnaround_ninetieth=_quantile(answered, 0.9),
            unanswered=sum(1 for one in asked if one.state == "open"),
            days=_days(said),
        )

    def _data(self, release: Release, item: Item, at: int) -> None:
        """Take item data; an amendment says nothing of the first arrival."""
        facts = self._of(item.tracking_number or "", _day(item))
        if release.function is not ReleaseFunction.ORIGINAL:
            return
        if facts.said_at and facts.reference != release.reference:
            self._duplicates += 1
            return
        facts.said_at, facts.reference = facts.said_at or at, release.reference
        self._missing.update(path for path in (*OBLIGATORY, *WANTED) if not is_present(item, path))

    def _event(self, item: Item) -> None:
        """Take an event; only one that means loading matters here."""
        event = item.event
        if event is not None and event.code in loading()["events"] and item.tracking_number and event.at:
            self._left(self._of(item.tracking_number, _day(item)), milliseconds(event.at))

    def _dispatch(self, item: Item, at: int) -> None:
        """Take a dispatch with the items it names."""
        dispatch = item.dispatch
        if dispatch is None or dispatch.stage not in loading()["stages"]:
            return
        closed = milliseconds(dispatch.closed_at) if dispatch.closed_at else at
        for receptacle in dispatch.receptacles:
            for one in receptacle.items:
                if one.tracking_number:
                    posted = one.posting_date.isoformat() if one.posting_date else ""
                    facts = self._of(one.tracking_number, posted)
                    facts.dispatched = True
                    self._left(facts, closed)

    @staticmethod
    def _left(facts: _Facts, at: int) -> None:
        """Keep the earliest time at which an item left."""
        facts.left_at = min(facts.left_at, at) if facts.left_at else at

    def _of(self, number: str, day: str) -> _Facts:
        """Return the facts of a posting."""
        return self._items.setdefault((number, day), _Facts())

    def _joined(self) -> list[_Facts]:
        """Return the facts with movements that name no posting date joined to the posting of the number."""
        dated: dict[str, list[Key]] = {}
        for key in self._items:
            if key[1]:
                dated.setdefault(key[0], []).append(key)
        joined = []
        for (number, day), facts in self._items.items():
            days = dated.get(number, [])
            if day or not days:
                joined.append(facts)
                continue
            known = self._items[max(days)]
            known.dispatched |= facts.dispatched
            if facts.left_at:
                self._left(known, facts.left_at)
            known.said_at = known.said_at or facts.said_at
        return joined


def _day(item: Item) -> str:
    """Return the posting date of an item, empty if it states none."""
    return item.posting_date.isoformat() if item.posting_date else ""


def _share(part: int, whole: int) -> float | None:
    """Return a share, none of nothing."""
    return part / whole if whole else None


def _quantile(values: Sequence[float], at: float) -> float | None:
    """Return a quantile of sorted values, none of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[round(at * 100) - 1]


def _days(said: Iterable[_Facts]) -> dict[str, tuple[int, int]]:
    """Return by day how many items were announced, and how many of those late."""
    announced: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for one in said:
        day = moment(one.said_at).date().isoformat()
        announced[day] += 1
        late[day] += bool(one.left_at and one.said_at > one.left_at)
    return {day: (announced[day], late[day]) for day in sorted(announced)}
