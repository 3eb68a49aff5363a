# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Turn templates into pages: everything is escaped, nothing runs or loads but our own files."""

from importlib import resources
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader

from gateway.console.kept import form_token
from gateway.console.shown import show_age, show_count, show_short, show_time
from gateway.console.words import LANGUAGES, Words, choose, words_of

LANGUAGE_COOKIE = "gateway_language"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Where the reader may go: the name of the page and its path; the pages exist only where their routes do.
PLACES = (
    ("board", "/console/board"),
    ("search", "/console/search"),
    ("waiting", "/console/waiting"),
    ("dead", "/console/dead-letters"),
    ("referrals", "/console/referrals"),
    ("returns", "/console/returns"),
    ("partners", "/console/partners"),
    ("logs", "/console/logs"),
    ("statistics", "/console/statistics"),
    ("quality", "/console/quality"),
)
_YEAR = 365 * 86400


def make_environment() -> Environment:
    """Return the templates of this package."""
    environment = Environment(
        loader=PackageLoader("gateway.console"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "time": show_time,
        "age": show_age,
        "count": show_count,
        "short": show_short,
    }
    return environment


class Pages:
    """Renders templates in the language of the reader."""

    def __init__(self, organisation: str, provider: str = "") -> None:
        """Take the name that stands over every page, and that of the provider people log in through."""
        self._organisation = organisation
        self._provider = provider
        self._environment = make_environment()

    def show(self, request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
        """Return a page."""
        words = language_of(request)
        page = self._environment.get_template(f"{name}.html").render(
            t=words,
            page=name,
            here=request.path_qs,
            languages=LANGUAGES,
            organisation=self._organisation,
            provider=self._provider,
            places=PLACES,
            query=request.query,
            **{"form_token": form_token(request)} | values,
        )
        return web.Response(status=status, text=page, content_type="text/html")


def go_to(path: str) -> web.Response:
    """Return the way to another page after an act."""
    return web.Response(status=303, headers={"Location": path})


def language_of(request: web.Request) -> Words:
    """Return the words that the reader asked for, once or for good, or that the browser takes."""
    return words_of(
        choose(
            request.query.get("lang", ""),
            request.cookies.get(LANGUAGE_COOKIE, ""),
            request.headers.get("Accept-Language", ""),
        )
    )


def keep_language(request: web.Request, response: web.StreamResponse) -> None:
    """Remember the language that the reader chose."""
    wanted = request.query.get("lang", "")
    if wanted in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, wanted, max_age=_YEAR, path="/console", httponly=True, samesite="Strict"
        )


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return the scripts and styles of the pages with their types, by name."""
    kinds = {".js": "text/javascript", ".css": "text/css"}
    folder = resources.files("gateway.console").joinpath("static")
    return {
        one.name: (one.read_bytes(), kind)
        for one in folder.iterdir()
        for ending, kind in kinds.items()
        if one.name.endswith(ending)
    }
