# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What others learn of a return: assessments about the parcel that comes back and about the original.

They are records like any other, and leave only under an agreement that shares assessments: with the condition
about = "received" to the partner that announced the parcel, with "sent" to the one that got the original.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from gateway.clock import moment
from gateway.exchange.rows import MessageRow, PackedContribution, PackedDocument
from gateway.model import Assessment, Contribution, ContributionKind, Function, Item, pack_contribution
from gateway.trade.return_case import DRAWN, REFUSED, WITHDRAWN, Case

WAY = "returns"
_DIGESTED = b"returns\x00"
_SETTLED = frozenset({DRAWN, REFUSED, WITHDRAWN})


def documents(case: Case, organisation: str, now: int) -> tuple[PackedDocument, ...]:
    """Return what is to be said of a case after its last step."""
    return tuple(
        PackedDocument(
            position=place, reference=one.reference, echo={}, contributions=(_pack(one),), findings=()
        )
        for place, one in enumerate(_said(case, organisation, now), 1)
    )


def message(case: Case, number: int, now: int, told: int) -> MessageRow:
    """Return the message that stands for what is said of a case."""
    statement = msgspec.json.encode((case.id, len(case.steps)))
    return MessageRow(
        id=number,
        digest=hashlib.sha256(_DIGESTED + statement).digest(),
        source=WAY,
        submitter=WAY,
        adapter="",
        message_type="assessment",
        message_id=f"{case.id}.{len(case.steps)}",
        received_at=now,
        outcome="accepted",
        documents=told,
        accepted=told,
        raw=b"",
        acknowledgement=b"",
        content_type="",
        findings=b"\x90",
    )


def reason(case: Case) -> str:
    """Return all verdicts of a case with rule and source, in one line."""
    parts = [
        f"{one.about} {one.verdict}: {one.reason}"
        + (f" [{one.rule}; {one.source}; {one.status}]" if one.rule else "")
        for one in case.rulings
    ]
    return "; ".join(parts)


def _said(case: Case, organisation: str, now: int) -> Iterator[Contribution]:
    """Yield the contributions."""
    number, original = case.claim.tracking_number, case.original_tracking_number
    assessment = _assessment(case, organisation, now)
    if number:
        yield _contribution(case, "parcel", number, assessment)
    was_drawn = any(one.state == DRAWN for one in case.steps)
    if original and original != number and was_drawn:
        yield _contribution(case, "original", original, assessment)


def _contribution(case: Case, what: str, number: str, assessment: Assessment) -> Contribution:
    """Return one assessment; the first word of a case is new, each later one changes it."""
    item = Item(tracking_number=number, list_number=case.list_number or None, assessment=assessment)
    return Contribution(
        kind=ContributionKind.ASSESSMENT,
        function=Function.NEW if len(case.steps) == 1 else Function.CHANGE,
        reference=f"{case.id}|{what}",
        keys=(f"trk:{number}",),
        item=item,
    )


def _assessment(case: Case, organisation: str, now: int) -> Assessment:
    """Return the assessment of a case."""
    errors = [one.code for one in case.problems if one.severity == "error"]
    return Assessment(
        reference=f"return-{case.id}",
        authority=organisation,
        phase="final" if case.state in _SETTLED else "receipt",
        outcome="reject" if case.state == REFUSED else "registered",
        decision_code=f"return-{case.state}",
        reason_code=errors[0] if errors else None,
        reason=reason(case) or None,
        at=moment(now),
    )


def _pack(one: Contribution) -> PackedContribution:
    """Return a contribution as documents hold it."""
    return PackedContribution(
        kind=one.kind,
        function=one.function,
        reference=one.reference,
        keys=one.keys,
        body=pack_contribution(one),
    )
