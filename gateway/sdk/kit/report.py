# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the kit found: passive values and their text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

CHECKS = {
    "contract": "the adapter has what gateway.sdk.Adapter asks for",
    "imports": "gateway.sdk is all that is imported of the gateway",
    "samples": "there are good and bad samples, and every file is one or the other",
    "good": "every good sample decodes to its expected JSON",
    "bad": "every bad sample raises what its name says",
    "receipt": "every sample is answered with a receipt",
    "round-trip": "encode after decode keeps every mapped field",
    "rows": "every mapping row is hit by a sample",
    "never-raises": "damaged samples give findings and no exception",
    "no-network": "no socket and no process was asked for",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold; `subject` is a sample, a rule or a file."""

    check: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Speed:
    """Microseconds for one record of a sample; 0 if it is not written."""

    subject: str
    records: int
    decode: float
    encode: float


@dataclass(slots=True)
class Report:
    """The answer of the kit; `looked` counts what each check looked at, `notes` say what it could not."""

    adapter: str
    looked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHECKS, 0))
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    speeds: list[Speed] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Say whether everything holds."""
        return not self.faults

    def see(self, check: str) -> None:
        """Count one thing that a check looked at."""
        self.looked[check] += 1

    def fail(self, check: str, subject: str, detail: str) -> None:
        """Note one thing that does not hold."""
        self.faults.append(Fault(check, subject, detail))

    def lines(self) -> Iterator[str]:
        """Tell the report for people."""
        for check, meaning in CHECKS.items():
            wrong = sum(one.check == check for one in self.faults)
            verdict = "FAULT" if wrong else "good" if self.looked[check] else "-"
            yield f"{verdict:5}  {check:12}  {self.looked[check]:5}  {meaning}"
        for one in self.faults:
            yield f"  {one.check}  {one.subject}: {one.detail}"
        for note in self.notes:
            yield f"  note: {note}"
        for speed in self.speeds:
            wrote = f"{speed.encode:8.1f}" if speed.encode else "       -"
            read = f"{speed.records:3} records  decode {speed.decode:8.1f}"
            yield f"  {speed.subject:32} {read}  encode {wrote}  µs a record"
