# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From which address a request comes, so that one address can be locked out and no other.

What a proxy says in `X-Forwarded-For` is believed only of proxies that the configuration names. The console
asks this interface from the node itself; it says for whom, with a word that only this process knows. A
request of this machine that stands for nobody else has no address, and is never locked out.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Collection
from functools import lru_cache

from aiohttp import web

VIA = "X-Gateway-Console"
FORWARDED = "X-Forwarded-For"
LONGEST = 64
REMEMBERED = 1024


class Sources:
    """The addresses of those who ask."""

    def __init__(self, proxies: Collection[str] = ()) -> None:
        """Take the addresses of proxies before this node."""
        self._proxies = frozenset(proxies)
        self._word = secrets.token_urlsafe(32)

    def headers(self, request: web.Request) -> dict[str, str]:
        """Return what the console sends along when it asks for whoever sent it a request."""
        return {VIA: f"{self._word} {self.of(request)}"}

    def of(self, request: web.Request) -> str:
        """Return the address that a request comes from, empty if it is this machine's own."""
        word, _, told = request.headers.get(VIA, "").partition(" ")
        if hmac.compare_digest(word.encode(), self._word.encode()):
            return told
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        address = str(peer[0]) if peer else ""
        if address in self._proxies:
            # The last entry is what the proxy itself saw; all before it is what it was told.
            address = request.headers.get(FORWARDED, "").rpartition(",")[2].strip()[:LONGEST]
        return address if is_loopback(address) is False else ""


@lru_cache(REMEMBERED)
def is_loopback(address: str) -> bool | None:
    """Say whether an address is one of this machine only; None if it is no address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return None
