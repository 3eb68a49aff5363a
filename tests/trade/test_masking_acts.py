# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Controls and cases of returns are shown without their persons."""

from datetime import UTC, datetime

import msgspec
import pytest

from gateway.model import MASK, Control
from gateway.trade.control import Recorded
from gateway.trade.control_view import Proof, Relied, Sheet
from gateway.trade.controls import Listed
from gateway.trade.masking_acts import mask_case, mask_listed, mask_sheet
from gateway.trade.return_case import Case, Claim, Problem, Step

NAME = "Quillonby Zaepfelstedt"
AT = datetime(2026, 11, 20, tzinfo=UTC)
OWN = Recorded(
    reference="C-1",
    tracking_number="LX000000009CN",
    office="2244",
    at=AT,
    method="scan",
    result="discrepancy",
    text=f"a letter to {NAME} inside",
    version=1,
    stage="before_consolidation",
    actor="local",
    recorded_at_ms=1,
)
PROOF = Proof(
    channel="beta/alpha/control",
    sequence=1,
    batch_id="b",
    position=0,
    statement_sha256="00" * 32,
    log="alpha/beta",
    log_index=1,
    received_at=AT,
)


def text_of(answer):
    """Return an answer as it goes out."""
    return msgspec.json.encode(answer).decode()


def test_words_of_a_control_are_masked_on_both_sides():
    """Neither our own words nor those of a partner are told; result, office and reference are."""
    theirs = Relied(
        partner="beta", version=1, function="original", control=Control(text=NAME, office="NL01"), proof=PROOF
    )
    sheet = Sheet(tracking_number="LX000000009CN", own=(OWN,), received=(theirs,))
    shown = mask_sheet(sheet)
    assert NAME not in text_of(shown)
    assert (shown.own[0].text, shown.received[0].control.text) == (MASK, MASK)
    assert (shown.own[0].result, shown.own[0].reference) == ("discrepancy", "C-1")
    assert (shown.received[0].control.office, shown.received[0].proof) == ("NL01", PROOF)


def test_words_of_a_listed_control_are_masked():
    """A line of the list of controls keeps its place and loses its words; what has none gets no mask."""
    silent = msgspec.structs.replace(OWN, text="")
    rows = mask_listed([Listed(id=4, control=OWN, bills=("784",)), Listed(id=5, control=silent)])
    assert [(one.id, one.bills, one.control.text) for one in rows] == [(4, ("784",), MASK), (5, (), "")]


@pytest.mark.parametrize("name", ["exporter", "reason"])
def test_who_returns_goods_and_why_is_masked(name):
    """Exporter and reason of a case are masked where they stand and where a finding quotes them."""
    case = Case(
        id=1,
        reference="R-1",
        state="refused",
        claim=Claim(lines=(), office="5165", **{name: NAME}),
        source="item",
        problems=(
            Problem(code="RETURN-EXPORTER", severity="error", path=name, actual=NAME),
            Problem(code="RETURN-QUANTITY", severity="error", path="lines[0].quantity", actual="0"),
        ),
        steps=(Step(what="refuse", state="refused", actor="duty", at_ms=1, note="not exported by us"),),
    )
    shown = mask_case(case)
    assert NAME not in text_of(shown)
    assert getattr(shown.claim, name) == MASK
    assert [one.actual for one in shown.problems] == [MASK, "0"]
    assert (shown.claim.office, shown.steps) == ("5165", case.steps)


def test_a_case_without_persons_is_shown_as_it_is():
    """Where nothing may name a person nothing is masked."""
    case = Case(
        id=1, reference="R-1", state="drawn", claim=Claim(lines=(), list_number="5165"), source="list"
    )
    assert mask_case(case) == case
