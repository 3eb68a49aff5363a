# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who may use the HTTP face: bearer tokens (RFC 6750), or this machine only where none are configured.

A bearer token is a key (`gateway.admission`) or stands in a token file.

A token file has one token per line, optionally after the name of its submitter; `#` begins a comment line.
What a caller may use is in the table of permissions (`gateway.access`); a route that it omits is closed.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.access import PUBLIC, Caller, Names, Role, permissions
from gateway.admission import Door
from gateway.errors import ConfigError
from gateway.finding import finding
from gateway.web.problems import problem

SHORTEST_TOKEN = 16
LOG_PATHS = "/tlog/"
# Pages hold nothing themselves: what they show they ask of the routes here, with the token of their reader.
CONSOLE_PATHS = "/console"
# Who tries what needs one of these and may not is entered in the log; who may has so many turns a minute.
ENTERED = frozenset({"access.change", "items.reveal"})
CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
SUBMITTER: web.RequestKey[str] = web.RequestKey("submitter", str)
READER: web.RequestKey[str] = web.RequestKey("reader", str)


def load_tokens(path: Path) -> Mapping[bytes, str]:
    """Return submitter names by SHA-256 of their token.

    Raises:
        ConfigError: the file cannot be read, is open to others, or holds no token, a short one or one twice.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path.name} is open to others; run chmod 600 on it")
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read {path.name}: {error.strerror}") from error
    tokens: dict[bytes, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        name, token = words if len(words) > 1 else ("http", words[0])
        digest = hashlib.sha256(token.encode()).digest()
        if len(token) < SHORTEST_TOKEN or digest in tokens:
            raise ConfigError(
                f"{path.name} line {number}: a token under {SHORTEST_TOKEN} characters, or twice"
            )
        tokens[digest] = name
    if not tokens:
        raise ConfigError(f"{path.name} holds no token")
    return tokens


def access(
    tokens: Mapping[bytes, str] | None,
    log_tokens: Mapping[bytes, str] | None = None,
    names: Names = Names(),  # noqa: B008 - it holds nothing
    door: Door | None = None,
) -> Middleware:
    """Return the middleware that admits holders of a token; without tokens, this machine only.

    `log_tokens` are those of partners; they are good for the logs alone. `names` says which role a name has.
    `door` knows who holds a key.
    """

    async def known(request: web.Request) -> Caller | None:
        """Return who calls; what has the form of a key is nothing else, good or not."""
        partner = _partner(request, log_tokens)
        if partner is not None:
            return partner
        if door is not None and door.is_key(bearer(request)):
            return await door.caller(bearer(request), names)
        if tokens is not None:
            return _holder(request, tokens, names)
        return None if _claims(request, log_tokens) else _local(request)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        needed = _needed(request)
        if needed == PUBLIC:
            return await handler(request)
        if tokens is not None and (request.path + "/").startswith(CONSOLE_PATHS + "/"):
            return await handler(request)
        caller = await known(request)
        if caller is None:
            return problem(401, (finding("WEB-UNAUTHORISED"),), close=True)
        refused = await _refused(request, caller, needed, door)
        if refused is not None:
            return refused
        request[CALLER] = caller
        request[READER if caller.role == Role.PARTNER else SUBMITTER] = caller.name
        return await handler(request)

    return check


def _needed(request: web.Request) -> str:
    """Return the permission that the route of a request needs, empty if none is known."""
    resource = request.match_info.route.resource
    return permissions().of_route(request.method, resource.canonical) if resource is not None else ""


def _route(request: web.Request) -> str:
    """Return method and pattern of a request that is routed."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical}" if resource is not None else request.method


async def _refused(
    request: web.Request, caller: Caller, needed: str, door: Door | None
) -> web.Response | None:
    """Return the answer to a caller who may not do this, or not now."""
    # What is routed nowhere is not found, or not by this method; only who is known is told so.
    if request.match_info.http_exception is not None:
        return None
    enters = door if needed in ENTERED else None
    if caller.may(needed):
        if enters is None or not (seconds := enters.late(caller.name)):
            return None
        answer = problem(429, (finding("ACCESS-RATE"),), close=True)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    if enters is not None:
        await enters.turned_away(caller.name, _route(request), needed)
    return problem(403, (finding("WEB-FORBIDDEN", path=needed),), close=True)


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
    here = peer and _loopback(peer[0]) and (host == "localhost" or _loopback(host))
    return Caller("local", Role.LOCAL) if here else None


def _loopback(address: str) -> bool:
    """Say whether an address is one of this machine only."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
