# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What was found at one layer, passive."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a layer is."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One layer of one subject (a file, a key, a partner); `fix` is empty if nothing needs one."""

    layer: str
    subject: str
    state: State
    detail: str
    fix: str = ""
