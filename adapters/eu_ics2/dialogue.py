# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The meanings of the dialogue as data: trader messages to canonical outcomes, and the public carriers."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.sdk import Answer, Assessment


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one trader message says; `carrier` is a public message with the same meaning, or empty."""

    message: str
    record: str
    carrier: str
    source: str
    phase: str = ""
    outcome: str = ""
    kind: str = ""


@functools.cache
def meanings() -> Mapping[str, Meaning]:
    """Return every meaning by its trader message."""
    return {row["message"]: Meaning(**row) for row in _document()["meaning"]}


def meaning_of(record: Assessment | Answer) -> Meaning | None:
    """Return the trader message that says what a record says, `None` if the table has none.

    An amendment asked for or sent has no message of its own in the public sources.
    """
    for one in meanings().values():
        if isinstance(record, Assessment):
            if one.record == "assessment" and one.outcome == record.outcome:
                return one
        elif one.record == "answer" and one.kind == record.kind:
            return one
    return None


def record_of(message: str) -> Assessment | Answer | None:
    """Return what a trader message says by its name alone, `None` for an unknown name."""
    one = meanings().get(message)
    if one is None:
        return None
    if one.record == "answer":
        return Answer(kind=one.kind)
    return Assessment(phase=one.phase, outcome=one.outcome, decision_code=message)


def request_types() -> Mapping[str, str]:
    """Return the known referral request types (CL735) with their outcomes."""
    return dict(_document()["request_type"]["pairs"])


def screening_results() -> Mapping[str, str]:
    """Return the known screening results (CL726); the list is not public."""
    return dict(_document()["screening_result"]["pairs"])


@functools.cache
def message_functions() -> Mapping[str, str]:
    """Return the message functions (CL727) with what they do."""
    return dict(_document()["message_function"]["pairs"])


@functools.cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "dialogue.toml").read_text("utf-8"))
