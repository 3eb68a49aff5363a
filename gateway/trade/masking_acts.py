# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Show what was entered by hand, controls and cases of returns, without what may name a person in it.

Masked is what a record would have masked: the words of a control, the words of a return and its exporter,
who may be a person. The note with which somebody decides stays: it is an act of staff, as reasons in the log
are.
"""

from collections.abc import Sequence

import msgspec

from gateway.model import MASK, Item, masked
from gateway.trade.control import Recorded
from gateway.trade.control_view import Relied, Sheet
from gateway.trade.controls import Listed
from gateway.trade.return_case import Case, Problem

_OF_PERSONS = ("exporter", "reason")


def mask_recorded(one: Recorded) -> Recorded:
    """Return a version of a control of our own without its words."""
    return msgspec.structs.replace(one, text=one.text and MASK)


def mask_listed(rows: Sequence[Listed]) -> list[Listed]:
    """Return lines of a list of controls without the words of each."""
    return [msgspec.structs.replace(one, control=mask_recorded(one.control)) for one in rows]


def mask_sheet(sheet: Sheet) -> Sheet:
    """Return everything about the controls of a number without the words of either side."""
    return msgspec.structs.replace(
        sheet,
        own=tuple(mask_recorded(one) for one in sheet.own),
        received=tuple(_relied(one) for one in sheet.received),
    )


def mask_case(case: Case) -> Case:
    """Return a case without the words of who announced it, and without its exporter."""
    said = {name: MASK for name in _OF_PERSONS if getattr(case.claim, name)}
    return msgspec.structs.replace(
        case,
        claim=msgspec.structs.replace(case.claim, **said),
        problems=tuple(_problem(one) for one in case.problems),
    )


def _relied(one: Relied) -> Relied:
    """Return a result that a partner sent without its words."""
    shown = masked(Item(control=one.control)).control
    return msgspec.structs.replace(one, control=shown or one.control)


def _problem(one: Problem) -> Problem:
    """Return what is wrong with a case without what it quotes of the exporter."""
    if one.path not in _OF_PERSONS or not one.actual:
        return one
    return msgspec.structs.replace(one, actual=MASK)
