# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Look up enterprises as of a day by USCC or customs code; made for the hot path.

One directory serves one database thread. What was looked up is kept until the register changes; every unit of
work first asks whether it has, so a change counts from the next unit of work on, whichever process made it.
"""

from datetime import date

from gateway.exchange.enterprise_ports import Registered
from gateway.trade.enterprise import REGISTERED, Version
from gateway.trade.enterprise_acts import version_of
from gateway.trade.enterprises import USCC_LENGTH

LARGEST = 100_000

Spans = tuple[tuple[date, Version | None], ...]
"""The days from which something holds, latest first; none where nothing is registered."""


class Directory:
    """What is known of enterprises; `largest` bounds the identifiers that are kept."""

    def __init__(self, largest: int = LARGEST) -> None:
        """Begin with nothing."""
        self._largest = largest
        self._known: dict[str, Spans] = {}
        self._revision = (0, 0)

    def refresh(self, tx: Registered) -> tuple[int, int]:
        """Forget what has changed since the last unit of work; return the newest version, zeros if none."""
        revision = tx.enterprise_revision()
        if revision != self._revision:
            self._forget(tx, revision)
        return revision

    def find(self, tx: Registered, identifier: str, day: date) -> Version | None:
        """Return the version of a registered enterprise that holds on a day; `refresh` comes first."""
        spans = self._known.get(identifier)
        if spans is None:
            spans = self._load(tx, identifier)
        for first, version in spans:
            if first <= day:
                return version
        return None

    def _forget(self, tx: Registered, revision: tuple[int, int]) -> None:
        """Drop every identifier that new versions bear; all of them if what was seen was undone."""
        changes = tx.enterprises_since(self._revision[0]) if self._known else []
        if not changes or (self._revision[0] and changes[0].id != self._revision[1]):
            self._known.clear()
        else:
            owners = {one.uscc for one in changes}
            for owner in owners:
                for row in tx.enterprise_versions(owner):
                    self._known.pop(row.customs_code, None)
                self._known.pop(owner, None)
        self._revision = revision

    def _load(self, tx: Registered, identifier: str) -> Spans:
        """Read the history of an identifier and keep it."""
        owners = [identifier] if len(identifier) == USCC_LENGTH else tx.enterprises_with_code(identifier)
        spans: list[tuple[date, Version | None]] = []
        for owner in owners:
            versions = [version_of(row) for row in tx.enterprise_versions(owner)]
            spans += [
                (
                    one.valid_from,
                    one if one.state == REGISTERED and identifier in {owner, one.customs_code} else None,
                )
                for one in versions
            ]
        # A code may pass from one enterprise to another on one day: who has it then comes before who had it.
        spans.sort(key=lambda one: (one[0], one[1] is not None), reverse=True)
        if len(self._known) >= self._largest:
            self._known.clear()
        self._known[identifier] = tuple(spans)
        return self._known[identifier]
