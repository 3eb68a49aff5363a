# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The declared rules of rules.toml, read once and typed."""

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.sdk import ConfigError

_FILE = Path(__file__).parent / "rules.toml"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one day."""

    zone: ZoneInfo
    fold: int
    tracking_kind: str
    century: int
    recipient: str


@functools.lru_cache(maxsize=1024)  # a day has one entry, and senders choose the days
def rules(on: date | None = None, source: Path = _FILE) -> Rules:
    """Return the rules in force on a day, by default the newest ones.

    Raises:
        ConfigError: a rule is missing, or the zone is not known to this machine.
    """
    document = _document(source)
    try:
        zone = _in_force(document, "zone", on)
        return Rules(
            zone=ZoneInfo(zone["zone"]),
            fold=("first", "second").index(zone["repeated_hour"]),
            tracking_kind=_in_force(document, "tracking", on)["kind"],
            century=_in_force(document, "century", on)["century"],
            recipient=_in_force(document, "recipient", on)["role"],
        )
    except (ValueError, LookupError) as error:
        raise ConfigError(f"{source.name} of gb_ens: {type(error).__name__} {error}") from error


@functools.cache
def _document(source: Path) -> dict[str, Any]:
    return tomllib.loads(source.read_text("utf-8"))


def _in_force(document: dict[str, Any], name: str, on: date | None) -> dict[str, Any]:
    """Return the newest rule of a day; before the first day the first rule holds."""
    rows = sorted(document[name], key=lambda one: one["valid_from"])
    return dict(next((one for one in reversed(rows) if on is None or one["valid_from"] <= on), rows[0]))
