# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/enterprises: the register of enterprises. Reading is for every submitter, acts are for registrars."""

import asyncio
from collections.abc import Collection
from datetime import date
from typing import Any, Protocol, TypeVar

import msgspec
from aiohttp import web

from gateway.errors import InputError, PolicyRefusal
from gateway.finding import finding
from gateway.trade.enterprise import Amendment, Registration, Version
from gateway.trade.enterprise_file import MAX_BYTES, as_day, form_finding, read_enterprises
from gateway.trade.enterprises import PAGE, in_force
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body

LARGEST_ACT = 256 * 1024
FORMS = {"text/csv": "csv", "application/json": "json"}
T = TypeVar("T")


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when a registration ends, and what that rests on."""

    valid_from: date
    source: str


class Register(Protocol):
    """The register (`trade.enterprises`)."""

    async def register(self, one: Registration, *, actor: str) -> Version:
        """Register an enterprise."""

    async def change(self, uscc: str, change: Amendment, *, actor: str) -> Version:
        """Add a version."""

    async def withdraw(self, uscc: str, valid_from: date, source: str, *, actor: str) -> Version:
        """End a registration."""

    async def load(self, rows: list[Registration], *, actor: str) -> list[Version]:
        """Register many enterprises."""

    async def history(self, identifier: str) -> list[Version]:
        """Return every version."""

    async def page(self, after: str = "", limit: int = PAGE) -> list[Version]:
        """Return the newest version of each enterprise."""


class EnterprisePages:
    """The routes of the register; times in seconds."""

    def __init__(
        self,
        register: Register | None,
        registrars: Collection[str],
        *,
        body_seconds: float,
        pause_seconds: float,
    ) -> None:
        """Take the register, if there is one, and the submitters that may change it."""
        self._register = register
        self._registrars = registrars
        self._times = {"body_seconds": body_seconds, "pause_seconds": pause_seconds}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/enterprises", self.page),
            web.post("/v1/enterprises", self.register),
            web.post("/v1/enterprises/import", self.load),
            web.get("/v1/enterprises/{identifier:(?!import$)[^{}/]+}", self.history),
            web.post("/v1/enterprises/{identifier}/versions", self.change),
            web.post("/v1/enterprises/{identifier}/withdrawal", self.withdraw),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page of newest versions; `after` is the USCC of the last one of the page before."""
        return _json(await self._there().page(request.query.get("after", "")))

    async def history(self, request: web.Request) -> web.Response:
        """Return every version, or with `on` the one that holds on a day."""
        versions = await self._there().history(request.match_info["identifier"])
        if "on" in request.query:
            versions = in_force(versions, as_day(request.query["on"], "on"))
        if not versions:
            raise web.HTTPNotFound
        return _json(versions)

    async def register(self, request: web.Request) -> web.Response:
        """Register an enterprise."""
        actor = self._actor(request)
        one = await self._read(request, Registration)
        return (
            one
            if isinstance(one, web.Response)
            else _json(await self._there().register(one, actor=actor), 201)
        )

    async def change(self, request: web.Request) -> web.Response:
        """Add a version."""
        actor, uscc = self._actor(request), request.match_info["identifier"]
        change = await self._read(request, Amendment)
        if isinstance(change, web.Response):
            return change
        return _json(await self._there().change(uscc, change, actor=actor), 201)

    async def withdraw(self, request: web.Request) -> web.Response:
        """End a registration."""
        actor, uscc = self._actor(request), request.match_info["identifier"]
        act = await self._read(request, Withdrawal)
        if isinstance(act, web.Response):
            return act
        return _json(await self._there().withdraw(uscc, act.valid_from, act.source, actor=actor), 201)

    async def load(self, request: web.Request) -> web.Response:
        """Register every enterprise of a file, or none."""
        actor = self._actor(request)
        form = FORMS.get(request.content_type)
        if form is None:
            found = finding("ENTERPRISE-FILE", path="Content-Type", expected=" or ".join(FORMS))
            raise InputError("neither CSV nor JSON", (found,))
        body = await read_body(request, MAX_BYTES, **self._times)
        if isinstance(body, web.Response):
            return body
        rows = await asyncio.to_thread(read_enterprises, body, form)
        return _json(await self._there().load(rows, actor=actor), 201)

    def _there(self) -> Register:
        """Return the register."""
        if self._register is None:
            raise web.HTTPNotFound
        return self._register

    def _actor(self, request: web.Request) -> str:
        """Return who acts.

        Raises:
            PolicyRefusal: the submitter is no registrar.
        """
        submitter: str = request[SUBMITTER]
        if submitter not in self._registrars:
            raise PolicyRefusal(f"{submitter} is no registrar", (finding("ENTERPRISE-NOT-ALLOWED"),))
        return submitter

    async def _read(self, request: web.Request, kind: type[T]) -> T | web.Response:
        """Return the body as a record, or the problem with its size."""
        body = await read_body(request, LARGEST_ACT, **self._times)
        if isinstance(body, web.Response):
            return body
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            text = error if isinstance(error, msgspec.MsgspecError) else msgspec.DecodeError("UTF-8")
            raise InputError("not what the act needs", (form_finding(text),)) from None


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
