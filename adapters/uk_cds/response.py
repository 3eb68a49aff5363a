# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A Response as an assessment: outcome and phase by its function code, errors as requests with their path."""

from collections.abc import Sequence

import msgspec

from adapters.uk_cds import pointers
from adapters.uk_cds.catalogue import RES, compiled
from adapters.uk_cds.reading import Reading
from adapters.uk_cds.rules import rules
from adapters.uk_cds.spelling import decode as decode_table
from gateway.sdk import (
    Assessment,
    Contribution,
    ContributionKind,
    DecodedDocument,
    Finding,
    Function,
    finding,
    has_errors,
)


def decode(root: object, position: int, found: Sequence[Finding]) -> DecodedDocument:
    """Read a Response; what was found before stands first."""
    reading = Reading(RES, root)
    item, faults = decode_table(compiled(RES.name), reading.groups)
    told = [*found, *faults, *reading.findings]
    plain = item.assessment or Assessment()
    meaning = rules().responses.get(plain.decision_code or "")
    if meaning is None:
        told.append(finding("UKCDS-FUNCTION", path="Response/FunctionCode", actual=plain.decision_code or ""))
    assessment = msgspec.structs.replace(
        plain,
        outcome=(meaning.outcome if meaning else "") or None,
        phase=(meaning.phase if meaning else "") or None,
        requests=tuple(
            msgspec.structs.replace(one, path=pointers.canonical(one.path)) if one.path else one
            for one in plain.requests
        ),
    )
    item = msgspec.structs.replace(item, assessment=assessment)
    when = assessment.at.isoformat() if assessment.at else ""
    reference = assessment.reference or f"{item.mrn or ''}|{assessment.decision_code or ''}|{when}"
    if not item.mrn:
        told.append(finding("UKCDS-NO-KEY", path="Response/Declaration/ID"))
    contributions: tuple[Contribution, ...] = ()
    if item.mrn and not has_errors(told):
        contributions = (
            Contribution(
                kind=ContributionKind.ASSESSMENT,
                function=Function.NEW,
                reference=reference,
                keys=(f"mrn:{item.mrn}",),
                item=item,
                issued_at=assessment.at,
            ),
        )
    echo = {"FunctionalReferenceID": assessment.reference or "", "ID": item.mrn or ""}
    return DecodedDocument(
        position=position,
        reference=reference,
        echo={name: text for name, text in echo.items() if text},
        contributions=contributions,
        findings=tuple(told),
    )
