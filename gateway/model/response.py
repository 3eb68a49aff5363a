# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an authority answers about an item, what it asks, and what it is told in reply."""

from datetime import datetime
from decimal import Decimal

from gateway.model.measures import Money
from gateway.model.record import Record


class Tax(Record, frozen=True, kw_only=True, gc=False):
    """One duty or tax; `rate` is in per cent."""

    kind: str | None = None
    rate: Decimal | None = None
    amount: Money | None = None
    base: Money | None = None
    hs: str | None = None
    description: str | None = None


class Request(Record, frozen=True, kw_only=True, gc=False):
    """One thing that a referral asks for; `path` is a canonical field path where it is about a field."""

    code: str | None = None
    path: str | None = None
    text: str | None = None


class Screening(Record, frozen=True, kw_only=True, gc=False):
    """A screening method, recommended or used."""

    method: str | None = None
    text: str | None = None


class Assessment(Record, frozen=True, kw_only=True, gc=False):
    """What an authority says about an item.

    `phase` is receipt, pre_loading, pre_arrival or final. `outcome` is registered, complete, incomplete, rfi,
    rfs, dnl, amend, intervene, release, hold, return, seize or reject; the source's own code stands in
    `decision_code`. `referral` numbers the question, and the answer repeats it. `dutiable` is yes or no.
    """

    reference: str | None = None
    authority: str | None = None
    phase: str | None = None
    outcome: str | None = None
    decision_code: str | None = None
    reason_code: str | None = None
    reason: str | None = None
    at: datetime | None = None
    referral: str | None = None
    answer_by: datetime | None = None
    requests: tuple[Request, ...] = ()
    screenings: tuple[Screening, ...] = ()
    dutiable: str | None = None
    taxes: tuple[Tax, ...] = ()
    total: Money | None = None
    cleared_at: datetime | None = None


class Opening(Record, frozen=True, kw_only=True, gc=False):
    """A committed field laid open: the value as the commitment has it, its salt in hexadecimal."""

    path: str | None = None
    value: str | None = None
    salt: str | None = None


class Answer(Record, frozen=True, kw_only=True, gc=False):
    """The reply to a referral; `kind` is data, amendment or screening.

    `result` of a screening is clear, alarm or not_possible.
    """

    referral: str | None = None
    kind: str | None = None
    at: datetime | None = None
    by: str | None = None
    text: str | None = None
    result: str | None = None
    screenings: tuple[Screening, ...] = ()
    openings: tuple[Opening, ...] = ()
