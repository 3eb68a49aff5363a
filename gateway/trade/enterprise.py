# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An enterprise in the register: passive records, and what their values must be.

Everything is checked here, whichever way it comes; nothing is mended.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import msgspec

from gateway.finding import Finding, finding
from gateway.identifiers import uscc
from gateway.identifiers.exceptions import IdentifierError

REGISTERED, WITHDRAWN = "registered", "withdrawn"
ROLES = (
    "platform",
    "e-commerce",
    "producer",
    "logistics",
    "payment",
    "agent",
    "warehouse",
    "site-operator",
    "zone-enterprise",
)
LONGEST = {"name": 200, "source": 500, "areas": 60, "actor": 200}
MOST = {"roles": len(ROLES), "credit": 100, "areas": 50}
_LEVEL = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_CODE = re.compile(r"[0-9]{4}[0-9A-Z]{6}", re.ASCII)


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A passive record; unknown fields are refused."""


class Credit(Record, frozen=True, kw_only=True):
    """A customs credit level from a day to a last day, or until the next period."""

    level: str
    first: date = msgspec.field(name="from")
    until: date | None = None


class Registration(Record, frozen=True, kw_only=True):
    """What an enterprise is registered with; `source` says what it rests on, `areas` its zones."""

    uscc: str
    customs_code: str
    name: str
    roles: tuple[str, ...]
    valid_from: date
    source: str
    credit: tuple[Credit, ...] = ()
    areas: tuple[str, ...] = ()


class Amendment(Record, frozen=True, kw_only=True):
    """What is different from a day on; what is absent stays. `credit` is appended to the history."""

    valid_from: date
    source: str
    customs_code: str | None = None
    name: str | None = None
    roles: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    credit: tuple[Credit, ...] = ()


class Version(Registration, frozen=True, kw_only=True):
    """One version of a registration; it holds from `valid_from` until the next one does."""

    version: int
    state: str = REGISTERED
    actor: str
    recorded_at_ms: int
    log_index: int = -1

    def level(self, day: date) -> str:
        """Return the credit level of a day, empty if none is known."""
        for one in reversed(self.credit):
            if one.first <= day:
                return one.level if one.until is None or day <= one.until else ""
        return ""


def check(one: Registration) -> list[Finding]:
    """Return what is wrong with a registration or version, taken by itself."""
    return [*_check_codes(one), *_check_texts(one), *_check_roles(one.roles), *check_credit(one.credit)]


def check_credit(periods: Sequence[Credit]) -> Iterator[Finding]:
    """Yield what is wrong with a credit history."""
    if len(periods) > MOST["credit"]:
        yield _form("credit", f"at most {MOST['credit']}", str(len(periods)))
    for place, one in enumerate(periods):
        if not _LEVEL.fullmatch(one.level):
            wanted = "1 to 40 of a-z, 0-9 and -, the first a letter"
            yield finding(
                "ENTERPRISE-CREDIT", path=f"credit[{place}].level", expected=wanted, actual=one.level
            )
        if one.until is not None and one.until < one.first:
            yield _dates(f"credit[{place}].until", f"{one.first} or later", str(one.until))
    for place, (earlier, later) in enumerate(pairwise(periods), 1):
        if later.first <= max(earlier.first, earlier.until or earlier.first):
            last = max(earlier.first, earlier.until or earlier.first)
            yield _dates(f"credit[{place}].from", f"after {last}", str(later.first))


def _check_codes(one: Registration) -> Iterator[Finding]:
    try:
        canonical = str(uscc.validate(one.uscc))
    except IdentifierError as error:
        yield finding("ENTERPRISE-USCC", path="uscc", expected=str(error), actual=one.uscc)
    else:
        if canonical != one.uscc:
            yield finding("ENTERPRISE-USCC", path="uscc", expected=canonical, actual=one.uscc)
    if not _CODE.fullmatch(one.customs_code):
        wanted = "ten characters, the first four of them digits"
        yield finding("ENTERPRISE-CODE", path="customs_code", expected=wanted, actual=one.customs_code)


def _check_texts(one: Registration) -> Iterator[Finding]:
    for path, text in (("name", one.name), ("source", one.source)):
        if not 0 < len(text) <= LONGEST[path] or text != text.strip() or not text.isprintable():
            yield _form(path, f"1 to {LONGEST[path]} printable characters without blanks around", text)
    if len(one.areas) > MOST["areas"] or len(set(one.areas)) < len(one.areas):
        yield _form("areas", f"at most {MOST['areas']}, each once", str(len(one.areas)))
    for place, area in enumerate(one.areas):
        if not 0 < len(area) <= LONGEST["areas"] or area != area.strip() or not area.isprintable():
            yield _form(f"areas[{place}]", f"1 to {LONGEST['areas']} printable characters", area)


def _check_roles(roles: Sequence[str]) -> Iterator[Finding]:
    if not roles or len(set(roles)) < len(roles):
        yield _form("roles", "at least one role, each once", ", ".join(roles))
    for place, role in enumerate(roles):
        if role not in ROLES:
            yield finding("ENTERPRISE-ROLE", path=f"roles[{place}]", expected=", ".join(ROLES), actual=role)


def _form(path: str, expected: str, actual: str) -> Finding:
    return finding("ENTERPRISE-FORM", path=path, expected=expected, actual=actual)


def _dates(path: str, expected: str, actual: str) -> Finding:
    return finding("ENTERPRISE-DATES", path=path, expected=expected, actual=actual)
