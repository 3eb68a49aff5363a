# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A submitter over HTTP that never gives up, and questions over HTTP."""

import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a submitter sees."""

    status: int
    outcome: str
    body: bytes
    content_type: str


def submit(url, raw, *, adapter="", encoding="", token="", timeout=20.0, **more):
    """Submit once, with more headers if there are some, and return the answer, whatever its status."""
    headers = more | ({"Content-Encoding": encoding} if encoding else {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"{url}/v1/messages?adapter={adapter}", data=raw, headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return _answer(reply)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error)


def _answer(reply):
    """Return a reply as it is compared."""
    headers = reply.headers
    return Answer(reply.status, headers.get("X-Gateway-Outcome", ""), reply.read(), headers["Content-Type"])


def submit_until_answered(url, message, *, token=""):
    """Submit the same bytes again and again until there is an answer; at least once, as the sender must."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            answer = submit(url, message.raw, adapter=message.adapter, token=token)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
            continue
        if answer.outcome:
            return answer
        assert answer.status == 503, answer
        time.sleep(0.02)
    raise AssertionError(f"no answer for {message.name}")


def ask(url, path):
    """Return the JSON of a question; none if nothing is known."""
    try:
        with urllib.request.urlopen(url + path, timeout=10) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 404:
                return None
        raise


def revealed(url, number):
    """Return everything about an item with its persons, which the log of the gateway then says."""
    raw = json.dumps({"reason": "a test compares them"}).encode()
    request = urllib.request.Request(f"{url}/v1/items/{number}/reveal", data=raw)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def eventually(question, seconds=30.0, pause=0.05):
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s")


def settled(url):
    """Say whether everything that may leave has left and has its receipt."""
    try:
        counts = ask(url, "/v1/ledger")["counts"]
    except (OSError, http.client.HTTPException):
        return False
    open_shares = counts["shares"].get("ready", 0) + counts["shares"].get("batched", 0)
    return not open_shares and not counts["batches"].get("pending", 0)
