# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The recipient's check that a release holds what the agreement allows, and what it requires.

The quick way rebuilds the record out of what may be in it and compares; only if the two differ are all leaves
walked to say why. So an allowed record costs little, and nothing that is not allowed can be overlooked.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.agreement.agreement import Agreement, Treatment, TreatmentKind
from gateway.agreement.generalise import rule
from gateway.agreement.match import compile_missing
from gateway.agreement.paths import template
from gateway.agreement.straight import CopyWriter, Source, compile_source
from gateway.audit.tree import HASH_LENGTH
from gateway.finding import Finding, finding
from gateway.model import FieldCommitment, Item, Release, ReleaseFunction, leaf_types
from gateway.model.record import Record

Allowed = Callable[[Item], Item]


def check_release(agreement: Agreement, release: Release) -> list[Finding]:
    """Return everything in which a received release departs from the agreement.

    A cancellation needs none of the required fields.
    """
    findings: list[Finding] = []
    if compile_allowed(agreement)(release.item) != release.item:
        findings += _forbidden(agreement, release.item)
    if release.commitments:
        findings += _check_commitments(agreement, release)
    if release.function is not ReleaseFunction.CANCELLATION:
        code = "AGREEMENT-REQUIRED-MISSING" if agreement.wait_then == "drop" else "AGREEMENT-INCOMPLETE"
        findings += [finding(code, path=path) for path in _required_missing(agreement, release)]
    return findings


@functools.lru_cache(maxsize=1024)
def compile_allowed(agreement: Agreement) -> Allowed:
    """Compile the copy of a received item that holds only what may be in it."""
    source = Source()
    result = CopyWriter(source, agreement.fields, _AllowedWriter(source)).copy()
    source.add(f"return {result}")
    allowed: Allowed = compile_source(source, "item")
    return allowed


@dataclass(frozen=True, slots=True)
class _AllowedWriter:
    """Write the lines that turn a value into what could have been sent."""

    source: Source

    def __call__(self, variable: str, leaf: str, _: str, treatment: Treatment) -> bool:
        """Write the lines for one leaf; a withheld leaf is never copied."""
        if treatment.kind in {TreatmentKind.COMMIT, TreatmentKind.OMIT}:
            return False
        if treatment.kind is TreatmentKind.TRUNCATE:
            self.source.add(f"if len({variable}) > {treatment.length}:")
            self.source.add(f"    {variable} = None")
        elif treatment.kind is not TreatmentKind.PASS:
            self.source.add(f"if not {self.source.bind(obeys(treatment, leaf))}({variable}):")
            self.source.add(f"    {variable} = None")
        return True


def obeys(treatment: Treatment, leaf: str) -> Callable[[Any], bool]:
    """Return the test whether a received value could be the result of its treatment."""
    match treatment.kind:
        case TreatmentKind.PASS:
            return lambda _: True
        case TreatmentKind.TRUNCATE:
            return lambda value: len(value) <= treatment.length
        case TreatmentKind.GENERALISE:
            coarser = rule(treatment.rule, leaf_types()[leaf])
            return lambda value: coarser(value) == value
        case TreatmentKind.PSEUDONYMISE:
            form = re.compile(rf"[A-Z2-7]{{{treatment.length}}}", re.ASCII)
            return lambda value: form.fullmatch(value) is not None
        case TreatmentKind.COMMIT | TreatmentKind.OMIT:
            return lambda _: False


def _forbidden(agreement: Agreement, item: Item) -> list[Finding]:
    """Walk all leaves that have a value and report those that may not have it."""
    findings = []
    for path, leaf, value in present(item):
        treatment = agreement.fields.get(leaf)
        if treatment is None or treatment.kind in {TreatmentKind.COMMIT, TreatmentKind.OMIT}:
            allowed = treatment.text if treatment else "no such field"
            findings.append(finding("AGREEMENT-FORBIDDEN-FIELD", path=path, expected=allowed))
        elif not obeys(treatment, leaf)(value):
            findings.append(finding("AGREEMENT-TOO-WIDE", path=path, expected=treatment.text))
    return findings


def present(record: Record, shown: str = "", prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield (path with indexes, leaf path, value) of every leaf that has a value."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, tuple):
            for index, one in enumerate(value):
                yield from present(one, f"{shown}{name}[{index}].", f"{prefix}{name}[].")
        elif isinstance(value, Record):
            yield from present(value, f"{shown}{name}.", f"{prefix}{name}.")
        elif value is not None and value != "":
            yield shown + name, prefix + name, value


def _check_commitments(agreement: Agreement, release: Release) -> list[Finding]:
    """Report commitments that are not what the agreement names."""
    findings = []
    seen: set[str] = set()
    for one in release.commitments:
        fault = _commitment_fault(agreement, release, one)
        if fault or one.path in seen:
            found = finding(
                "AGREEMENT-COMMITMENT-FORM", path=one.path[:100], expected=fault or "each field once"
            )
            findings.append(found)
        seen.add(one.path)
    return findings


def _commitment_fault(agreement: Agreement, release: Release, one: FieldCommitment) -> str:
    """Return what a commitment should have been, empty if it is right."""
    try:
        leaf, indexes = template(one.path)
    except ValueError:
        return "a field path"
    treatment = agreement.fields.get(leaf)
    if treatment is None or treatment.kind is not TreatmentKind.COMMIT:
        return "a field that the agreement commits"
    if len(one.digest) != HASH_LENGTH:
        return f"{HASH_LENGTH} bytes"
    pieces = len(release.item.content)
    if indexes and pieces and indexes[0] >= pieces:
        return f"an index below {pieces}"
    return ""


def _required_missing(agreement: Agreement, release: Release) -> list[str]:
    """Return the required leaves that are neither sent nor committed to."""
    lacking = list(compile_missing(agreement.required)(release.item))
    if not lacking or not release.commitments:
        return lacking
    committed: dict[str, int] = {}
    for one in release.commitments:
        if not _commitment_fault(agreement, release, one):
            leaf, _ = template(one.path)
            committed[leaf] = committed.get(leaf, 0) + 1
    pieces = max(1, len(release.item.content))
    return [
        path for path in lacking if committed.get(path, 0) < (pieces if path.startswith("content[]") else 1)
    ]
