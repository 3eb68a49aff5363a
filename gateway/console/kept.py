# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The session that a browser keeps: in a cookie that no script reads, and that forms must fit.

Where the browser speaks TLS, to this gateway or to what stands before it, the cookie is bound to TLS and to
this host (`__Host-`, RFC 6265bis 4.1.3.2).
"""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from gateway.access import secret

PLAIN: Final = "gateway_console"
SECURE: Final = f"__Host-{PLAIN}"
FIELD: Final = "form_token"


def kept(request: web.Request) -> str:
    """Return the session of a browser, empty if it has none."""
    return request.cookies.get(SECURE, "") or request.cookies.get(PLAIN, "")


def keep(request: web.Request, response: web.Response, session: str, *, by_tls: bool = False) -> None:
    """Let the browser keep a session until it is closed; `by_tls` if it is known to speak TLS."""
    if by_tls or _by_tls(request):
        response.set_cookie(SECURE, session, path="/", httponly=True, samesite="Strict", secure=True)
    else:
        response.set_cookie(PLAIN, session, path="/console", httponly=True, samesite="Strict")


def forget(response: web.Response) -> None:
    """Let the browser forget its session."""
    response.del_cookie(SECURE, path="/", secure=True, httponly=True, samesite="Strict")
    response.del_cookie(PLAIN, path="/console", httponly=True, samesite="Strict")


def form_token(request: web.Request) -> str:
    """Return what the forms of a page carry, empty if the browser has no session."""
    session = kept(request)
    return secret.form_token(session) if session else ""


async def fits(request: web.Request) -> bool:
    """Say whether a form is one of a page that was shown to this session."""
    session = kept(request)
    given = (await request.post()).get(FIELD, "")
    return not session or secret.is_form_token(str(given), session)


def _by_tls(request: web.Request) -> bool:
    """Say whether the browser speaks TLS: it says so itself where it says from which page an act comes."""
    return request.secure or urlsplit(request.headers.get("Origin", "")).scheme == "https"
