# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to what lets somebody in."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.access_rows import CredentialRow


class Credentials(Protocol):
    """The part of a transaction about keys and what else is shown to be let in."""

    def add_credential(self, row: CredentialRow) -> None:
        """Insert a credential."""

    def credential(self, number: int) -> CredentialRow | None:
        """Return a credential."""

    def credentials(self, kind: str, after: int, limit: int) -> Sequence[CredentialRow]:
        """Return credentials of a kind with an id above `after`, in id order."""

    def use_credential(self, number: int, now: int) -> None:
        """Remember when a credential was last used."""

    def end_credential(self, number: int, now: int) -> bool:
        """End a credential; say whether it had not ended. Of two at one time one is told so."""
