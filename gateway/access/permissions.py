# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of permissions: what each is for, who has it, which routes need it. What it omits is denied."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

import msgspec

from gateway.errors import ConfigError

PUBLIC = "public"


class Role(StrEnum):
    """What a caller is.

    `partner` is who holds a token for the logs. `local` is this machine where no tokens are configured.
    """

    SUBMITTER = "submitter"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"
    LOCAL = "local"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One permission as the table has it; `lists` are the configured lists of names that give it too."""

    meaning: str
    roles: tuple[Role, ...] = ()
    routes: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """The table, turned the ways it is asked: a route's permission, the permissions of roles and lists."""

    meanings: Mapping[str, str]
    of_routes: Mapping[str, str]
    of_roles: Mapping[Role, frozenset[str]]
    of_lists: Mapping[str, frozenset[str]]

    def of_route(self, method: str, path: str) -> str:
        """Return the permission that a route needs, empty if the table does not know it: nobody has that."""
        method = "GET" if method == "HEAD" else method
        return self.of_routes.get(f"{method} {path}", "")


def read(raw: bytes) -> Permissions:
    """Return the table of a TOML text.

    Raises:
        ConfigError: it is no table, or gives a route two permissions.
    """
    try:
        entries = msgspec.toml.decode(raw, type=dict[str, _Entry])
    except msgspec.MsgspecError as error:
        raise ConfigError(f"no table of permissions: {error}") from error
    of_routes: dict[str, str] = {}
    for name, entry in entries.items():
        for route in entry.routes:
            if route in of_routes:
                raise ConfigError(f"{route} has two permissions: {of_routes[route]} and {name}")
            of_routes[route] = name
    lists = {one for entry in entries.values() for one in entry.lists}
    return Permissions(
        {name: entry.meaning for name, entry in entries.items()},
        of_routes,
        {role: frozenset(name for name, entry in entries.items() if role in entry.roles) for role in Role},
        {one: frozenset(name for name, entry in entries.items() if one in entry.lists) for one in lists},
    )


@functools.cache
def permissions() -> Permissions:
    """Return the table of this gateway."""
    return read(resources.files("gateway.access").joinpath("permissions.toml").read_bytes())
