# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer a referral: a form whose words go in as a message of the reader, like any other message."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

from gateway.console.api import Api
from gateway.console.rendering import Pages, go_to
from gateway.console.views import needed, needed_findings, tracking_of

KINDS = {"rfi": "data", "rfs": "screening", "amend": "amendment"}
RESULTS = ("", "clear", "alarm", "not_possible")
ADAPTER = "ead_json"


class Answers:
    """The page of one referral."""

    def __init__(self, api: Api, pages: Pages, organisation: str) -> None:
        """Take the interface, the templates, and who answers."""
        self._api = api
        self._pages = pages
        self._organisation = organisation

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/referrals/{tracking}/{id}", self.show),
            web.post("/referrals/{tracking}/{id}", self.send),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Ask for the answer."""
        return self._show(request, await self._referral(request), told=())

    async def send(self, request: web.Request) -> web.Response:
        """Send the answer in."""
        row, form = await self._referral(request), await request.post()
        said = {name: str(value).strip() for name, value in form.items() if str(value).strip()}
        message = answer_message(row, said, by=self._organisation, now=datetime.now(UTC))
        reply = await self._api.post(request, "/v1/messages", message, adapter=ADAPTER)
        if not reply.good:
            return self._show(request, row, told=needed_findings(reply, also=(403,)))
        records = reply.body.get("records", ())
        told = [*reply.body.get("findings", ()), *(it for one in records for it in one["findings"])]
        taken = reply.headers.get("X-Gateway-Outcome") == "accepted"
        if told or not taken:
            return self._show(request, await self._referral(request), told=told, taken=taken)
        return go_to("/console/referrals?state=answered&done=yes")

    async def _referral(self, request: web.Request) -> dict[str, Any]:
        """Return the referral that the path names."""
        rows = needed(await self._api.get(request, f"/v1/items/{tracking_of(request)}/referrals"))
        wanted = request.match_info["id"]
        found: dict[str, Any] | None = next((one for one in rows if str(one["id"]) == wanted), None)
        if found is None:
            raise web.HTTPNotFound
        return found

    def _show(
        self, request: web.Request, row: Mapping[str, Any], *, told: Any, taken: bool = False
    ) -> web.Response:
        """Show the form with what was said of the last try."""
        chosen = KINDS.get(str(row["kind"]), "data")
        path = f"/console/referrals/{quote(str(row['tracking_number']), safe='')}/{row['id']}"
        return self._pages.show(
            request,
            "answer",
            row=row,
            told=told,
            taken=taken,
            path=path,
            kinds=tuple(KINDS.values()),
            chosen=chosen,
            results=RESULTS,
        )


def answer_message(
    row: Mapping[str, Any], said: Mapping[str, str], *, by: str, now: datetime
) -> dict[str, Any]:
    """Return an answer as a message of the plain form; what was not said is not in it."""
    group: dict[str, Any] = {"referral": row["referral"], "by": by, "kind": said.get("kind", "")}
    group |= {name: said[name] for name in ("text", "result") if name in said}
    if "method" in said:
        group["screenings"] = [{"method": said["method"]}]
    number = str(uuid.uuid4())
    data = {"tracking_number": row["tracking_number"], "answer": group}
    if row.get("posting_date"):
        data["posting_date"] = row["posting_date"]
    record = {"kind": "answer", "function": "new", "reference": number, "data": data}
    return {
        "ead_json": 1,
        "sender": by,
        "message_id": f"console-{number}",
        "issued_at": now.isoformat(),
        "records": [record],
    }
