# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a verification says: one check per question, each good, bad, absent or not possible."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.errors import CouldNotCheck, GatewayError
from gateway.finding import Finding, finding


class State(enum.StrEnum):
    """What came of one check; `absent` is evidence that is not held, which is no fault."""

    GOOD = "good"
    BAD = "bad"
    ABSENT = "absent"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer; `says` is for people, `findings` begin with the code of the check."""

    name: str
    state: State
    says: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that was checked; `facts` are what is proved, and empty unless everything is good."""

    checks: tuple[Check, ...]
    facts: Mapping[str, object]

    @property
    def state(self) -> State:
        """Bad if anything is, unchecked if anything could not be, else good."""
        states = {one.state for one in self.checks}
        return next((one for one in (State.BAD, State.UNCHECKED) if one in states), State.GOOD)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the checks."""
        return tuple(one for check in self.checks for one in check.findings)


class Questions:
    """Ask one question after the other; a wrong answer never stops those that do not need it."""

    def __init__(self) -> None:
        """Begin without answers."""
        self.checks: list[Check] = []

    def ask(self, name: str, code: str, work: Callable[[], str]) -> bool:
        """Run a check that returns what it found, or raises; say whether it was good."""
        try:
            says = work()
        except CouldNotCheck as error:
            found = (finding("AUDIT-BUNDLE-UNCHECKED", path=name, actual=str(error)), *error.findings)
            self.checks.append(Check(name, State.UNCHECKED, str(error), found))
        except GatewayError as error:
            # What cannot even be read in a bundle is as wrong as a signature that does not hold.
            self.add_bad(name, code, str(error), error.findings)
        else:
            self.checks.append(Check(name, State.GOOD, says))
            return True
        return False

    def add_bad(self, name: str, code: str, says: str, findings: tuple[Finding, ...] = ()) -> None:
        """Add a wrong answer."""
        self.checks.append(Check(name, State.BAD, says, (finding(code, path=name, actual=says), *findings)))

    def add_absent(self, name: str, says: str) -> None:
        """Add that something is not held."""
        self.checks.append(Check(name, State.ABSENT, says))

    def skip(self, name: str, needs: str) -> None:
        """Add that something could not be asked because what it needs is wrong."""
        found = finding("AUDIT-BUNDLE-UNCHECKED", path=name, expected=needs)
        self.checks.append(Check(name, State.UNCHECKED, f"needs {needs}", (found,)))
