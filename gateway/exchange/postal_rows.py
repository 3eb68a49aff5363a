# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows about where items are and what authorities ask about them: passive, frozen, no verbs."""

from gateway.exchange.rows import Row


class ReferralRow(Row, frozen=True, kw_only=True, gc=False):
    """One question of an authority about an item, and how far it has come.

    `kind` is rfi, rfs, amend or dnl; `state` is open, answered, released, blocked or erased. `authority` is
    who asked and `referral` its number for it. Times not yet come are 0; `escalated_at` is when an answer was
    overdue. `answers` counts answers, `loaded_at` is when the item was reported as loaded all the same.
    """

    id: int
    tracking_number: str
    posting_date: str
    authority: str
    referral: str
    kind: str
    state: str
    raised_at: int
    answer_by: int = 0
    answered_at: int = 0
    settled_at: int = 0
    escalated_at: int = 0
    loaded_at: int = 0
    answers: int = 0
    partner: str = ""


class MovementRow(Row, frozen=True, kw_only=True, gc=False):
    """What a dispatch or a loading event says of one item; `record` is the row of that record.

    `stage` is that of the dispatch, or the code of the event. `at` is the time that the record states, else
    that at which it came.
    """

    id: int
    record: int
    tracking_number: str
    posting_date: str
    stage: str
    receptacle: str
    at: int
