# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which leaves of a record may name a person, and records in which these are masked.

Every leaf of every party may, but for the country, the region and the city, and for the parties of `FIRMS`,
which are registered firms by their role. A role that is added to the model is masked until it is named there.
Words that somebody wrote freely may, and so does a committed value that was laid open.
"""

import functools
import re
from typing import Any, TypeVar

import msgspec

from gateway.model.fields import leaf_types
from gateway.model.item import Item
from gateway.model.party import Party
from gateway.model.record import Record

MASK = "•••"
"""What stands for a masked text, however long that is."""

FIRMS = frozenset({"declarant", "platform", "carrier", "zone_enterprise", "site_operator", "payment_firm"})
_SAYS_LITTLE = frozenset(
    {"address.city", "address.subdivision", "address.country", "identifier_scheme", "person_type"}
)
_WRITTEN_FREELY = frozenset(
    {
        "note",
        "cancellation_reason",
        "content[].note",
        "content[].filing.marks",
        "content[].filing.statements[].text",
        "content[].ruling.note",
        "filing.statements[].text",
        "filing.fiscal_references[].identifier",
        "event.note",
        "assessment.reason",
        "assessment.requests[].text",
        "assessment.screenings[].text",
        "answer.by",
        "answer.text",
        "answer.screenings[].text",
        "answer.openings[].value",
        "answer.openings[].salt",
        "control.text",
    }
)
_INDEX = re.compile(r"\[\d+\]")
R = TypeVar("R", bound=Record)


@functools.cache
def personal_leaves() -> frozenset[str]:
    """Return the paths of leaves of an item that may name a person; `[]` marks a repeated group."""
    naming = {leaf for leaf in leaf_types(Party) if leaf not in _SAYS_LITTLE}
    found = set(_WRITTEN_FREELY)
    for path in leaf_types(Item):
        role = path.removesuffix(next((f".{leaf}" for leaf in naming if path.endswith(f".{leaf}")), ""))
        if role != path and f"{role}.person_type" in leaf_types(Item) and role not in FIRMS:
            found.add(path)
    return frozenset(found)


def is_personal(path: str) -> bool:
    """Say whether a leaf may name a person; its path may be that of one repetition (`content[0].note`)."""
    return _INDEX.sub("[]", path) in personal_leaves()


def masked(record: R) -> R:
    """Return a record of the item, or the item, with `MASK` for each text that may name a person."""
    return _masked(record, "")


def _masked(record: R, prefix: str) -> R:
    """Return a record that stands at a path with its personal leaves masked."""
    changed: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Record):
            changed[name] = _masked(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            changed[name] = tuple(_masked(piece, f"{prefix}{name}[].") for piece in value)
        elif value and f"{prefix}{name}" in personal_leaves():
            changed[name] = MASK
    return msgspec.structs.replace(record, **changed)
