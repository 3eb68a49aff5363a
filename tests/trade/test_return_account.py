# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The account of a list under any order of returns, changes, withdrawals and corrections of the original."""

import contextlib
import itertools
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import InputError
from gateway.trade.return_account import account
from tests.return_stage import Office, application, claim, export, list_number, piece

STATED = ("quantity", "legal", "second")
amounts = st.tuples(*(st.integers(1, 700_000).map(lambda one: str(Decimal(one).scaleb(-5))) for _ in STATED))
returns = st.integers(0, 4)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("announce"), returns, amounts),
        st.tuples(st.just("apply"), returns, amounts),
        st.tuples(st.just("change"), returns, amounts),
        st.tuples(st.just("delete"), returns, amounts),
        st.tuples(st.just("correct"), returns, amounts),
    ),
    min_size=1,
    max_size=14,
)


def do(office, act, number, said):
    """Do one act; what the gateway refuses changes nothing."""
    values = dict(zip(STATED, said, strict=True))
    if act == "correct":
        office.say(export(1, function="change", lines=(piece(**values),)))
    elif act == "announce":
        with contextlib.suppress(InputError):
            office.announce(claim(tracking_number=f"F{number}", **values), f"F{number}")
    else:
        function = {"apply": "new", "change": "change", "delete": "delete"}[act]
        office.say(
            application(
                own=f"R{number}", function=function, lines=(piece(**values),), tracking_number=f"A{number}"
            )
        )


def balances(office):
    """Return (limit, drawn) of the three quantities of the line; none while there is no account."""
    lines = office.store.run_read(lambda tx: account(tx, list_number(1)))
    return [
        (Decimal(one.original), Decimal(one.drawn))
        for line in lines
        for one in (line.quantity, line.legal, line.second)
    ]


def drawn_by_cases(office):
    """Return what the cases that hold goods draw, by quantity."""
    held = [case for case in office.cases() if case.state == "drawn"]
    return [
        sum((amount.value for case in held if (amount := getattr(case.claim.lines[0], name))), Decimal(0))
        for name in STATED
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_no_order_of_acts_overdraws_or_loses_a_draw(signing, acts) -> None:
    """What is drawn is what the drawn cases say, and grows above no limit, whatever comes in which order."""
    with tempfile.TemporaryDirectory() as name:
        office = Office(f"sqlite:///{Path(name) / 'returns.sqlite'}", signing)
        try:
            office.say(export(1))
            before = balances(office)
            for act, number, said in acts:
                do(office, act, number, said)
                now = balances(office)
                for (_, was), (limit, drawn) in itertools.zip_longest(before, now, fillvalue=(0, 0)):
                    assert drawn <= max(limit, was), (act, number, said)
                assert not now or [drawn for _, drawn in now] == drawn_by_cases(office)
                before = now
        finally:
            office.store.shut()
