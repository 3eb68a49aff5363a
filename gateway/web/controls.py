# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/controls: controls before shipment. Reading is for every submitter, acts are for recorders."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.clock import system_clock
from gateway.errors import InputError, PolicyRefusal
from gateway.finding import finding
from gateway.trade.control import Recorded, Result, as_result
from gateway.trade.control_view import Sheet
from gateway.trade.controls import PAGE, Listed
from gateway.trade.masking_acts import mask_listed, mask_recorded, mask_sheet
from gateway.trade.recognition_figures import SIDES, Answer, Question, as_csv, ask
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body

LARGEST_ACT = 256 * 1024
LAST = 2**63 - 1
LONGEST = len(str(LAST))
FILTERS = ("partner", "from", "to", "by", "side", "format")


class Controls(Protocol):
    """The results of our own offices (`trade.controls`)."""

    async def record(self, one: Result, *, actor: str) -> Recorded:
        """Record a result."""

    async def page(self, after: int = 0, limit: int = PAGE) -> Sequence[Listed]:
        """Return versions in the order of recording."""

    async def under(self, bill: str) -> Sequence[Listed]:
        """Return the controls of all items under a master bill."""


class Recognitions(Protocol):
    """What is known and decided of controls (`trade.recognitions`)."""

    async def show(self, number: str) -> Sheet | None:
        """Return everything about the controls of a number."""

    async def decide(self, number: str, *, again: bool = False) -> Sheet:
        """Decide about the controls of an item."""

    async def count(self, question: Question) -> Answer:
        """Count the decisions of a period."""


class ControlPages:
    """The routes of controls; times in seconds."""

    def __init__(
        self,
        controls: Controls | None,
        recognitions: Recognitions | None,
        recorders: Collection[str],
        *,
        body_seconds: float,
        pause_seconds: float,
    ) -> None:
        """Take the steps, if there are any, and the submitters that may act."""
        self._controls = controls
        self._recognitions = recognitions
        self._recorders = recorders
        self._times = {"body_seconds": body_seconds, "pause_seconds": pause_seconds}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; the counts have a name that no number has."""
        return [
            web.get("/v1/controls", self.page),
            web.post("/v1/controls", self.record),
            web.get("/v1/controls-recognised", self.count),
            web.get("/v1/controls/{tracking}", self.show),
            web.post("/v1/controls/{tracking}/decision", self.decide),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page of recorded versions, or with `bill` the controls under a master bill."""
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or int(after[:LONGEST]) > LAST or len(after) > LONGEST:
            found = finding(
                "CONTROL-FORM", path="after", expected="the id of the last one of the page before"
            )
            raise InputError("no place to go on", (found,))
        if "bill" in request.query:
            return _json(mask_listed(await self._recording().under(request.query["bill"])))
        return _json(mask_listed(await self._recording().page(int(after))))

    async def record(self, request: web.Request) -> web.Response:
        """Record a result."""
        actor = self._actor(request)
        body = await read_body(request, LARGEST_ACT, **self._times)
        if isinstance(body, web.Response):
            return body
        kept = await self._recording().record(as_result(body), actor=actor)
        return _json(mask_recorded(kept), 201)

    async def show(self, request: web.Request) -> web.Response:
        """Return everything about the controls of a number."""
        found = await self._knowing().show(request.match_info["tracking"])
        if found is None:
            raise web.HTTPNotFound
        return _json(mask_sheet(found))

    async def decide(self, request: web.Request) -> web.Response:
        """Decide about the controls of a number that partners told of; with `again` anew."""
        self._actor(request)
        again = request.query.get("again", "no")
        if again not in ("yes", "no"):
            found = finding("CONTROL-FORM", path="again", expected="yes or no")
            raise InputError("neither yes nor no", (found,))
        decided = self._knowing().decide(request.match_info["tracking"], again=again == "yes")
        return _json(mask_sheet(await decided))

    async def count(self, request: web.Request) -> web.Response:
        """Count how far controls are recognised."""
        given = request.query
        unknown = sorted(set(given) - set(FILTERS))
        form = given.get("format", "json")
        if unknown or form not in ("json", "csv"):
            expected = ", ".join(FILTERS) if unknown else "json or csv"
            found = finding(
                "RECOGNITION-PERIOD", path=unknown[0][:20] if unknown else "format", expected=expected
            )
            raise InputError("the question cannot be answered", (found,))
        question = ask(
            today=system_clock().date(),
            partner=given.get("partner", ""),
            first=given.get("from", ""),
            last=given.get("to", ""),
            by=given.get("by", "partner"),
            side=given.get("side", SIDES[0]),
        )
        answer = await self._knowing().count(question)
        if form == "csv":
            return web.Response(body=await asyncio.to_thread(as_csv, answer), content_type="text/csv")
        return _json(answer)

    def _recording(self) -> Controls:
        """Return what records."""
        if self._controls is None:
            raise web.HTTPNotFound
        return self._controls

    def _knowing(self) -> Recognitions:
        """Return what knows of partners."""
        if self._recognitions is None:
            raise web.HTTPNotFound
        return self._recognitions

    def _actor(self, request: web.Request) -> str:
        """Return who acts.

        Raises:
            PolicyRefusal: the submitter is no recorder.
        """
        submitter: str = request[SUBMITTER]
        if submitter not in self._recorders:
            raise PolicyRefusal(f"{submitter} is no recorder", (finding("CONTROL-NOT-ALLOWED"),))
        return submitter


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
