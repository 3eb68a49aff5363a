# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated rules by which the controls of partners are relied on: read, checked, and asked about a control.

The first rule in force of which every condition holds decides. Where none does, the control is ignored:
nobody relies on what no rule speaks of. A condition on something that the partner did not tell does not hold.

A sample is drawn by a keyed hash (HMAC-SHA-256) of what names the control, so the same control gives the same
draw whenever it is asked again, and nobody without the key can tell it before.
"""

import hashlib
import hmac
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from gateway.errors import ConfigError
from gateway.exchange.control_rows import RecognitionRow

ACCEPT, SAMPLE, IGNORE = "accept", "sample", "ignore"
NO_RULE = "NO-RULE"
PLACES = 10_000
SHORTEST_KEY = 32

Words = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a control; a condition that is not stated asks nothing.

    `offices` are codes or how they begin; `chapters` are the HS chapters in which every line of the item must
    be. `per_cent` is of a sample: so many of a hundred are to be controlled again, the others are accepted.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40)]
    first: date = msgspec.field(name="from")
    decision: Literal["accept", "sample", "ignore"]
    results: Words
    source: str
    until: date | None = None
    partners: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    chapters: tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}$")], ...] = ()
    per_cent: Decimal | None = None

    def holds(self, one: RecognitionRow, day: date) -> bool:
        """Say whether every condition holds."""
        told = set(one.chapters.split()) if one.chapters else set()
        return (
            self.first <= day
            and (self.until is None or day <= self.until)
            and one.result in self.results
            and (not self.partners or one.partner in self.partners)
            and (not self.offices or any(one.office.startswith(each) for each in self.offices))
            and (not self.methods or one.method in self.methods)
            and (not self.stages or one.stage in self.stages)
            and (not self.chapters or (bool(told) and told <= set(self.chapters)))
        )


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules."""

    title: str
    source: str
    status: str
    rule: tuple[Rule, ...]


class Ruling(NamedTuple):
    """A decision, the rule that made it, and the draw of a sample, -1 without one."""

    decision: str
    rule: str
    draw: int = -1


class Rules:
    """The rules of a node."""

    def __init__(self, table: RuleFile, digest: str, key: bytes) -> None:
        """Check a table.

        Raises:
            ConfigError: a rule is there twice, ends before it begins, or its share is none; or samples lack a
                key.
        """
        self.sha256 = digest
        self.table = table
        self._key = key
        if len({one.id for one in table.rule}) < len(table.rule):
            raise ConfigError("recognition: a rule stands twice")
        for one in table.rule:
            _check(one)
        if len(key) < SHORTEST_KEY and any(one.decision == SAMPLE for one in table.rule):
            raise ConfigError(
                f"recognition: samples need inspection.sample_key, a file of {SHORTEST_KEY} bytes or more"
            )

    @property
    def asks_chapters(self) -> bool:
        """Whether a rule asks for the goods."""
        return any(one.chapters for one in self.table.rule)

    def judge(self, one: RecognitionRow, day: date) -> Ruling:
        """Return what becomes of a control on a day."""
        for rule in self.table.rule:
            if rule.holds(one, day):
                if rule.decision != SAMPLE or rule.per_cent is None:
                    return Ruling(rule.decision, rule.id)
                draw = self._draw(one)
                drawn = draw < int(rule.per_cent * (PLACES // 100))
                return Ruling(SAMPLE if drawn else ACCEPT, rule.id, draw)
        return Ruling(IGNORE, NO_RULE)

    def _draw(self, one: RecognitionRow) -> int:
        """Return the place of a control among PLACES; the same for every version of it."""
        named = msgspec.json.encode([one.partner, one.tracking_number, one.posting_date, one.reference])
        return int.from_bytes(hmac.digest(self._key, named, "sha256")[:8]) % PLACES


def load_rules(path: str, key_path: str) -> Rules | None:
    """Read a file of rules and the key of samples; none without a path.

    Raises:
        ConfigError: a file is absent or wrong, or the key is open to others.
    """
    if not path:
        return None
    try:
        raw = Path(path).read_bytes()
        table = msgspec.convert(tomllib.loads(raw.decode("utf-8")), RuleFile)
    except OSError as error:
        raise ConfigError(f"cannot read the recognition rules {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"recognition rules {path}: {error}") from error
    return Rules(table, hashlib.sha256(raw).hexdigest(), _key(key_path))


def _key(path: str) -> bytes:
    """Return the key of samples, empty without a path."""
    if not path:
        return b""
    try:
        if Path(path).stat().st_mode & 0o077:
            raise ConfigError(f"{path} is open to others; run chmod 600 on it")
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the key of samples {path}: {error.strerror}") from error


def _check(one: Rule) -> None:
    """Refuse a rule that cannot hold.

    Raises:
        ConfigError: it cannot.
    """
    if one.until is not None and one.until < one.first:
        raise ConfigError(f"recognition rule {one.id}: ends before it begins")
    if (one.decision == SAMPLE) != (one.per_cent is not None):
        raise ConfigError(
            f"recognition rule {one.id}: per_cent belongs to the decision sample, and to no other"
        )
    if one.per_cent is not None and not (Decimal(0) < one.per_cent <= Decimal(100)):
        raise ConfigError(f"recognition rule {one.id}: per_cent is above 0 and at most 100")
    if one.per_cent is not None and one.per_cent * 100 != int(one.per_cent * 100):
        raise ConfigError(f"recognition rule {one.id}: per_cent has at most two decimals")
