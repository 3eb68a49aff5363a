# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a case is, what may be expected of an answer, and how a departure from it is told."""

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gateway.conformance.stage import Stage

Play: TypeAlias = "Callable[[Stage], Awaitable[str]]"


class Family(enum.StrEnum):
    """What cases are about."""

    SIGNATURE = "signature"
    TRUST = "trust"
    REPLAY = "replay"
    SEQUENCE = "sequence"
    AGREEMENT = "agreement"
    RECORD = "record"
    LIMITS = "limits"
    STREAM = "stream"
    RECEIPT = "receipt"
    LOG = "log"
    WITNESS = "witness"
    QUERY = "query"
    ERASURE = "erasure"


class Outcome(enum.StrEnum):
    """What became of a case; `broken` is an answer that makes no sense, or none."""

    GREEN = "green"
    RED = "red"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of the contract: what is sent, what must come, and where it is written.

    `play` returns what came if it is what must come, and raises `Departure` otherwise.
    """

    id: str
    family: Family
    sentence: str
    clause: str
    sends: str
    expects: str
    play: Play


@dataclass(frozen=True, slots=True)
class Result:
    """A case that was played."""

    case: Case
    outcome: Outcome
    came: str
    seconds: float


class Departure(Exception):
    """What came is not what must come."""

    def __init__(self, came: str) -> None:
        """Say what came; never what a record holds."""
        super().__init__(came)
        self.came = came


def require(holds: bool, came: str) -> None:
    """Tell a departure unless something holds."""
    if not holds:
        raise Departure(came)
