# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Load a code list as it stands on one day, and translate both ways.

Several codes may stand for one value. The way back is then fixed: the row marked `preferred`, else the lowest
code. An unknown code is `None`, never a guess: the caller keeps the code and flags it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from gateway.codelists.rows import CodeRow, read_rows
from gateway.errors import ConfigError
from gateway.finding import Finding, finding

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list on one day.

    `forward` maps codes to values, `backward` values to codes. A code without counterpart is in `rows` only.
    """

    name: str
    title: str
    rows: Mapping[str, CodeRow]
    forward: Mapping[str, str]
    backward: Mapping[str, str]

    def get(self, code: str) -> str | None:
        """Return the value of a code, `None` if the code is unknown or has no counterpart."""
        return self.forward.get(code)

    def reverse(self, value: str) -> str | None:
        """Return the code of a value, `None` if there is none."""
        return self.backward.get(value)

    def keeps(self, code: str) -> bool:
        """Say whether a code comes back as itself after translation there and back."""
        value = self.forward.get(code)
        return value is not None and self.backward[value] == code


def names() -> tuple[str, ...]:
    """Return the names of the lists that come with the gateway."""
    return tuple(sorted(file.stem for file in _DATA.glob("*.toml")))


def packaged_rows(name: str) -> tuple[CodeRow, ...]:
    """Return all rows of a list that comes with the gateway, whatever their dates."""
    return read_rows(_DATA / f"{name}.toml")[1]


def load(name: str, folder: Path | None = None, *, on: date) -> CodeList:
    """Return a list as it stands on a day.

    `folder` may hold `<name>.toml` of the operator's own: its rows replace all rows with the same code and
    add new ones; a name found only there is a list of the operator.

    Raises:
        ConfigError: there is no such list, a file is faulty, or rows contradict each other on that day.
    """
    own = folder / f"{name}.toml" if folder else None
    files = [file for file in (_DATA / f"{name}.toml", own) if file and file.is_file()]
    if not files or not name.replace("_", "").isalnum():
        raise ConfigError(f"no code list {name}; known are {', '.join(names())}")
    title, rows = "", dict[str, list[CodeRow]]()
    for file in files:
        title, read = read_rows(file)
        rows.update({row.code: [] for row in read})
        for row in read:
            rows[row.code].append(row)
    valid = [row for same in rows.values() for row in same if row.valid(on)]
    faults = [*_twice(name, valid), *_preferred_twice(name, valid)]
    if faults:
        raise ConfigError(f"code list {name} contradicts itself on {on}", tuple(faults))
    forward = {row.code: row.value for row in valid if row.value}
    backward = {row.value: row.code for row in sorted(valid, key=_rank, reverse=True) if row.value}
    return CodeList(
        name,
        title,
        MappingProxyType({row.code: row for row in valid}),
        MappingProxyType(forward),
        MappingProxyType(backward),
    )


def _rank(row: CodeRow) -> tuple[bool, str]:
    """Order rows by their claim to be the code of their value, best first."""
    return not row.preferred, row.code


def _twice(name: str, rows: Iterable[CodeRow]) -> list[Finding]:
    """Find codes that stand in two rows of one day."""
    seen: set[str] = set()
    faults = []
    for row in rows:
        if row.code in seen:
            faults.append(finding("CODELIST-TWICE", path=f"{name}: {row.code}", actual=row.name))
        seen.add(row.code)
    return faults


def _preferred_twice(name: str, rows: Iterable[CodeRow]) -> list[Finding]:
    """Find values that two rows of one day both claim to be preferred for."""
    seen: dict[str, str] = {}
    faults = []
    for row in rows:
        if row.preferred and row.value in seen:
            both = f"{seen[row.value]} and {row.code}"
            faults.append(finding("CODELIST-PREFERRED", path=f"{name}: {row.value}", actual=both))
        elif row.preferred:
            seen[row.value] = row.code
    return faults
