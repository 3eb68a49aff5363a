# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What would a partner see of an item: every leaf that has a value, its treatment, its article, its result.

A simulation runs the same compiled treatment as the way itself, with a secret and a pseudonym key of zeros:
it shows the form of commitments and pseudonyms, never the real ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.check import present
from gateway.agreement.match import compile_match, missing
from gateway.agreement.treat import committed_bytes, compile_treatment
from gateway.finding import Finding
from gateway.model import Item

ZEROS = bytes(32)


@dataclass(frozen=True, slots=True)
class SimulatedField:
    """One value of the item; `result` is what leaves, empty if nothing does."""

    path: str
    treatment: str
    article: str
    value: str
    result: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """One item under one agreement, whether or not it falls under it."""

    agreement: str
    version: int
    recipient: str
    matches: bool
    missing: tuple[str, ...]
    fields: tuple[SimulatedField, ...]
    findings: tuple[Finding, ...]

    def lines(self) -> Iterator[str]:
        """Yield the simulation as lines for people."""
        verdict = "falls under" if self.matches else "does NOT fall under"
        yield f"item {verdict} {self.agreement} version {self.version}; recipient {self.recipient}"
        if self.missing:
            yield f"waits for {', '.join(self.missing)}"
        for one in self.fields:
            article = f"  [{one.article}]" if one.article else ""
            yield f"  {one.path}  {one.treatment}{article}  {one.value!r} -> {one.result or '(nothing)'}"


def simulate(agreement: Agreement, item: Item) -> Simulation:
    """Treat an item under an agreement and say what became of each value."""
    treated = compile_treatment(agreement, ZEROS)(item, ZEROS)
    leaving = {path: value for path, _, value in present(treated.item)}
    committed = {one.path: one.digest for one in treated.commitments}
    fields = []
    for path, leaf, value in present(item):
        treatment = agreement.fields.get(leaf)
        if path in committed:
            result = f"sha256:{committed[path].hex()}"
        else:
            result = _text(leaving[path]) if path in leaving else ""
        kind, article = (treatment.text, treatment.article) if treatment else ("not named", "")
        fields.append(SimulatedField(path, kind, article, _text(value), result))
    return Simulation(
        agreement=agreement.id,
        version=agreement.version,
        recipient=agreement.recipient,
        matches=compile_match(agreement)(item),
        missing=missing(agreement, item),
        fields=tuple(fields),
        findings=treated.findings,
    )


def _text(value: Any) -> str:
    """Return a value as a commitment would write it."""
    return committed_bytes(value).decode()
