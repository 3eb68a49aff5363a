# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which message says what: its table, and the constants that its segments need when they are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.sdk import ContributionKind

PER_ITEM = "item"


@dataclass(frozen=True, slots=True)
class Entry:
    """One message; `group` holds one document each, the message itself is the document if it is empty.

    `stage` is that of a dispatch.
    """

    table: str
    kind: ContributionKind
    group: str = PER_ITEM
    stage: str = ""


CATALOGUE: Mapping[str, Entry] = {
    "ITMATT": Entry("item", ContributionKind.POSTAL),
    "CUSITM": Entry("item", ContributionKind.POSTAL),
    "CUSRSP": Entry("assessment", ContributionKind.ASSESSMENT),
    "ITMREF": Entry("assessment", ContributionKind.ASSESSMENT),
    "REFRSP": Entry("answer", ContributionKind.ANSWER),
    "EMSEVT": Entry("event", ContributionKind.EVENT, "event"),
    "PREDES": Entry("dispatch", ContributionKind.DISPATCH, "", "closed"),
    "RESDES": Entry("dispatch", ContributionKind.DISPATCH, "", "scanned"),
    "PRECON": Entry("dispatch", ContributionKind.DISPATCH, "", "consigned"),
    "CARDIT": Entry("dispatch", ContributionKind.DISPATCH, "", "consigned"),
    "RESDIT": Entry("dispatch", ContributionKind.DISPATCH, "", "carried"),
}

# Components that are the same in every segment of a name: qualifiers that the guide does not fix by place.
FIXED: Mapping[str, Mapping[str, str]] = {
    "gross": {"purpose": "WT"},
    "net": {"purpose": "AAF"},
    "mass": {"purpose": "WT"},
    "hs": {"function": "5", "list": "HS"},
    "units": {"qualifier": "1"},
    "items": {"qualifier": "47"},
    "origin": {"qualifier": "27"},
    "value": {"qualifier": "39"},
    "note": {"subject": "AAI"},
    "reason": {"subject": "AAO"},
    "text": {"subject": "AAO"},
    "description": {"subject": "AAA"},
    "item": {"qualifier": "BJ"},
    "transport": {"stage": "20"},
    "receptacle": {"qualifier": "RCP"},
}
