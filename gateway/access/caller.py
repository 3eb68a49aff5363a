# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who calls, in which role, and what that allows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.access.permissions import Role, permissions


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls; `granted` is what the name may beyond its role, `roles` are all it has."""

    name: str
    role: Role
    granted: frozenset[str] = frozenset()
    roles: tuple[Role, ...] = ()

    def may(self, permission: str) -> bool:
        """Say whether the caller has a permission; nobody has one that the table does not know."""
        return permission in permissions().of_roles[self.role] or permission in self.granted


@dataclass(frozen=True, slots=True)
class Names:
    """What the configuration says of names: operators, auditors, and the lists of those who may do one thing.

    A name in none of them is a submitter. `lists` are names by list, as the table of permissions calls it.
    """

    operators: Collection[str] = ()
    auditors: Collection[str] = ()
    lists: Mapping[str, Collection[str]] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        """Return the holder of a token of a name."""
        return self.holder(name, [self._role(name)])

    def holder(self, name: str, roles: Sequence[Role]) -> Caller:
        """Return who has roles of its own, the first of them foremost; lists of names give more."""
        known = permissions().of_lists
        granted = (known.get(one, frozenset()) for one, names in self.lists.items() if name in names)
        more = (permissions().of_roles[role] for role in roles[1:])
        return Caller(name, roles[0], frozenset().union(*granted, *more), tuple(roles))

    def _role(self, name: str) -> Role:
        """Return the role of a name."""
        if name in self.operators:
            return Role.OPERATOR
        return Role.AUDITOR if name in self.auditors else Role.SUBMITTER
