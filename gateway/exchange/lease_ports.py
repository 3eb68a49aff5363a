# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The door to leases: which process does what only one may do, and which processes there are.

A lease has a token that grows whenever the lease is taken anew. Whoever acts on a lease in a transaction asks
there whether its token is still the one of the lease; a process that stood still finds that it is not.
"""

from typing import Protocol

from gateway.exchange.lease_rows import NodeRow


class Leases(Protocol):
    """The part of a transaction about leases; the time is that of the database, else `now`."""

    def take_lease(self, name: str, holder: str, token: int, now: int, milliseconds: int) -> int:
        """Renew the lease with this token, or take it if it has ended or is the holder's; 0 if neither."""

    def drop_lease(self, name: str, token: int) -> None:
        """End the lease with this token; nothing if it is another's by now."""

    def holds_lease(self, name: str, token: int) -> bool:
        """Say whether this is the token of the lease, which nobody can take until the end of the work."""

    def see_node(self, row: NodeRow, now: int, milliseconds: int) -> int:
        """Note that a node lives; return how many do that serve, 0 if another has its number.

        A node that was not seen for so many milliseconds lives no more.
        """

    def leave_node(self, number: int, holder: str) -> None:
        """Forget a node that ends."""

    def nodes(self) -> list[NodeRow]:
        """Return every node that has not left, by number."""
