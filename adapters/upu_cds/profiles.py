# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Profiles: what a deployment's decision and state codes mean, and which soft faults it looks for."""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from adapters.upu_cds.fields import LISTS_AS_OF
from gateway.sdk import ConfigError, Finding, Severity, finding, load_codelist

FOLDER = Path(__file__).parent
Fields = Mapping[str, str]
_OPERATORS = "J1C"  # S62 operator codes begin with it; the short form is what follows


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a decision code means; without an outcome it settles nothing."""

    phase: str
    meaning: str
    outcome: str | None = None
    late: bool = False


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The codes and checks of one receiving customs."""

    name: str
    valid_from: date
    source: str
    countries: tuple[str, ...]
    zone: str
    faults: str
    without_faults: tuple[str, ...]
    handling_classes: tuple[str, ...]
    operators: tuple[str, ...]
    receipt: str = ""
    receipt_late: str = ""
    states: Mapping[str, str] = {}
    decisions: Mapping[str, Decision] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    profile: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of faults.toml."""

    name: str
    group: str
    field: str
    test: str
    size: int = 0
    list: str = ""


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles of a deployment; the first takes what no other does."""

    all: tuple[Profile, ...]
    by_name: Mapping[str, Profile] = field(default_factory=dict)

    def choose(self, country_codes: Sequence[str]) -> Profile:
        """Return the profile of the first country that has one."""
        for code in country_codes:
            for one in self.all:
                if code in one.countries:
                    return one
        return self.all[0]


def load_profiles(source: Path = FOLDER / "profiles.toml") -> Profiles:
    """Return the profiles of a file.

    Raises:
        ConfigError: the file is no table of profiles.
    """
    try:
        rows = msgspec.convert(tomllib.loads(source.read_text("utf-8")), _File).profile
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{source.name}: {error}") from error
    names = {one.name: one for one in rows}
    wrong = [one.name for one in rows if one.faults not in ("off", "warning", "error")]
    if not rows or len(names) != len(rows) or wrong:
        raise ConfigError(f"{source.name}: profiles with different names, faults off, warning or error")
    return Profiles(rows, names)


def countries(view: Mapping[str, Any]) -> list[str]:
    """Return the countries that may be the receiving customs', the surest first."""
    places = (
        *((name, "CustOrganizationCd") for name in ("Declaration", "Response", "DCResponse")),
        ("MailObject", "DestPostOrgCd"),
        ("Declaration", "RecipientCountryCd"),
    )
    found = []
    for section, name in places:
        value = view.get(section)
        inner = value.get(f"{section}Data") if isinstance(value, dict) else None
        for one in (value, inner):
            code = one.get(name) if isinstance(one, dict) else None
            if isinstance(code, str):
                code = code.strip().removeprefix(_OPERATORS)
                found.append(code[:2].upper())
    return found


@functools.cache
def faults() -> tuple[Fault, ...]:
    """Return the soft faults in the order of their table."""
    rows: Any = tomllib.loads((FOLDER / "faults.toml").read_text("utf-8"))["fault"]
    return tuple(Fault(**one) for one in rows)


def soft_faults(profile: Profile, document: Mapping[str, Sequence[Fields]]) -> list[Finding]:
    """Return what the receiving customs would note about a declaration."""
    if profile.faults == "off":
        return []
    found = []
    for fault in faults():
        groups = () if fault.name in profile.without_faults else document.get(fault.group, ())
        for number, group in enumerate(groups, 1):
            expected = _judge(fault, group.get(fault.field, "").strip(), profile)
            if expected:
                place = f"{fault.group}[{number}]" if fault.group == "ContentPiece" else fault.group
                found.append(_finding(fault, f"{place}/{fault.field}", expected, profile))
    return found


def _finding(fault: Fault, path: str, expected: str, profile: Profile) -> Finding:
    code = "CDS-FAULT-REFUSED" if profile.faults == Severity.ERROR else "CDS-FAULT"
    return finding(code, path=path, expected=expected, rule=fault.name)


def _judge(fault: Fault, text: str, profile: Profile) -> str:
    """Return what was expected of a text, empty if it is as it should be."""
    if fault.test == "least" or (fault.test == "least_given" and text):
        return f"at least {fault.size} characters" if len(text) < fault.size else ""
    if fault.test == "exactly":
        return f"{fault.size} characters" if len(text) != fault.size else ""
    if fault.test == "positive":
        return "" if _positive(text) else "a number above zero"
    if fault.test == "known" or (fault.test == "known_given" and text):
        known = _codes(fault.list, profile)
        return f"a code of {fault.list}" if known and text not in known else ""
    return ""


def _positive(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0


def _codes(name: str, profile: Profile) -> frozenset[str] | tuple[str, ...]:
    if name == "handling_classes":
        return profile.handling_classes
    return profile.operators if name == "operators" else _listed(name)


@functools.cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(load_codelist(name, on=LISTS_AS_OF).rows)
