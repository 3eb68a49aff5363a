# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows about controls before shipment: what offices found, where items went, what was decided. Passive."""

from gateway.exchange.rows import Row


class ControlRow(Row, frozen=True, kw_only=True, gc=False):
    """One version of a control result of our own; rows are only ever added, and emptied by erasure.

    `at` is when the office controlled, `recorded_at` when it said so, `log_index` the entry of that. `body`
    is the JSON of everything it said, `salt` hides the digest of it that the statement of the entry has.
    """

    id: int
    tracking_number: str
    posting_date: str
    reference: str
    version: int
    office: str
    at: int
    result: str
    recorded_at: int
    log_index: int
    body: bytes
    salt: bytes


class ConsolidationRow(Row, frozen=True, kw_only=True, gc=False):
    """That a manifest put a controlled item under a master bill; `at` is when it was issued, or 0."""

    id: int
    tracking_number: str
    posting_date: str
    bill: str
    manifest: str
    office: str
    at: int


class RecognitionRow(Row, frozen=True, kw_only=True, gc=False):
    """One decision about a control result that crossed the border.

    `side` is theirs for a result of the partner about which we decided, ours for one of our own about which
    it did. `reference` is the control's, `version` that of its release. `decision` is accept, sample, ignore,
    replaced by a later one, or withdrawn. `rules` is the SHA-256 of the rules, `draw` the place of a sample
    draw, -1 without one. `inbound` is the batch that brought the result, or the decision of the partner.
    `record` is the row of the record that it is about. `own` is the later control that `outcome` (agreed,
    disagreed) comes from.
    """

    id: int
    side: str
    partner: str
    agreement: str
    tracking_number: str
    posting_date: str
    reference: str
    version: int
    office: str
    at: int
    method: str
    stage: str
    result: str
    chapters: str
    decision: str
    rule: str
    rules: str
    draw: int
    decided_at: int
    inbound: int
    record: int
    log_index: int
    outcome: str = ""
    own: str = ""


class RecognitionCount(Row, frozen=True, kw_only=True, gc=False):
    """How many decisions share all of this."""

    partner: str
    office: str
    method: str
    rule: str
    decision: str
    outcome: str
    count: int
