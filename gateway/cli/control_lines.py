# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Controls in words: who controlled what, where and when, on what proof, and what was decided."""

from collections.abc import Iterator
from datetime import datetime

from gateway.trade.control import Recorded
from gateway.trade.control_view import Decision, Relied, Sheet


def line(one: Recorded) -> str:
    """Return a result of our own in one line."""
    when = one.at.isoformat()
    parts = [
        f"{one.tracking_number}: controlled by {one.office} at {when}, {one.method}: {one.result}",
        f"{one.reference} version {one.version}, {one.stage}, log entry {one.log_index}",
    ]
    if one.seals:
        parts.append("seals " + ", ".join(f"{each.number} {each.state}" for each in one.seals))
    parts += [each.code for each in one.findings]
    return "; ".join(parts)


def lines(found: Sheet) -> Iterator[str]:
    """Yield everything about the controls of a number."""
    yield from map(line, found.own)
    for one in found.consolidations:
        when = _moment(one.at, "an unknown time")
        yield f"  consolidated under {one.bill or '-'} by manifest {one.manifest} at {when}"
    for step, at in (("arrived at the site", found.steps.arrived_at), ("departed", found.steps.departed_at)):
        if at is not None:
            yield f"  {step} {at.isoformat()}"
    for answer in found.answers:
        yield f"  {answer.partner} decided {_decided(answer)}"
    for each in found.received:
        yield from _relied(found.tracking_number, each)


def _relied(number: str, one: Relied) -> Iterator[str]:
    """Yield a result that a partner sent, its proof, and the decisions about it."""
    said, proof = one.control, one.proof
    office, when = said.office or "a withheld office", _moment(said.at, "a withheld time")
    yield (
        f"{number}: controlled by {office} of {one.partner} at {when}, {said.method or '-'}:"
        f" {said.result or '-'}; {said.reference or '-'} {one.function}"
    )
    yield (
        f"  proof: batch {proof.batch_id} ({proof.channel} {proof.sequence}) position {proof.position},"
        f" statement sha256 {proof.statement_sha256}, {proof.log} entry {proof.log_index}"
    )
    for decision in one.decisions:
        yield f"  decided {_decided(decision)}"


def _decided(one: Decision) -> str:
    """Return a decision in words."""
    draw = f", draw {one.draw}" if one.draw >= 0 else ""
    later = f"; own control {one.later_control} {one.outcome}" if one.outcome else ""
    return (
        f"{one.decision} by rule {one.rule}{draw} at {one.at.isoformat()}, log entry {one.log_index}{later}"
    )


def _moment(at: datetime | None, otherwise: str) -> str:
    """Return a time in words."""
    return at.isoformat() if at is not None else otherwise
