# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The declared values that hold for one message on one day, sorted by table and group once."""

import functools
from collections.abc import Mapping, Sequence
from datetime import date

from adapters.eu_ics2 import frames
from adapters.eu_ics2.declared import Declared

_MOST = 256  # messages and days remembered per adapter


class Standing:
    """What stands in for the fields that no source carries."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        """Take the values that hold."""
        self.declared = tuple(declared)
        self._texts: dict[str, Mapping[str, dict[str, str]]] = {}

    def texts(self, table: str, own: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
        """Return the texts of fields that no canonical path takes, by group; `own` ones go first."""
        made = self._texts.get(table)
        if made is None:
            made = self._texts[table] = {
                group: {
                    one.field: one.value for one in self.declared if one.group == group and one.field in names
                }
                for group, names in _passive(table).items()
            }
        names = _passive(table)[""]
        return {**made, "": {**made[""], **{name: own[name] for name in own if name in names}}}


class Memory:
    """The standing values by message and day; bounded, and empty again when it is full."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        """Take all values that are switched on."""
        self._declared = tuple(declared)
        self._known: dict[tuple[str, date], Standing] = {}

    def at(self, message: str, day: date) -> Standing:
        """Return what holds for a message on a day."""
        found = self._known.get((message, day))
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = Standing([one for one in self._declared if one.holds(message, day)])
            self._known[message, day] = found
        return found


@functools.cache
def _passive(table: str) -> Mapping[str, frozenset[str]]:
    """Return the fields that no canonical path takes, by group."""
    groups = frames.table(table).groups
    return {one.name: frozenset(row.outside for row in one.rows if not row.path) for one in groups}
