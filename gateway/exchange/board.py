# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The board: how it stands with every partner, in kept counts and the heads of indexes.

Nothing is counted by walking rows, so that it costs the same with ten items and with ten million. Rates are
those of the batches of the last minutes, of the newest ones if there are too many.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from gateway.clock import Clock, milliseconds
from gateway.exchange.listing import Group, Line, lanes, list_state, list_waiting, waiting_groups
from gateway.exchange.page import Page, page_size
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import ChannelRow
from gateway.finding import Finding, finding

WINDOW_SECONDS = 300
NEWEST_BATCHES = 500
OLD_SECONDS = 300.0
_COURIERS = {"open-circuit": "BOARD-CIRCUIT-OPEN", "pausing": "BOARD-PAUSING"}


class Number(msgspec.Struct, frozen=True):
    """A count, and the path of the list behind it."""

    count: int
    list: str


class PartnerBoard(msgspec.Struct, frozen=True, kw_only=True, rename={"taken": "in", "out": "out"}):
    """How it stands with one partner.

    `out` is what left and was not rejected, `accepted` the part of it that has its receipt; `rejected` is by
    the partner or because it could not be treated; `ready` may leave, `waiting` lacks fields. Ages are in
    seconds, 0 of nothing; rates in records per second. `health` is ok, warn or fail; `findings` say why.
    """

    partner: str
    taken: Number
    out: Number
    accepted: Number
    rejected: Number
    ready: Number
    waiting: Number
    oldest_waiting_seconds: float
    oldest_ready_seconds: float
    rate_in: float
    rate_out: float
    health: str
    findings: tuple[Finding, ...]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """All partners at one moment, in milliseconds."""

    at: int
    window_seconds: int
    partners: tuple[PartnerBoard, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """One look at the store."""

    tx: Transaction
    counts: Mapping[str, int]
    now: int


class Boards:
    """The board and the lists behind it.

    `partners` names those that are known, `trouble` says what trust and agreements find wrong with one, and
    `couriers` is a live view of what the couriers of this process are doing.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        partners: Callable[[], Iterable[str]],
        trouble: Callable[[str], Sequence[Finding]],
        couriers: Mapping[str, str],
    ) -> None:
        """Take the doors."""
        self._store = store
        self._clock = clock
        self._partners = partners
        self._trouble = trouble
        self._couriers = couriers

    async def board(self) -> Board:
        """Return how it stands with every partner."""
        now = milliseconds(self._clock())
        known = sorted(set(self._partners()))
        return await self._store.read(lambda tx: self._board(tx, known, now))

    async def items(self, partner: str, state: str, *, after: str, limit: int) -> Page[Line]:
        """Return a page of the list behind a number.

        Raises:
            InputError: there is no such list, the cursor is none, or the page is too large.
        """
        size = page_size(limit)
        return await self._store.read(lambda tx: list_state(tx, partner, state, after=after, limit=size))

    async def waiting(self) -> list[Group]:
        """Return what waits, in groups of one channel and the same missing fields."""
        return await self._store.read(lambda tx: waiting_groups(tx, sorted(lanes(tx).items())))

    async def waiting_items(
        self, channel: str, missing: Sequence[str], *, after: str, limit: int
    ) -> Page[Line]:
        """Return a page of one such group.

        Raises:
            InputError: the cursor is none, or the page is too large.
        """
        size = page_size(limit)
        return await self._store.read(lambda tx: list_waiting(tx, channel, missing, after=after, limit=size))

    def _board(self, tx: Transaction, known: Sequence[str], now: int) -> Board:
        """Read the board."""
        rows, out = tx.channels(), lanes(tx)
        view = _View(tx, tx.counts(), now)
        names = sorted({*known, *(one.partner for one in rows), *out.values()})
        return Board(
            at=now,
            window_seconds=WINDOW_SECONDS,
            partners=tuple(
                self._partner(
                    view,
                    name,
                    [one for one in rows if one.partner == name],
                    sorted(lane for lane, whose in out.items() if whose == name),
                )
                for name in names
            ),
        )

    def _partner(
        self, view: "_View", partner: str, rows: Sequence[ChannelRow], out: Sequence[str]
    ) -> PartnerBoard:
        """Read what concerns one partner."""
        tx, counts, now = view.tx, view.counts, view.now

        def number(state: str, *kinds: str, lanes: Sequence[str] = out) -> Number:
            total = sum(counts.get(f"{kind}:{lane}", 0) for kind in kinds for lane in lanes)
            return Number(total, f"/v1/partners/{quote(partner, safe='')}/items?state={state}")

        incoming = [one.name for one in rows if one.direction == "in"]
        waiting = [one.oldest_at for one in waiting_groups(tx, [(lane, partner) for lane in out])]
        heads = [head.updated_at for lane in out for head in tx.list_ready(lane, 0, 1)]
        ready_seconds = _age(heads, now)
        found = [*self._lanes(rows, ready_seconds), *self._trouble(partner)]
        return PartnerBoard(
            partner=partner,
            taken=number(
                "in",
                *(f"inbound_records.{one}" for one in ("accepted", "forwarded", "rejected", "erased")),
                lanes=incoming,
            ),
            out=number("out", "shares.batched", "shares.accepted"),
            accepted=number("accepted", "shares.accepted"),
            rejected=number("rejected", "shares.rejected"),
            ready=number("ready", "shares.ready"),
            waiting=number("waiting", "shares.waiting"),
            oldest_waiting_seconds=_age(waiting, now),
            oldest_ready_seconds=ready_seconds,
            rate_in=_rate([tx.recent("in", lane, NEWEST_BATCHES) for lane in incoming], now),
            rate_out=_rate([tx.recent("out", lane, NEWEST_BATCHES) for lane in out], now),
            health=_health(found),
            findings=tuple(found),
        )

    def _lanes(self, rows: Sequence[ChannelRow], ready_seconds: float) -> list[Finding]:
        """Return what is wrong on the channels with a partner."""
        found = []
        for one in rows:
            if one.stopped:
                found.append(finding("BOARD-CHANNEL-STOPPED", path=one.name, actual=one.stopped))
            code = _COURIERS.get(str(self._couriers.get(one.name, "")), "")
            if code and one.direction == "out":
                found.append(finding(code, path=one.name))
        if ready_seconds > OLD_SECONDS:
            found.append(finding("BOARD-OLDEST", actual=f"{ready_seconds:.0f} s"))
        return found


def _age(times: Sequence[int], now: int) -> float:
    """Return how long ago the first of some moments was, in seconds."""
    return max(0.0, (now - min(times)) / 1000) if times else 0.0


def _rate(lanes: Sequence[Sequence[tuple[int, int]]], now: int) -> float:
    """Return records per second over the window, over what the newest batches span if there are more."""
    total = 0.0
    for batches in lanes:
        recent = [(count, at) for count, at in batches if at > now - WINDOW_SECONDS * 1000]
        span = WINDOW_SECONDS * 1000
        if len(recent) == NEWEST_BATCHES:
            span = max(1, now - recent[-1][1])
        total += sum(count for count, _ in recent) * 1000 / span
    return round(total, 3)


def _health(found: Sequence[Finding]) -> str:
    """Return the state that findings make."""
    severities = {one.severity for one in found}
    return "fail" if "error" in severities else "warn" if "warning" in severities else "ok"
