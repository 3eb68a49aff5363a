# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows as tuples of driver values, and back."""

import itertools

from gateway.exchange.rows import ContributionRow, ShareRow
from gateway.model import ContributionKind, Function, ReleaseFunction, ShareState
from gateway.store import form

PLAIN = {int, str, bytes, bool}


def test_contributions_of_every_kind_are_plain_values_and_come_back():
    """Drivers get texts themselves, never members of an enumeration, and the row read is the row written."""
    for kind, function in itertools.product(ContributionKind, Function):
        row = ContributionRow(
            id=1,
            message_row=2,
            position=3,
            kind=kind,
            function=function,
            reference="s|r",
            join_key="trk:X",
            keys=("trk:X", "ord:p|1"),
            body=b"b",
        )
        values = form.contribution_values(row)
        assert {type(one) for one in values} <= PLAIN
        assert values[3:5] == (kind.value, function.value)
        assert form.contribution_row(values) == row


def test_shares_of_every_state_are_plain_values_and_come_back():
    """The same of shares."""
    for state, function in itertools.product(ShareState, ReleaseFunction):
        row = ShareRow(
            id=1,
            item=2,
            agreement="a",
            channel="c",
            state=state,
            version=1,
            function=function,
            deadline=0,
            missing=("content[].hs",),
            updated_at=5,
            item_version=1,
        )
        values = form.share_values(row)
        assert {type(one) for one in values} <= PLAIN
        assert (values[4], values[6]) == (state.value, function.value)
        assert form.share_row(values) == row
