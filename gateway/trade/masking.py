# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Show what is known of an item without what may name a person in it.

Masked are the texts of `model.personal`, wherever they stand: in the item, in what left and what came, and in
what findings and formats quote. Numbers, states, times and places in the logs stay, for the work to be done.
"""

from dataclasses import replace
from typing import Any

import msgspec

from gateway.exchange.query import ReceivedRecord, Trace
from gateway.finding import Finding
from gateway.model import MASK, Item, is_personal, masked
from gateway.model.fields import leaf_types
from gateway.trade.masking_acts import mask_case, mask_sheet
from gateway.trade.timeline import Timeline

_QUOTES = "] "


def mask_trace(trace: Trace) -> Trace:
    """Return a trace without what may name a person."""
    return replace(
        trace,
        item=masked(trace.item) if trace.item is not None else None,
        findings=tuple(_finding(one) for one in trace.findings),
        masked=True,
    )


def mask_received(record: ReceivedRecord) -> ReceivedRecord:
    """Return a received record without what may name a person."""
    release = msgspec.structs.replace(record.release, item=masked(record.release.item))
    return replace(record, release=release, masked=True)


def mask_timeline(timeline: Timeline) -> Timeline:
    """Return a timeline without what may name a person."""
    return msgspec.structs.replace(
        timeline,
        trace=mask_trace(timeline.trace) if timeline.trace is not None else None,
        fields=tuple(replace(one, fields=tuple(map(_way, one.fields))) for one in timeline.fields),
        received=tuple(mask_received(one) for one in timeline.received),
        controls=mask_sheet(timeline.controls) if timeline.controls is not None else None,
        returns=tuple(map(mask_case, timeline.returns)),
        masked=True,
    )


def _way(way: Any) -> Any:
    """Return the way of a field, a `FieldWay`, without its values if they may name a person."""
    if not is_personal(way.path):
        return way
    kind, quotes, _ = way.change.partition(_QUOTES)
    return replace(
        way,
        value=MASK,
        released=MASK if way.outcome == "released" else way.released,
        change=kind + quotes.rstrip(),
        masked=True,
    )


def _finding(one: Finding) -> Finding:
    """Return a finding without what it quotes, unless it is about a leaf that names nobody.

    Paths of other formats say nothing about persons, so what is quoted of them is masked.
    """
    leaf = one.path in leaf_types(Item) and not is_personal(one.path)
    if leaf or not (one.expected or one.actual):
        return one
    return replace(one, expected=one.expected and MASK, actual=one.actual and MASK)
