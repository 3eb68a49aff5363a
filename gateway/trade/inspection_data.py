# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated data of inspection before shipment: pilot customs and methods of control."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from gateway.errors import ConfigError

PACKAGED = "packaged"
_FILE = "inspection_before_shipment.toml"


class Customs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Customs that take part; its offices are those whose code begins with `code`."""

    code: str
    name: str
    first: date = msgspec.field(name="from")
    until: date | None = None


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A method of control."""

    code: str
    name: str


class PilotFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    title: str
    source: str
    status: str
    method: tuple[Method, ...]
    customs: tuple[Customs, ...] = ()


class Pilot:
    """What the file says; `asks` is whether offices must take part in the pilot."""

    def __init__(self, table: PilotFile, *, asks: bool) -> None:
        """Index a table."""
        self.table = table
        self.asks = asks
        self.methods: Mapping[str, str] = {one.code: one.name for one in table.method}

    def customs_of(self, office: str, day: date) -> Customs | None:
        """Return the customs of an office that took part on a day."""
        return next(
            (
                one
                for one in self.table.customs
                if office.startswith(one.code)
                and one.first <= day
                and (one.until is None or day <= one.until)
            ),
            None,
        )


@cache
def packaged() -> PilotFile:
    """Return the file of the package."""
    text = resources.files("gateway.trade").joinpath("data", _FILE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), PilotFile)


def load_pilot(path: str) -> Pilot:
    """Read the file of a path; `packaged` and no path give that of the package, no path asks for no pilot.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    if path in ("", PACKAGED):
        return Pilot(packaged(), asks=bool(path))
    try:
        table = msgspec.convert(tomllib.loads(Path(path).read_text("utf-8")), PilotFile)
    except OSError as error:
        raise ConfigError(f"cannot read the pilot {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"pilot {path}: {error}") from error
    return Pilot(table, asks=True)
