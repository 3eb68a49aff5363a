# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Evidence for anybody: bundles about one record, openings of one field, and the checks of both.

Imports without server or database. Knows nothing of where evidence is kept; `exchange.evidence` collects it.
"""

from gateway.evidence.bundle import Bundle, LogPart, RecordPart, read_bundle, write_bundle
from gateway.evidence.field import FieldOpening, OriginalRecord, read_opening, verify_opening
from gateway.evidence.verdict import Check, State, Verdict
from gateway.evidence.verify import verify_bundle

__all__ = [
    "Bundle",
    "Check",
    "FieldOpening",
    "LogPart",
    "OriginalRecord",
    "RecordPart",
    "State",
    "Verdict",
    "read_bundle",
    "read_opening",
    "verify_bundle",
    "verify_opening",
    "write_bundle",
]
