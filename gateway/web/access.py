# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who may use the HTTP face: bearer tokens (RFC 6750), or this machine only where none are configured.

A bearer token is a key (`gateway.admission`) or stands in a token file (`token_file`).
What a caller may use is in the table of permissions (`gateway.access`); a route that it omits is closed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.access import PUBLIC, Caller, Names, Role, permissions
from gateway.admission import Door, TooManyLogins
from gateway.finding import finding
from gateway.metrics import Metrics
from gateway.web.problems import problem
from gateway.web.source import Sources, is_loopback
from gateway.web.turns import Turns

LOG_PATHS = "/tlog/"
# Pages hold nothing themselves: what they show they ask of the routes here, with the token of their reader.
CONSOLE_PATHS = "/console"
# Who tries what needs one of these and may not is entered in the log; who may has so many turns a minute.
ENTERED = frozenset({"access.change", "items.reveal"})
# Posts there bring a secret in their body.
SECRETS = "/v1/access/"
# Public, but no secret: a login that begins says nothing about who begins it.
LOGINS = "/v1/access/logins"
GOOD, WRONG = 201, 401
LOCKOUTS, TURNED_AWAY = "gateway_lockouts_total", "gateway_turned_away_total"
LATER = ("ACCESS-LOCKED", "ACCESS-REQUESTS", "ACCESS-RATE", "ACCESS-OIDC-BUSY")
BUSY_SECONDS = 5
CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
ADDRESS: web.RequestKey[str] = web.RequestKey("address", str)
SUBMITTER: web.RequestKey[str] = web.RequestKey("submitter", str)
READER: web.RequestKey[str] = web.RequestKey("reader", str)


@dataclass(frozen=True, slots=True)
class Guard:
    """What admits holders of a token; without tokens, this machine only.

    `log_tokens` are those of partners; they are good for the logs alone. `names` says which role a name has.
    `door` knows who holds a key. `sources` tell the addresses of those who ask, `turns` how often a name may;
    `metrics` count who is turned away.
    """

    tokens: Mapping[bytes, str] | None
    log_tokens: Mapping[bytes, str] | None
    names: Names
    door: Door | None
    sources: Sources
    turns: Turns
    metrics: Metrics

    def __post_init__(self) -> None:
        """Show what is counted here before there is any."""
        self.metrics.begin(LOCKOUTS)
        for code in LATER:
            self.metrics.begin(TURNED_AWAY, code)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or say why it is not answered."""
        needed = _needed(request)
        address = request[ADDRESS] = self.sources.of(request)
        if (seconds := self._locked_out(request, address)) > 0:
            return self._later("ACCESS-LOCKED", seconds)
        if needed == PUBLIC:
            return await self._judged(request, handler, address)
        if self.tokens is not None and (request.path + "/").startswith(CONSOLE_PATHS + "/"):
            return await handler(request)
        caller = await self._known(request)
        if bearer(request):
            await self._count(address, bearer(request), good=caller is not None)
        if caller is None:
            return problem(401, (finding("WEB-UNAUTHORISED"),), close=True)
        refused = self._too_often(caller) or await self._refused(request, caller, needed)
        if refused is not None:
            return refused
        request[CALLER] = caller
        request[READER if caller.role == Role.PARTNER else SUBMITTER] = caller.name
        return await handler(request)

    async def _known(self, request: web.Request) -> Caller | None:
        """Return who calls; what has the form of a key is nothing else, good or not."""
        partner = _partner(request, self.log_tokens)
        if partner is not None:
            return partner
        if self.door is not None and self.door.is_key(bearer(request)):
            return await self.door.caller(bearer(request), self.names)
        if self.tokens is not None:
            return _holder(request, self.tokens, self.names)
        return None if _claims(request, self.log_tokens) else _local(request)

    def _locked_out(self, request: web.Request, address: str) -> int:
        """Return for how long who brings a secret from an address must wait."""
        brings = bool(bearer(request)) or _has_secret_inside(request)
        return self.door.locked_out(address) if self.door is not None and brings else 0

    async def _judged(self, request: web.Request, handler: Handler, address: str) -> web.StreamResponse:
        """Let a handler judge the secret in a body, if there is one, and count what it says."""
        try:
            answer = await handler(request)
        except TooManyLogins:
            return self._later("ACCESS-OIDC-BUSY", BUSY_SECONDS)
        judges = _has_secret_inside(request) and request.path != LOGINS
        if judges and answer.status in (GOOD, WRONG):
            await self._count(address, "", good=answer.status == GOOD)
        return answer

    async def _count(self, address: str, text: str, *, good: bool) -> None:
        """Count a secret from an address."""
        if self.door is not None and good:
            self.door.came_in(address)
        elif self.door is not None and await self.door.failed(address, text):
            self.metrics.count(LOCKOUTS)

    def _too_often(self, caller: Caller) -> web.Response | None:
        """Return the answer to a name that has no turn left; this machine itself has no need of one."""
        seconds = 0 if caller.role == Role.LOCAL else self.turns.late(caller.name)
        return self._later("ACCESS-REQUESTS", seconds) if seconds else None

    async def _refused(self, request: web.Request, caller: Caller, needed: str) -> web.Response | None:
        """Return the answer to a caller who may not do this, or not now."""
        # What is routed nowhere is not found, or not by this method; only who is known is told so.
        if request.match_info.http_exception is not None:
            return None
        enters = self.door if needed in ENTERED else None
        if caller.may(needed):
            if enters is None or not (seconds := enters.late(caller.name)):
                return None
            return self._later("ACCESS-RATE", seconds)
        if enters is not None:
            await enters.turned_away(caller.name, _route(request), needed)
        return problem(403, (finding("WEB-FORBIDDEN", path=needed),), close=True)

    def _later(self, code: str, seconds: int) -> web.Response:
        """Return the answer to who comes too early, and count it."""
        self.metrics.count(TURNED_AWAY, code)
        answer = problem(429, (finding(code),), close=True)
        answer.headers["Retry-After"] = str(seconds)
        return answer


def access(guard: Guard) -> Middleware:
    """Return the middleware of a guard."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.answer(request, handler)

    return check


def _needed(request: web.Request) -> str:
    """Return the permission that the route of a request needs, empty if none is known."""
    resource = request.match_info.route.resource
    return permissions().of_route(request.method, resource.canonical) if resource is not None else ""


def _route(request: web.Request) -> str:
    """Return method and pattern of a request that is routed."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical}" if resource is not None else request.method


def _has_secret_inside(request: web.Request) -> bool:
    """Say whether a request brings a secret in its body."""
    return request.method == "POST" and request.path.startswith(SECRETS)


def bearer(request: web.Request) -> str:
    """Return the bearer token of a request, empty if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _partner(request: web.Request, log_tokens: Mapping[bytes, str] | None) -> Caller | None:
    """Return the partner that reads its log."""
    if not log_tokens or not request.path.startswith(LOG_PATHS):
        return None
    reader = _bearer(request, log_tokens)
    return Caller(reader, Role.PARTNER) if reader else None


def _claims(request: web.Request, log_tokens: Mapping[bytes, str] | None) -> bool:
    """Say whether a request wants to be a partner's: then it is nobody else's."""
    return bool(log_tokens) and request.path.startswith(LOG_PATHS) and "Authorization" in request.headers


def _holder(request: web.Request, tokens: Mapping[bytes, str], names: Names) -> Caller | None:
    """Return who holds the token of a request."""
    name = _bearer(request, tokens)
    return names.caller(name) if name else None


def _bearer(request: web.Request, tokens: Mapping[bytes, str]) -> str:
    """Return the submitter of a known token; the time it takes says nothing about tokens."""
    token = bearer(request)
    digest = hashlib.sha256(token.encode()).digest()
    found = ""
    for known, name in tokens.items():
        if hmac.compare_digest(known, digest):
            found = name
    return found if token else ""


def _local(request: web.Request) -> Caller | None:
    """Return a caller if the connection comes from this machine and names it.

    The Host check keeps a web page in a browser here from reaching in under a name of its own.
    """
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    host = request.url.host or ""
    here = peer and is_loopback(peer[0]) and (host == "localhost" or is_loopback(host))
    return Caller("local", Role.LOCAL) if here else None
