# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a record is called and joined by: the kind it is, its reference and its keys.

Nothing is invented: a record whose own fields give no key is refused.
"""

from collections.abc import Iterator

from adapters.ead_json.leaves import write_moment
from gateway.sdk import ContributionKind, Item

GROUPS = ("event", "dispatch", "assessment", "answer", "control")
ITEM = "item"
KINDS = (ITEM, *GROUPS)
SOURCES = tuple(one.value for one in ContributionKind if one.record == ITEM)


def groups(item: Item) -> list[str]:
    """Return the groups of other records that the record carries; an item proper has none."""
    return [name for name in GROUPS if getattr(item, name) is not None]


def keys(item: Item) -> tuple[str, ...]:
    """Return the business keys, the tracking number first."""
    return tuple(dict.fromkeys(_keys(item)))


def reference(kind: str, item: Item) -> str:
    """Return what the record calls itself where the message does not: empty if its fields do not suffice."""
    own: tuple[str | None, ...]
    match kind:
        case "event" if item.event and item.event.code and item.event.at:
            own = (_subject(item), item.event.code, write_moment(item.event.at))
        case "dispatch" if item.dispatch:
            own = (item.dispatch.number or item.dispatch.consignment, item.dispatch.stage)
        case "assessment" if item.assessment:
            own = (item.assessment.reference or _subject(item),)
        case "answer" if item.answer:
            own = (item.answer.referral, item.answer.kind)
        case "control" if item.control:
            own = (item.control.reference or _subject(item),)
        case "item":
            own = (_subject(item),)
        case _:
            own = ()
    return "|".join(one or "" for one in own) if own and own[0] else ""


def _subject(item: Item) -> str:
    named = (item.tracking_number, item.mrn, item.ucr, item.order_number, item.list_number)
    return next((one for one in named if one), "")


def _keys(item: Item) -> Iterator[str]:
    if item.tracking_number:
        yield f"trk:{item.tracking_number}"
    if item.mrn:
        yield f"mrn:{item.mrn}"
    if item.order_number and item.platform and item.platform.identifier:
        yield f"ord:{item.platform.identifier}|{item.order_number}"
    if item.list_number:
        yield f"inv:{item.list_number}"
    if item.dispatch:
        if item.dispatch.number:
            yield f"dsp:{item.dispatch.number}"
        yield from (f"rcp:{one.number}" for one in item.dispatch.receptacles if one.number)
    if item.event:
        if item.event.dispatch:
            yield f"dsp:{item.event.dispatch}"
        if item.event.receptacle:
            yield f"rcp:{item.event.receptacle}"
