# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the controls of one item: by whom, on what proof, and what was decided about them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gateway.clock import moment
from gateway.exchange.control_rows import ConsolidationRow, RecognitionRow
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ItemRow
from gateway.model import Control, Item, Transport, unpack_item
from gateway.trade.control import Recorded
from gateway.trade.control_acts import recorded
from gateway.trade.outcomes import OURS, THEIRS
from gateway.trade.received import Received, received


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A passive answer."""


class Consolidated(View, frozen=True, kw_only=True):
    """A manifest that put the item under a master bill; `at` is when it was issued."""

    bill: str
    manifest: str
    office: str
    at: datetime | None = None


class Decision(View, frozen=True, kw_only=True):
    """A decision about a control, and what a later control of the side that decided found."""

    partner: str
    reference: str
    decision: str
    rule: str
    at: datetime
    log_index: int
    rules_sha256: str = ""
    draw: int = -1
    outcome: str = ""
    later_control: str = ""


class Proof(View, frozen=True, kw_only=True):
    """Where a result of a partner is proved: its signed batch, and the entry of our log about it."""

    channel: str
    sequence: int
    batch_id: str
    position: int
    statement_sha256: str
    log: str
    log_index: int
    received_at: datetime


class Relied(View, frozen=True, kw_only=True):
    """A result that a partner sent; `decisions` are the ones about it, in order."""

    partner: str
    version: int
    function: str
    control: Control
    proof: Proof
    decisions: tuple[Decision, ...] = ()


class Steps(View, frozen=True, kw_only=True):
    """What documents say of where the item was: arrival at the site, and departure."""

    site: str = ""
    arrived_at: datetime | None = None
    departed_at: datetime | None = None


class Sheet(View, frozen=True, kw_only=True):
    """Everything about the controls of a number."""

    tracking_number: str
    own: tuple[Recorded, ...] = ()
    consolidations: tuple[Consolidated, ...] = ()
    steps: Steps = Steps()
    answers: tuple[Decision, ...] = ()
    received: tuple[Relied, ...] = ()


def sheet(tx: Transaction, number: str, organisation: str) -> Sheet | None:
    """Return everything about the controls of a number; none if there is nothing."""
    own = [recorded(row) for row in tx.controls_of([number]) if row.body]
    came = received(tx, number, "control")
    if not own and not came:
        return None
    decisions = tx.recognitions_of([number])
    return Sheet(
        tracking_number=number,
        own=tuple(own),
        consolidations=tuple(_consolidated(one) for one in tx.consolidations_of([number])),
        steps=_steps(tx.items_by_tracking([number])),
        answers=tuple(_decision(one) for one in decisions if one.side == OURS),
        received=tuple(_relied(one, decisions, organisation) for one in came),
    )


def _consolidated(one: ConsolidationRow) -> Consolidated:
    """Return what a manifest says."""
    return Consolidated(
        bill=one.bill, manifest=one.manifest, office=one.office, at=moment(one.at) if one.at else None
    )


def _steps(rows: Sequence[ItemRow]) -> Steps:
    """Return what documents say of the newest item."""
    items = [unpack_item(row.body) for row in rows if row.record == "item" and row.body]
    item = items[-1] if items else Item()
    transport = item.transport or Transport()
    return Steps(
        site=item.supervised_site or "",
        arrived_at=transport.arrived_at,
        departed_at=transport.departed_at,
    )


def _relied(one: Received, decisions: Sequence[RecognitionRow], organisation: str) -> Relied:
    """Return a result that a partner sent, with its proof."""
    said, batch = one.release.item.control or Control(), one.batch
    mine = [
        row
        for row in decisions
        if (row.side, row.partner, row.inbound) == (THEIRS, batch.partner, batch.id)
        and row.reference == (said.reference or "")
    ]
    return Relied(
        partner=batch.partner,
        version=one.release.version,
        function=one.release.function.value,
        control=said,
        proof=Proof(
            channel=batch.channel,
            sequence=batch.sequence,
            batch_id=batch.batch_id,
            position=one.row.position,
            statement_sha256=batch.statement_digest.hex(),
            log=f"{organisation}/{batch.partner}",
            log_index=batch.log_index,
            received_at=moment(batch.received_at),
        ),
        decisions=tuple(_decision(row) for row in mine),
    )


def _decision(one: RecognitionRow) -> Decision:
    """Return a decision."""
    return Decision(
        partner=one.partner,
        reference=one.reference,
        decision=one.decision,
        rule=one.rule,
        at=moment(one.decided_at),
        log_index=one.log_index,
        rules_sha256=one.rules,
        draw=one.draw,
        outcome=one.outcome,
        later_control=one.own,
    )
