# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where a piece of work stands among others, as W3C Trace Context has it; what records spans is elsewhere.

While nothing records (`telemetry` is off), `current` is empty and nothing is added to any call.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

HEADER = "traceparent"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A span that others can be children of or point to; neither id is zero."""

    trace: int
    span: int

    def header(self) -> str:
        """Return the value of `traceparent` (W3C Trace Context 3.2), sampled."""
        return f"00-{self.trace:032x}-{self.span:016x}-01"


# The place of the work that runs now; empty outside of any span.
current: ContextVar[Place | None] = ContextVar("place", default=None)


class Tracer(Protocol):
    """What records spans; attributes hold identifiers, counts and names of states, nothing personal."""

    def span(
        self, name: str, *, parent: Place | None = None, **attributes: str | int
    ) -> AbstractContextManager[Place]:
        """Record the work inside; without a parent it is a child of the current place, if there is one."""

    def close(self) -> None:
        """Send what is left, and end."""

    def done(
        self,
        name: str,
        started_ns: int,
        *,
        place: Place | None = None,
        parent: Place | None = None,
        links: Sequence[Place] = (),
        **attributes: str | int,
    ) -> None:
        """Record work that has just ended, at a place that is known already or a new one."""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Say whether a collector is named, by the variables of the OpenTelemetry specification."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not disabled and any(environment.get(name) for name in ENDPOINTS)


def read_header(text: str) -> Place | None:
    """Return the place that a `traceparent` names, none if it is not one (then a new trace begins)."""
    found = _FORM.fullmatch(text)
    if found is None or (text.startswith("00") and len(text) != len("00-") + 32 + 1 + 16 + 3):
        return None
    place = Place(int(found[1], 16), int(found[2], 16))
    return place if place.trace and place.span else None


def outgoing() -> tuple[tuple[str, str], ...] | None:
    """Return what a call to a partner carries of the current place; None if there is none."""
    place = current.get()
    return None if place is None else ((HEADER, place.header()),)


def of_payload(digest: bytes) -> Place:
    """Return the place of a batch, from the SHA-256 of its payload.

    Both ends know the digest, so they tell of one trace though many batches share a stream, and nothing more
    travels. The payload holds random salts: nobody can guess its digest.
    """
    return Place(int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:24], "big") or 1)


def batch_place(payload: bytes) -> Place:
    """Return the place of the batch that has this payload."""
    return of_payload(hashlib.sha256(payload).digest())
