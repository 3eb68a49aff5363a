# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What changes between two versions of an agreement, and whether more or less leaves.

Wider and narrower are claimed only where they are certain; two treatments that cannot be compared (a
truncated text and a pseudonym) are just changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from gateway.agreement.agreement import Agreement, Treatment, TreatmentKind

_NOT_NAMED = "not named"
_FINENESS = {
    TreatmentKind.OMIT: 0,
    TreatmentKind.COMMIT: 1,
    TreatmentKind.PSEUDONYMISE: 2,
    TreatmentKind.GENERALISE: 2,
    TreatmentKind.TRUNCATE: 2,
    TreatmentKind.PASS: 3,
}
_ORDERED_RULES = (("hs2", "hs4", "hs6"), ("year", "month", "day"))


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `direction` is wider, narrower or changed."""

    path: str
    before: str
    after: str
    direction: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences between two agreements: fields, and terms that are not about a field."""

    fields: tuple[Change, ...]
    terms: tuple[Change, ...]

    @property
    def wider(self) -> bool:
        """Say whether anything certainly or possibly lets more leave than before."""
        return any(one.direction != "narrower" for one in self.fields)

    def lines(self) -> Iterator[str]:
        """Yield the differences as lines for people."""
        for one in (*self.fields, *self.terms):
            yield f"{one.direction:8}  {one.path}  {one.before} -> {one.after}"


def diff(before: Agreement, after: Agreement) -> Difference:
    """Compare two agreements, usually two versions of one."""
    paths = [*before.fields, *(one for one in after.fields if one not in before.fields)]
    changed = []
    for path in paths:
        old, new = before.fields.get(path), after.fields.get(path)
        if _shown(old) != _shown(new):
            changed.append(Change(path, _shown(old), _shown(new), _direction(old, new)))
    return Difference(tuple(changed), tuple(_terms(before, after)))


def _shown(treatment: Treatment | None) -> str:
    """Return a treatment as a change shows it."""
    return treatment.text if treatment else _NOT_NAMED


def _direction(old: Treatment | None, new: Treatment | None) -> str:
    """Say whether the new treatment lets more or less leave."""
    before, after = _fineness(old), _fineness(new)
    if before != after:
        return "wider" if after > before else "narrower"
    if old is None or new is None or old.kind is not new.kind:
        return "changed"
    if old.kind is TreatmentKind.TRUNCATE:
        return "wider" if new.length > old.length else "narrower"
    return _compare_rules(old.rule, new.rule)


def _fineness(treatment: Treatment | None) -> int:
    """Return how much of a value a kind of treatment lets through, at most."""
    return _FINENESS[treatment.kind] if treatment else 0


def _compare_rules(old: str, new: str) -> str:
    """Compare two rules of generalisation."""
    for order in _ORDERED_RULES:
        if old in order and new in order:
            return "wider" if order.index(new) > order.index(old) else "narrower"
    if old.startswith("prefix:") and new.startswith("prefix:"):
        return "wider" if int(new[7:]) > int(old[7:]) else "narrower"
    return "changed"


def _terms(before: Agreement, after: Agreement) -> Iterator[Change]:
    """Yield the differences that are not about a field."""
    for field in fields(Agreement):
        if field.name in {"fields", "digest", "version"}:
            continue
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            yield Change(field.name, _written(old), _written(new), "changed")


def _written(value: Any) -> str:
    """Return a term as people read it, the same every time."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "any"
    if isinstance(value, tuple):
        return ", ".join(_written(one) for one in value) or "none"
    if hasattr(value, "__dataclass_fields__"):
        return "; ".join(f"{one.name}={_written(getattr(value, one.name))}" for one in fields(value))
    return str(value)
