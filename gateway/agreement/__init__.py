# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Agreements between two organisations: the text, its signatures, whom it is about, and what may leave.

Deny by default: what an agreement does not name does not leave. Knows nothing of batches, of the store, or of
how a release is written on the wire.
"""

from gateway.agreement.agreement import Agreement, BatchLimits, Match, Treatment, TreatmentKind, ValueBand
from gateway.agreement.check import check_release
from gateway.agreement.collection import AgreementSet, load_folder
from gateway.agreement.diff import Change, Difference, diff
from gateway.agreement.match import compile_match, missing
from gateway.agreement.parse import parse
from gateway.agreement.sign import (
    SignedAgreement,
    countersign,
    file_name,
    sign,
    signed_by,
    unverified,
    verify,
)
from gateway.agreement.simulate import Simulation, simulate
from gateway.agreement.treat import (
    Fields,
    Treat,
    Treated,
    Write,
    committed_bytes,
    compile_treatment,
    compile_writing,
    named,
    salt_label,
)
from gateway.agreement.treatment_table import treatment_digest, treatment_table, verify_table

__all__ = [
    "Agreement",
    "AgreementSet",
    "BatchLimits",
    "Change",
    "Difference",
    "Fields",
    "Match",
    "SignedAgreement",
    "Simulation",
    "Treat",
    "Treated",
    "Treatment",
    "TreatmentKind",
    "ValueBand",
    "Write",
    "check_release",
    "committed_bytes",
    "compile_match",
    "compile_treatment",
    "compile_writing",
    "countersign",
    "diff",
    "file_name",
    "load_folder",
    "missing",
    "named",
    "parse",
    "salt_label",
    "sign",
    "signed_by",
    "simulate",
    "treatment_digest",
    "treatment_table",
    "unverified",
    "verify",
    "verify_table",
]
