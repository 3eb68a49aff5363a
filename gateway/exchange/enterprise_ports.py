# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to the register of enterprises, and to what it says of an item."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from gateway.exchange.enterprise_rows import EnterpriseRow
from gateway.exchange.rows import ContributionRow
from gateway.model import Item

Judge: TypeAlias = Callable[[Item, Sequence[ContributionRow]], Item]
"""Returns a merged item with what the register says of it; the rows are those that it was merged from."""


class Registered(Protocol):
    """What is read of the register of enterprises."""

    def enterprise_versions(self, uscc: str) -> list[EnterpriseRow]:
        """Return every version of an enterprise, oldest first."""

    def enterprises_with_code(self, customs_code: str) -> list[str]:
        """Return the USCCs of the enterprises of which a version has a customs code."""

    def enterprise_revision(self) -> tuple[int, int]:
        """Return number and id of the version that was made last; zeros if there is none."""

    def enterprises_since(self, revision: int) -> list[EnterpriseRow]:
        """Return the versions from a revision on, in the order in which they were made."""

    def enterprises_after(self, uscc: str, limit: int) -> list[EnterpriseRow]:
        """Return the newest version of each enterprise above a USCC, in order of USCC."""


class Enterprises(Registered, Protocol):
    """The part of a transaction about the register of enterprises."""

    def add_enterprises(self, rows: Sequence[EnterpriseRow]) -> None:
        """Insert versions."""


class Facilitates(Protocol):
    """Says which facilitations the items of a message get."""

    def begin(self, tx: Registered, now: int) -> Judge:
        """Return what judges the items of one message, inside its transaction."""
