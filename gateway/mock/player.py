# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer what partners send: as customs assess items, as a post answer referrals.

What it says goes in by the intake of its own gateway like anybody's message, and leaves signed, logged and
under agreements. References name item and turn, so a mock that starts anew repeats itself without effect.
"""

import asyncio
from collections.abc import Sequence

import structlog

from gateway.bootstrap import Steps
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.exchange.forward import accepted_records
from gateway.exchange.rows import InboundRow
from gateway.mock.switches import Switches
from gateway.model import Answer, Assessment, Item, Release, ReleaseFunction, Request, Screening
from gateway.sdk import Adapter

LOOK_SECONDS = 0.1
AT_ONCE = 64
ADAPTER = "ead_json"
_log = structlog.get_logger()


class Player:
    """One mock partner at its own gateway."""

    def __init__(self, role: str, steps: Steps, adapter: Adapter, clock: Clock, switches: Switches) -> None:
        """Play customs or post; `adapter` writes what it says."""
        self._plays = {"customs": self._assess, "post": self._reply}[role]
        self._organisation = steps.sealer.organisation
        self._steps = steps
        self._adapter = adapter
        self._clock = clock
        self._switches = switches
        self._cursor = 0
        self._turns: dict[str, int] = {}

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            try:
                rows = await self._steps.store.read(lambda tx: tx.inbound_after(self._cursor, AT_ONCE))
                for row in rows:
                    await self._take(row)
                    self._cursor = row.id
            except GatewayError as error:
                _log.error("mock.failed", error=str(error))
                rows = []
            if not rows:
                await asyncio.sleep(LOOK_SECONDS)

    async def _take(self, row: InboundRow) -> None:
        """Answer one received batch."""
        said: list[Item] = []
        for record in accepted_records(row):
            if isinstance(record, Release) and record.function is not ReleaseFunction.CANCELLATION:
                answer = self._plays(record.item)
                said += [] if answer is None else [answer]
        if said:
            await asyncio.sleep(self._switches.delay)
            await self._say(said)

    async def _say(self, items: Sequence[Item]) -> None:
        """Send records in by our own intake."""
        raw = self._adapter.encode("EAD", items, self._clock()).body
        done = await self._steps.intake.submit(raw, source="mock", submitter="mock", adapter=ADAPTER)
        _log.info("mock.said", records=len(items), outcome=done.outcome, accepted=done.accepted)

    def _assess(self, item: Item) -> Item | None:
        """Return what customs says of an item, or of an answer about it."""
        number = item.tracking_number
        if number is None or item.event is not None or item.dispatch is not None:
            return None
        turn = self._turns.get(number, 0)
        outcome = self._switches.outcome(number, turn)
        if not outcome:
            return None
        self._turns[number] = turn + 1
        asks = outcome in ("rfi", "rfs", "amend", "dnl")
        reference = f"MOCK-{number}-{turn}"
        return Item(
            tracking_number=number,
            posting_date=item.posting_date,
            assessment=Assessment(
                reference=reference,
                authority=self._organisation,
                phase="pre_loading",
                outcome=outcome,
                at=self._clock(),
                referral=reference if asks else None,
                requests=(Request(code="RFI", path="content[].description"),) if outcome == "rfi" else (),
                screenings=(Screening(method="XRY"),) if outcome == "rfs" else (),
            ),
        )

    def _reply(self, item: Item) -> Item | None:
        """Return what a post answers to a referral."""
        said, number = item.assessment, item.tracking_number
        if said is None or number is None or said.outcome not in ("rfi", "rfs", "amend"):
            return None
        if self._switches.draws(self._switches.silence, f"silence|{number}"):
            return None
        screening = said.outcome == "rfs"
        return Item(
            tracking_number=number,
            posting_date=item.posting_date,
            answer=Answer(
                referral=said.referral,
                kind="screening" if screening else "amendment" if said.outcome == "amend" else "data",
                at=self._clock(),
                by=self._organisation,
                text=None if screening else "mock answer",
                result="clear" if screening else None,
                screenings=said.screenings if screening else (),
            ),
        )
