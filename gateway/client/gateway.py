# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a running gateway over its HTTP face, as an operator does: board, items, dead letters, partners, logs.

Answers are plain values in the form of the interface description (`/openapi.json`). A refusal is raised as
the error that says who must act, with the findings of the problem. Needs the standard library alone; follows
no redirects, and sends a token only by TLS or on this machine.
"""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gateway.client.address import is_safe
from gateway.errors import (
    ConfigError,
    DeliveryError,
    GatewayError,
    InputError,
    PolicyRefusal,
    TryLater,
)
from gateway.finding import Finding, FindingClass, Severity

LARGEST_ANSWER = 64 * 1024 * 1024
TIMEOUT_SECONDS = 30.0
# A stream says that it is quiet four times a minute.
STREAM_SECONDS = 60.0
_OK = range(200, 300)
_REFUSED = frozenset({400, 404, 405, 409, 413, 415, 422})
_NOT_ALLOWED = frozenset({401, 403})
_LATER = frozenset({408, 429, 503})
_NOT_FOUND = 404
_TEXTS = ("path", "position", "expected", "actual", "remedy", "rule")


class Gateway:
    """The HTTP face of one gateway; each question has its own connection, so threads may share this."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout: float = TIMEOUT_SECONDS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Take the address, `https://host[:port]`, or `http` on this machine; `trust` is for TLS.

        Raises:
            ConfigError: it is another kind of address.
        """
        if not is_safe(url):
            raise ConfigError(f"{url[:100]} is neither https nor on this machine")
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._place = (parts.hostname or "", parts.port)
        self._prefix = parts.path.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._trust = trust

    def board(self) -> Any:
        """Return how it stands with every partner."""
        return self._get("/v1/board")

    def partner_items(self, partner: str, state: str) -> Iterator[Any]:
        """Yield the rows behind a number of the board: waiting, ready, out, accepted, rejected or in."""
        return self._pages(f"/v1/partners/{_part(partner)}/items", state=state)

    def waiting(self) -> Any:
        """Return what waits, grouped by channel and missing fields."""
        return self._get("/v1/waiting")

    def waiting_items(self, channel: str, missing: str) -> Iterator[Any]:
        """Yield the items of one group; `missing` are its fields joined by commas."""
        return self._pages("/v1/waiting/items", channel=channel, missing=missing)

    def search(self, words: str) -> Iterator[Any]:
        """Yield what bears the words."""
        return self._pages("/v1/items", q=words)

    def timeline(self, number: str) -> Any:
        """Return everything that happened to an item, persons masked; none if nobody has named it."""
        return self._perhaps(f"/v1/items/{_part(number)}/trace")

    def reveal(self, number: str, reason: str) -> Any:
        """Return everything that happened to an item, with its persons; who asks and why is logged."""
        return self._post(f"/v1/items/{_part(number)}/reveal", {"reason": reason})

    def bundle(self, number: str, record: int = 0) -> bytes:
        """Return the evidence bundle of a record of an item as it came, the newest if `record` is 0."""
        asked = {"record": str(record)} if record else {}
        with self._asked("GET", f"/v1/items/{_part(number)}/bundle", asked) as answer:
            return _body(answer)

    def dead_letters(self) -> Any:
        """Return what stopped on its way, grouped by what stopped it."""
        return self._get("/v1/dead-letters")

    def dead_letter_items(self, kind: str, *, code: str = "", partner: str = "") -> Iterator[Any]:
        """Yield the dead letters of a kind, newest first."""
        return self._pages("/v1/dead-letters/items", kind=kind, code=code, partner=partner)

    def replay(self, letter: str, reason: str) -> Any:
        """Try again what a dead letter is about; return the statement that was logged."""
        return self._post(f"/v1/dead-letters/{_part(letter)}/replay", {"reason": reason})

    def partners(self) -> Any:
        """Return every partner, and the gateway's own certificates."""
        return self._get("/v1/partners")

    def partner(self, name: str) -> Any:
        """Return one partner, none if nothing is known of it."""
        return self._perhaps(f"/v1/partners/{_part(name)}")

    def test_partner(self, name: str) -> Any:
        """Test the way to a partner, layer by layer."""
        return self._post(f"/v1/partners/{_part(name)}/test", {})

    def logs(self) -> Any:
        """Return how every log stands."""
        return self._get("/v1/log")

    def log_entries(self, partner: str, start: int = 0, limit: int = 100) -> Any:
        """Return entries of the log about a partner from an index on."""
        return self._get(f"/v1/log/{_part(partner)}/entries", start=str(start), limit=str(limit))

    def verify_log(self, partner: str) -> Any:
        """Have the log about a partner held against its signed states; none if there is no such log."""
        return self._perhaps(f"/v1/log/{_part(partner)}/verify")

    def referrals(self, state: str = "open", after: int = 0) -> Any:
        """Return a page of the referrals in a state, above an id."""
        return self._get("/v1/referrals", state=state, after=str(after))

    def returns(self, state: str = "", after: int = 0) -> Any:
        """Return a page of the cases of returns in a state, above a number."""
        return self._get("/v1/returns", state=state, after=str(after))

    def quality(self, partner: str, month: str, direction: str = "received") -> Any:
        """Return the figures of the postal data of a month, `YYYY-MM`."""
        return self._get("/v1/quality", partner=partner, month=month, direction=direction)

    def statistics(self, **asked: str) -> Any:
        """Return figures of the trade statistics; `asked` are by, from, to, direction and mode."""
        return self._get("/v1/statistics", **asked)

    def status(self) -> Any:
        """Return channels and counts."""
        return self._get("/v1/status")

    def changes(self, known: str = "") -> Iterator[Any]:
        """Yield a change whenever something has changed, until the gateway ends the stream."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": known} if known else {})}
        with self._asked("GET", "/v1/events", {}, headers=headers, timeout=STREAM_SECONDS) as answer:
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    def _pages(self, path: str, **asked: str) -> Iterator[Any]:
        """Yield the rows of a list, page after page."""
        after = ""
        while True:
            page = self._get(path, **asked, after=after)
            yield from page["rows"]
            after = page["next"]
            if not after:
                return

    def _perhaps(self, path: str) -> Any:
        """Return an answer, none if there is nothing under the path."""
        try:
            return self._get(path)
        except NothingThere:
            return None

    def _get(self, path: str, **asked: str) -> Any:
        """Return the answer to a question; empty words are not asked."""
        with self._asked("GET", path, {name: one for name, one in asked.items() if one}) as answer:
            return _read(_body(answer))

    def _post(self, path: str, said: Mapping[str, str]) -> Any:
        """Return the answer to an act."""
        with self._asked("POST", path, {}, json.dumps(said).encode()) as answer:
            return _read(_body(answer))

    @contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        asked: Mapping[str, str],
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 0.0,
    ) -> Iterator[http.client.HTTPResponse]:
        """Ask, and give the answer while the connection is open.

        Raises:
            DeliveryError: the gateway could not be reached, or what answers is none.
            InputError, PolicyRefusal, TryLater: it refused.
        """
        connection = self._connection(timeout or self._timeout)
        given = {"Accept": "application/json", **(headers or {})}
        if self._token:
            given["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            given["Content-Type"] = "application/json"
        question = f"?{urlencode(asked)}" if asked else ""
        try:
            connection.request(method, f"{self._prefix}{path}{question}", body, given)
            answer = connection.getresponse()
            if answer.status not in _OK:
                raise _refusal(answer.status, _body(answer))
            yield answer
        except (OSError, http.client.HTTPException) as error:
            raise DeliveryError(f"the gateway did not answer: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        """Return a connection that is not open yet."""
        host, port = self._place
        if self._secure:
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=self._trust)
        return http.client.HTTPConnection(host, port, timeout=timeout)


class NothingThere(InputError):
    """There is nothing under the path."""


def _part(text: str) -> str:
    """Return a name as one part of a path."""
    return quote(text, safe="")


def _body(answer: http.client.HTTPResponse) -> bytes:
    """Return the body of an answer.

    Raises:
        DeliveryError: it is larger than any answer.
    """
    body = answer.read(LARGEST_ANSWER + 1)
    if len(body) > LARGEST_ANSWER:
        raise DeliveryError("the answer is larger than any of a gateway")
    return body


def _read(body: bytes) -> Any:
    """Return the values of an answer.

    Raises:
        DeliveryError: it is no JSON.
    """
    try:
        return json.loads(body)
    except ValueError:
        raise DeliveryError("what answers is no gateway: no JSON") from None


def _refusal(status: int, body: bytes) -> GatewayError:
    """Return the error that a problem stands for."""
    found = tuple(_findings(body))
    said = f"refused with {status}" + (f" {found[0].code}" if found else "")
    if status == _NOT_FOUND:
        return NothingThere(said, found)
    if status in _REFUSED:
        return InputError(said, found)
    if status in _NOT_ALLOWED:
        return PolicyRefusal(said, found)
    if status in _LATER:
        return TryLater(said, found)
    return DeliveryError(said)


def _findings(body: bytes) -> Iterator[Finding]:
    """Yield the findings of a problem, as far as it is one."""
    try:
        said = json.loads(body)["findings"]
        for one in said:
            path, position, expected, actual, remedy, rule = (str(one.get(name, "")) for name in _TEXTS)
            yield Finding(
                str(one["code"]),
                Severity(one["severity"]),
                FindingClass(one["finding_class"]),
                path=path,
                position=position,
                expected=expected,
                actual=actual,
                remedy=remedy,
                rule=rule,
            )
    except (ValueError, KeyError, TypeError):
        return
