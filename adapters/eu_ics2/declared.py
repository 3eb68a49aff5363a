# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Values that no source carries and a partner demands: declared with dates and a source, or not written."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from gateway.sdk import ConfigError

_FILE = Path(__file__).parent / "declared.toml"


@dataclass(frozen=True, slots=True)
class Declared:
    """One value for a field of some messages, from one day to another, both included.

    `field` is the outside path; a field inside a group gets the value in every repetition that lacks it.
    """

    id: str
    messages: tuple[str, ...]
    group: str
    field: str
    value: str
    valid_from: date
    valid_to: date
    source: str

    def holds(self, message: str, day: date) -> bool:
        """Say whether the value is to be written in a message of a day."""
        return message in self.messages and self.valid_from <= day <= self.valid_to


def load_declared(path: Path = _FILE) -> tuple[Declared, ...]:
    """Return the values of a file that are switched on.

    Raises:
        ConfigError: a row that is on lacks a key or has a value of another type.
    """
    rows = tomllib.loads(path.read_text("utf-8")).get("declare", ())
    try:
        return tuple(msgspec.convert(row, Declared) for row in rows if row.get("on"))
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path.name} is wrong: {error}") from error
