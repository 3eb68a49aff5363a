# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Work out the next version of an enterprise; refuse what the register does not allow; write nothing."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from gateway.errors import InputError
from gateway.exchange.enterprise_rows import EnterpriseRow
from gateway.exchange.ports import Transaction
from gateway.finding import Finding, finding
from gateway.identifiers import uscc as codes
from gateway.trade.enterprise import REGISTERED, WITHDRAWN, Amendment, Registration, Version, check

_decode = msgspec.json.Decoder(Version).decode
_TERMS = tuple(one.name for one in msgspec.structs.fields(Registration))
_WORDS = tuple(one for one in _TERMS if one not in {"valid_from", "source"})
_CHANGEABLE = ("customs_code", "name", "roles", "areas")


class Draft(msgspec.Struct, frozen=True):
    """A version before anybody answers for it."""

    terms: Registration
    version: int
    state: str = REGISTERED

    def signed(self, actor: str, now: int) -> Version:
        """Return the version that is kept."""
        terms = {name: getattr(self.terms, name) for name in _TERMS}
        return Version(**terms, version=self.version, state=self.state, actor=actor, recorded_at_ms=now)


def registered(tx: Transaction, one: Registration) -> Draft:
    """Return the first version of an enterprise, or the first one after it was withdrawn."""
    _refuse(check(one))
    versions = tx.enterprise_versions(one.uscc)
    if not versions:
        _refuse(_taken(tx, one))
        return Draft(one, 1)
    last = version_of(versions[-1])
    if last.state == REGISTERED:
        found = finding("ENTERPRISE-EXISTS", path="uscc", expected="not registered", actual=one.uscc)
        raise InputError("registered already", (found,))
    _refuse([*_later(last, one.valid_from), *_taken(tx, one)])
    return Draft(one, last.version + 1)


def changed(tx: Transaction, uscc: str, change: Amendment) -> Draft:
    """Return the next version of an enterprise."""
    last = _last(tx, uscc)
    said = {name: value for name in _CHANGEABLE if (value := getattr(change, name)) is not None}
    terms = msgspec.structs.replace(
        _terms(last),
        valid_from=change.valid_from,
        source=change.source,
        credit=(*last.credit, *change.credit),
        **said,
    )
    problems = [*check(terms), *_later(last, change.valid_from)]
    if all(getattr(terms, name) == getattr(last, name) for name in _WORDS):
        problems.append(finding("ENTERPRISE-SAME"))
    _refuse(problems or _taken(tx, terms))
    return Draft(terms, last.version + 1)


def withdrawn(tx: Transaction, uscc: str, valid_from: date, source: str) -> Draft:
    """Return the version that ends a registration."""
    last = _last(tx, uscc)
    terms = msgspec.structs.replace(_terms(last), valid_from=valid_from, source=source)
    _refuse([*check(terms), *_later(last, valid_from)])
    return Draft(terms, last.version + 1, WITHDRAWN)


def imported(tx: Transaction, rows: Sequence[Registration]) -> list[Draft]:
    """Return the first versions of many enterprises, or raise with what is wrong with every row."""
    drafts: list[Draft] = []
    problems: list[Finding] = []
    first: dict[str, int] = {}
    for number, one in enumerate(rows, 1):
        try:
            drafts.append(registered(tx, one))
        except InputError as error:
            problems += at_row(error.findings, number)
        for path, value, code in (
            ("uscc", one.uscc, "ENTERPRISE-EXISTS"),
            ("customs_code", one.customs_code, "ENTERPRISE-CODE-TAKEN"),
        ):
            if first.setdefault(value, number) != number:
                again = finding(code, path=path, expected=f"not that of row {first[value]}", actual=value)
                problems += at_row([again], number)
    _refuse(problems)
    return drafts


def at_row(findings: Iterable[Finding], number: int) -> list[Finding]:
    """Return findings with the number of the row that they are about."""
    return [
        finding(one.code, path=one.path, position=f"row {number}", expected=one.expected, actual=one.actual)
        for one in findings
    ]


def version_of(row: EnterpriseRow) -> Version:
    """Return the version that a row holds."""
    return msgspec.structs.replace(_decode(row.body), log_index=row.log_index)


def _last(tx: Transaction, uscc: str) -> Version:
    """Return the newest version of an enterprise that is registered."""
    rows = tx.enterprise_versions(codes.compact(uscc))
    if not rows:
        raise InputError("not registered", (finding("ENTERPRISE-UNKNOWN", path="uscc", actual=uscc),))
    last = version_of(rows[-1])
    if last.state == WITHDRAWN:
        found = finding("ENTERPRISE-WITHDRAWN", path="uscc", actual=f"withdrawn from {last.valid_from}")
        raise InputError("withdrawn", (found,))
    return last


def _later(last: Version, valid_from: date) -> list[Finding]:
    """Return a finding if a version would not begin after the one before."""
    if valid_from > last.valid_from:
        return []
    expected = f"after {last.valid_from}"
    return [finding("ENTERPRISE-DATES", path="valid_from", expected=expected, actual=str(valid_from))]


def _taken(tx: Transaction, one: Registration) -> list[Finding]:
    """Return a finding if another enterprise has the customs code on or after the day of a version."""
    for owner in tx.enterprises_with_code(one.customs_code):
        versions = [version_of(row) for row in tx.enterprise_versions(owner)] if owner != one.uscc else []
        for version, following in zip(versions, [*versions[1:], None], strict=False):
            holds = version.state == REGISTERED and version.customs_code == one.customs_code
            if holds and (following is None or following.valid_from > one.valid_from):
                code = "ENTERPRISE-CODE-TAKEN"
                return [finding(code, path="customs_code", expected="free", actual=one.customs_code)]
    return []


def _terms(version: Version) -> Registration:
    """Return what a version registers."""
    return Registration(**{name: getattr(version, name) for name in _TERMS})


def _refuse(problems: Sequence[Finding]) -> None:
    """Stop the act if something is wrong."""
    if problems:
        raise InputError("the enterprise cannot be registered so", tuple(problems))
