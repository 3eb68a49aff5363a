# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Have the anchor log stamped by a time-stamp authority, and hold intake while that is overdue.

The rules:

1. Stamped is the signed note of the newest published checkpoint of the anchor log, exact bytes as published.
   What it includes existed before the time of the stamp.
2. Each checkpoint is stamped at most once, and at most one in `interval_seconds`; a later one covers those
   before it, since the log is consistent. What is stamped is read from the store, so a restart goes on.
3. A failure is tried again, with pauses that double up to `LONGEST_PAUSE`.
4. Overdue is a published checkpoint that no stamp covers after `max_age_seconds`. An anchor log that does not
   grow, wholly stamped, is never overdue, however old its stamp: there is nothing new to prove, and a quiet
   night must not close intake.
5. Overdue raises an alarm; with `required`, intake refuses everything until a stamp has come.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog

from gateway.clock import Clock, milliseconds
from gateway.config import Timestamp
from gateway.envelope.timestamp import Rules, make_query, read_rules, verify_reply
from gateway.errors import ConfigError, GatewayError
from gateway.exchange.intake import Closed
from gateway.exchange.log_ports import Stamps, TimeAuthority
from gateway.exchange.log_rows import PublishedRow, StampRow
from gateway.finding import Finding, finding

OFF, BEST_EFFORT, REQUIRED = "off", "best-effort", "required"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOOK_SECONDS = 1.0
RETRY_SECONDS = 30
_log = structlog.get_logger()


def check_settings(settings: Timestamp) -> Rules:
    """Return whose stamps count, by the settings of a node that wants stamps.

    Raises:
        ConfigError: a setting is wrong or missing.
    """
    if settings.mode not in (BEST_EFFORT, REQUIRED):
        raise ConfigError(f"timestamp.mode must be {OFF}, {BEST_EFFORT} or {REQUIRED}")
    if not settings.url or not settings.trust:
        raise ConfigError(f"timestamp.mode {settings.mode} needs timestamp.url and timestamp.trust")
    if not 0 < settings.interval_seconds < settings.max_age_seconds:
        raise ConfigError("timestamp.max_age_seconds must be longer than timestamp.interval_seconds")
    if settings.timeout_seconds <= 0 or settings.tolerance_seconds <= 0 or settings.max_reply_bytes <= 0:
        raise ConfigError("timestamp.timeout_seconds, tolerance_seconds and max_reply_bytes must be above 0")
    tolerance = timedelta(seconds=settings.tolerance_seconds)
    return read_rules([Path(settings.trust)], policy=settings.policy, tolerance=tolerance)


class StampWatch:
    """Whether the stamps of one log are overdue, as its store says; looks at most once a second."""

    def __init__(
        self,
        log: str,
        *,
        stamps: Stamps,
        clock: Clock,
        settings: Timestamp,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch the anchor log; `tick` is a clock that never goes back."""
        self._log = log
        self._stamps = stamps
        self._clock = clock
        self._required = settings.mode == REQUIRED
        self._most = settings.max_age_seconds
        self._tick = tick
        self._looked = float("-inf")
        self._found: Finding | None = None
        self._turn = asyncio.Lock()  # guards both: nobody goes by what was found before

    async def admit(self) -> None:
        """Let a message in, unless stamps are required and overdue.

        Raises:
            Closed: they are.
        """
        if self._required and (found := await self.overdue()) is not None:
            raise Closed("a time stamp is overdue", found, RETRY_SECONDS)

    async def overdue(self) -> Finding | None:
        """Return the finding of an overdue stamp."""
        async with self._turn:
            now = self._tick()
            if now - self._looked >= LOOK_SECONDS:
                self._found = await asyncio.to_thread(self._look)
                self._looked = now
            return self._found

    def forget(self) -> None:
        """Look anew at the next question."""
        self._looked = float("-inf")

    def _look(self) -> Finding | None:
        """Ask the store."""
        since = self._stamps.waiting_since(self._log)
        waited = 0.0 if since is None else (milliseconds(self._clock()) - since) / 1000
        if waited <= self._most:
            return None
        return finding(
            "STAMP-OVERDUE", path=self._log, expected=f"within {self._most:g} s", actual=f"{waited:.0f} s"
        )


class Stamper:
    """The stamping of one anchor log."""

    def __init__(
        self,
        log: str,
        *,
        stamps: Stamps,
        authority: TimeAuthority,
        rules: Rules,
        watch: StampWatch,
        clock: Clock,
        settings: Timestamp,
    ) -> None:
        """Take the doors."""
        self._name = log
        self._stamps = stamps
        self._authority = authority
        self._rules = rules
        self._watch = watch
        self._clock = clock
        self._seconds = settings.interval_seconds
        self._pause = FIRST_PAUSE
        self._overdue = False

    async def run(self) -> None:
        """Stamp until cancelled."""
        while True:
            pause = await self.turn()
            await asyncio.sleep(pause)

    async def turn(self) -> float:
        """Stamp if it is time, say whether stamps are overdue; return the seconds until the next turn."""
        try:
            await self.stamp()
            self._pause, pause = FIRST_PAUSE, LOOK_SECONDS
        except GatewayError as error:
            codes = [one.code for one in error.findings]
            _log.warning("stamp.failed", log=self._name, codes=codes, error=str(error), pause=self._pause)
            pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        with contextlib.suppress(GatewayError):  # a store that fails has said so above
            await self._tell()
        return pause

    async def stamp(self) -> bool:
        """Have the newest published checkpoint stamped if it is time; say whether it was.

        Raises:
            GatewayError: the authority does not answer, its answer does not hold, or the store fails.
        """
        row = await asyncio.to_thread(self._due)
        if row is None:
            return False
        query = make_query(row.note)
        reply = await self._authority.ask(query.der)
        now = self._clock()
        stamp = await asyncio.to_thread(verify_reply, reply, query, row.note, self._rules, now)
        kept = StampRow(
            origin=row.origin,
            size=row.size,
            reply=reply,
            stamped_at=milliseconds(stamp.at),
            received_at=milliseconds(now),
        )
        added = await asyncio.to_thread(self._stamps.add_stamp, kept)
        self._watch.forget()
        if added:
            _log.info("stamp.made", log=row.origin, size=row.size, at=stamp.at.isoformat())
        return added

    def _due(self) -> PublishedRow | None:
        """Return the checkpoint to be stamped now."""
        newest, last = self._stamps.newest(self._name), self._stamps.newest_stamp(self._name)
        if newest is None or last is None:
            return newest
        age = (milliseconds(self._clock()) - last.received_at) / 1000
        return newest if newest.size > last.size and not 0 <= age < self._seconds else None

    async def _tell(self) -> None:
        """Raise the alarm once when stamps become overdue, and say when they are no more."""
        found = await self._watch.overdue()
        if found is not None and not self._overdue:
            _log.error("stamp.overdue", codes=[found.code], waited=found.actual, remedy=found.remedy)
        if found is None and self._overdue:
            _log.warning("stamp.recovered", log=self._name)
        self._overdue = found is not None
