# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who may use the HTTP face: bearer tokens (RFC 6750), or this machine only where none are configured.

A token file has one token per line, optionally after the name of its submitter; `#` begins a comment line.
The token of a partner opens the routes of the logs and nothing else.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.errors import ConfigError
from gateway.finding import finding
from gateway.web.problems import problem

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
SHORTEST_TOKEN = 16
LOG_PATHS = "/tlog/"
# What is posted there is known by its own signature.
SIGNED_PATHS = "/v1/webhook/"
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


def access(tokens: Mapping[bytes, str] | None, log_tokens: Mapping[bytes, str] | None = None) -> Middleware:
    """Return the middleware that admits holders of a token; without tokens, this machine only.

    `log_tokens` are those of partners; they are good for the logs alone.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(LOG_PATHS) and log_tokens and "Authorization" in request.headers:
            reader = _bearer(request, log_tokens)
            if reader:
                request[READER] = reader
                return await handler(request)
            if tokens is None:
                return problem(401, (finding("WEB-UNAUTHORISED"),), close=True)
        if request.path not in OPEN_PATHS and not request.path.startswith(SIGNED_PATHS):
            submitter = _bearer(request, tokens) if tokens is not None else _local(request)
            if not submitter:
                return problem(401, (finding("WEB-UNAUTHORISED"),), close=True)
            request[SUBMITTER] = submitter
        return await handler(request)

    return check


def _bearer(request: web.Request, tokens: Mapping[bytes, str]) -> str:
    """Return the submitter of a known token; the time it takes says nothing about tokens."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    digest = hashlib.sha256(token.strip().encode()).digest()
    found = ""
    for known, name in tokens.items():
        if hmac.compare_digest(known, digest):
            found = name
    return found if scheme.lower() == "bearer" else ""


def _local(request: web.Request) -> str:
    """Return a submitter if the connection comes from this machine and names it.

    The Host check keeps a web page in a browser here from reaching in under a name of its own.
    """
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    host = request.url.host or ""
    return "local" if peer and _loopback(peer[0]) and (host == "localhost" or _loopback(host)) else ""


def _loopback(address: str) -> bool:
    """Say whether an address is one of this machine only."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
