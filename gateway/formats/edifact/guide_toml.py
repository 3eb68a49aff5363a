# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take typed values out of a guide's TOML, noting every fault instead of stopping at the first."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import ConfigError
from gateway.finding import Finding, finding
from gateway.formats.edifact.guide import Format

REQUIRED = object()
_FORMAT = re.compile(r"(an|a|n)([0-9]{1,4})?(\.\.)?([0-9]{1,4})?")
_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class Faults:
    """What is wrong with a guide so far."""

    def __init__(self) -> None:
        """Begin without faults."""
        self.found: list[Finding] = []

    def add(self, place: str, expected: str, actual: object = "") -> None:
        """Note a fault."""
        self.found.append(finding("EDIFACT-GUIDE", path=place, expected=expected, actual=str(actual)))

    def take(self, place: str, table: object, keys: Mapping[str, tuple[type, Any]]) -> dict[str, Any]:
        """Return the values of a table by key: (type, default); wrong ones are noted and defaulted."""
        if not isinstance(table, dict):
            self.add(place, "a table", type(table).__name__)
            table = {}
        for key in sorted(table.keys() - keys.keys()):
            self.add(f"{place}.{key}", f"one of {', '.join(keys)}", key)
        values = {}
        for key, (kind, default) in keys.items():
            value = table.get(key, default)
            if value is REQUIRED:
                self.add(f"{place}.{key}", _WORDS[kind], "nothing")
                value = kind()
            elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                self.add(f"{place}.{key}", _WORDS[kind], value)
                value = kind() if default is REQUIRED else default
            values[key] = value
        return values

    def texts(self, place: str, values: Sequence[object]) -> tuple[str, ...]:
        """Return a list of texts."""
        for one in values:
            if not isinstance(one, str) or not one:
                self.add(place, "a list of texts", one)
        return tuple(str(one) for one in values)

    def format(self, place: str, text: str) -> Format:
        """Return a representation such as `an..35`, `n8` or `n6..8`."""
        match = _FORMAT.fullmatch(text)
        if match:
            kind, low, dots, high = match.groups()
            if dots and high and 1 <= int(low or 1) <= int(high):
                return Format(kind, int(low or 1), int(high))
            if low and not dots and not high and int(low):
                return Format(kind, int(low), int(low))
        self.add(place, "a representation such as an..35, n8 or a3", text)
        return Format("an", 1, 1)

    def refuse(self, what: str) -> None:
        """Raise what was found, if anything.

        Raises:
            ConfigError: the guide is wrong; one finding EDIFACT-GUIDE per fault.
        """
        if not self.found:
            return
        lines = "".join(
            f"\n  {one.path}: expected {one.expected}, found {one.actual or 'something else'}"
            for one in self.found
        )
        raise ConfigError(f"{what} has {len(self.found)} fault(s):{lines}", tuple(self.found))
