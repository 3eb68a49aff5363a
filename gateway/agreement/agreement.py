# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an agreement says, as passive data; it is the text that counts, and `digest` is of that text."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


class TreatmentKind(enum.StrEnum):
    """What may become of a field; a field without treatment is omitted."""

    PASS = "pass"  # noqa: S105 - a treatment, not a secret
    TRUNCATE = "truncate"
    GENERALISE = "generalise"
    PSEUDONYMISE = "pseudonymise"
    COMMIT = "commit"
    OMIT = "omit"


@dataclass(frozen=True, slots=True)
class Treatment:
    """The treatment of one field and the article that allows it.

    `length` is of truncate and pseudonymise, in characters; `rule` is of generalise (`hs6`, `band:100`).
    """

    kind: TreatmentKind
    article: str
    length: int = 0
    rule: str = ""

    @property
    def text(self) -> str:
        """Return the treatment as people read it: `truncate 35`, `generalise hs6`."""
        detail = self.rule or (str(self.length) if self.length else "")
        return f"{self.kind} {detail}".rstrip()


@dataclass(frozen=True, slots=True)
class ValueBand:
    """Goods values that match, both ends included; `None` leaves an end open."""

    currency: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Which items an agreement is about; an empty set asks nothing, otherwise an absent value does not match.

    `values` are alternatives: an item matches if its goods value lies in the band of its currency. `about` is
    of records that are no items: sent, received or either asks that the item in question was sent to the
    recipient or received from it before; empty asks nothing.
    """

    destinations: frozenset[str] = frozenset()
    departures: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    trade_modes: frozenset[str] = frozenset()
    natures: frozenset[str] = frozenset()
    values: tuple[ValueBand, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large and how old a batch under this agreement may become; lower than the node's own, or equal."""

    size: int = 256
    linger_ms: int = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """By what the recipient may ask for records, and for how many an hour; nothing by default."""

    by: tuple[str, ...] = ()
    per_hour: int = 0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Agreement:
    """One version of an agreement; equal if made from the same bytes.

    `trigger` is push, or query: then a record leaves only when the recipient asks for it, within `asking`.
    `fields` holds leaf paths only, in the order of the file with groups expanded. `wait_limit` is in seconds,
    `wait_then` is send or drop. `onward` is none, named or consent. Times are aware, in UTC. `on_erasure` is
    erase, or keep where the law of the recipient has it keep records until their retention ends.
    """

    id: str
    version: int
    sender: str
    recipient: str
    purpose: str
    legal_basis: str
    effective_from: datetime
    effective_until: datetime
    record: str
    trigger: str
    match: Match
    required: tuple[str, ...]
    fields: Mapping[str, Treatment]
    wait_limit: int
    wait_then: str
    retention_days: int
    on_erasure: str
    onward: str
    onward_agencies: tuple[str, ...]
    policy: str
    batch: BatchLimits
    digest: bytes
    asking: Asking = Asking()

    def permits_onward(self, recipient: str) -> bool:
        """Say whether what was received under it may be shared with another organisation unasked."""
        return self.onward == "named" and recipient in self.onward_agencies

    @property
    def channel(self) -> str:
        """Return the name of the channel that carries it."""
        return f"{self.sender}/{self.recipient}/{self.record}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Agreement) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
