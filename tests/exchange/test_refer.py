# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The referral loop, rule by rule."""

from datetime import date, datetime, timedelta

import pytest

from gateway.clock import milliseconds
from gateway.exchange import refer
from gateway.model import Answer, Assessment, Dispatch, Event, Receptacle, ReceptacleItem
from tests.document_bench import NOW, DocumentBench
from tests.partner_messages import said

NUMBER, DAY, OTHER_DAY = "RX000000003CN", date(2026, 11, 1), date(2025, 1, 1)
CUSTOMS, STRANGER = "partner:bb-customs|bb-aa", "partner:cc-customs|cc-aa"


def assess(outcome, referral=None, function="new", reference=None, day=DAY, **more):
    """Return what an authority says; its reference is that of the outcome and referral."""
    said_ = Assessment(outcome=outcome, referral=referral, **{"authority": "BB"} | more)
    return said(
        "assessment",
        function,
        reference or f"{outcome}-{referral}",
        tracking_number=NUMBER,
        posting_date=day,
        assessment=said_,
    )


def take_back(reference, day=DAY):
    """Return a deletion as a partner's cancellation brings it: identification only."""
    return said("assessment", "delete", reference, tracking_number=NUMBER, posting_date=day)


def answer(referral, kind, function="new", day=DAY, reference="", **more):
    """Return an answer."""
    return said(
        "answer",
        function,
        reference or f"{referral}-{kind}",
        tracking_number=NUMBER,
        posting_date=day,
        answer=Answer(referral=referral, kind=kind, **more),
    )


@pytest.fixture(name="bench")
def _bench():
    """A post to which customs speaks through its own gateway."""
    return DocumentBench()


def asked(bench, *questions, scope=CUSTOMS):
    """Let customs say something that has no findings."""
    for one in questions:
        assert bench.codes(one, scope) == []


@pytest.mark.parametrize("kind", ["rfi", "rfs", "amend"])
def test_questions_open_a_referral(bench, kind):
    """RFI, RFS and AMEND open a referral with item, posting, authority and number, and the default time."""
    asked(bench, assess(kind, "R-1"))
    (row,) = bench.tables.referrals.values()
    assert (row.tracking_number, row.posting_date, row.authority) == (NUMBER, "2026-11-01", "BB")
    assert (row.kind, row.referral, row.state, row.partner) == (kind, "R-1", "open", "bb-customs")
    assert row.answer_by - row.raised_at == refer.answer_hours()[kind] * 3_600_000


def test_other_outcomes_open_nothing(bench):
    """What asks nothing and forbids nothing makes no referral."""
    for outcome in ("registered", "complete", "incomplete", "hold", "release", "intervene"):
        asked(bench, assess(outcome, "R-1"))
    assert bench.referrals() == []


def test_stated_time_counts_and_can_be_put_off(bench):
    """The time that the authority states replaces the default, and a change of it is followed."""
    asked(bench, assess("rfi", "R-1", answer_by=NOW + timedelta(hours=2)))
    (row,) = bench.tables.referrals.values()
    assert row.answer_by == milliseconds(NOW) + 2 * 3_600_000
    asked(bench, assess("rfi", "R-1", "change", answer_by=NOW + timedelta(hours=9)))
    (row,) = bench.tables.referrals.values()
    assert (row.answer_by, row.state) == (milliseconds(NOW) + 9 * 3_600_000, "open")


SUITS = {
    ("rfi", "data"),
    ("rfi", "amendment"),
    ("amend", "data"),
    ("amend", "amendment"),
    ("rfs", "screening"),
}


@pytest.mark.parametrize("kind", ["rfi", "rfs", "amend"])
@pytest.mark.parametrize("given", ["data", "amendment", "screening", None])
def test_only_the_right_kind_answers(bench, kind, given):
    """Data or an amendment answers RFI and AMEND, a screening RFS; anything else leaves the referral open."""
    asked(bench, assess(kind, "R-1"))
    right = (kind, given) in SUITS
    assert bench.codes(answer("R-1", given)) == ([] if right else ["REFERRAL-KIND"])
    assert bench.referrals() == [(kind, "R-1", "answered" if right else "open")]
    (row,) = bench.tables.referrals.values()
    assert (row.answers, bool(row.answered_at)) == (right, right)


def test_unknown_referrals_are_said(bench):
    """An answer to a number that nobody asked with is kept, with a finding."""
    asked(bench, assess("rfi", "R-1"))
    assert bench.codes(answer("R-2", "data")) == ["REFERRAL-UNKNOWN"]
    assert len(bench.rows("answer")) == 1


def test_answer_taken_back_leaves_the_referral_open(bench):
    """A referral whose only answer is deleted is open again; with another answer it stays answered."""
    asked(bench, assess("rfi", "R-1"))
    bench.take(answer("R-1", "data"), answer("R-1", "amendment"))
    bench.take(said("answer", "delete", "R-1-data", tracking_number=NUMBER, posting_date=DAY))
    assert bench.referrals() == [("rfi", "R-1", "answered")]
    bench.take(said("answer", "delete", "R-1-amendment", tracking_number=NUMBER, posting_date=DAY))
    assert bench.referrals() == [("rfi", "R-1", "open")]
    assert [row.answers for row in bench.tables.referrals.values()] == [0]


def test_changed_answer_counts_once(bench):
    """An answer that is changed is one answer; changed to the wrong kind it is none."""
    asked(bench, assess("rfi", "R-1"))
    bench.take(answer("R-1", "data", reference="X"))
    bench.take(answer("R-1", "data", "change", reference="X", text="more"))
    assert [row.answers for row in bench.tables.referrals.values()] == [1]
    bench.take(answer("R-1", "screening", "change", reference="X"))
    assert bench.referrals() == [("rfi", "R-1", "open")]


@pytest.mark.parametrize("outcome", ["complete", "release"])
@pytest.mark.parametrize("answered", [True, False])
def test_authority_releases_everything_it_asked(bench, outcome, answered):
    """Complete or release ends all referrals of the authority about the item, answered or not."""
    asked(bench, assess("rfi", "R-1"), assess("rfs", "R-2"))
    if answered:
        bench.take(answer("R-1", "data"))
    asked(bench, assess(outcome))
    assert [state for _, _, state in bench.referrals()] == ["released", "released"]
    assert bench.codes(answer("R-1", "amendment")) == ["REFERRAL-RELEASED"]
    assert [state for _, _, state in bench.referrals()] == ["released", "released"]


@pytest.mark.parametrize(
    ("scope", "authority"), [(STRANGER, "BB"), ("own|", "BB"), (CUSTOMS, "another office")]
)
def test_nobody_else_releases(bench, scope, authority):
    """Another partner, our own systems or another authority of the partner frees and takes back nothing."""
    asked(bench, assess("rfi", "R-1"), assess("rfs", "R-2"))
    asked(bench, assess("complete", authority=authority, reference="C"), scope=scope)
    assert bench.referrals() == [("rfi", "R-1", "open"), ("rfs", "R-2", "open")]
    asked(bench, assess("dnl", "D-1"))
    before = bench.referrals()
    bench.take(assess("dnl", "D-1", authority=authority, reference="own"), scope=scope)
    bench.take(take_back("own"), scope=scope)
    assert bench.referrals()[:3] == before
    assert before[2] == ("dnl", "D-1", "blocked")


def test_authority_need_not_repeat_its_name(bench):
    """A release without a name counts for all that the same partner asked, and the other way round."""
    asked(
        bench, assess("rfi", "R-1"), assess("rfi", "R-2", authority=None), assess("complete", authority=None)
    )
    assert [state for _, _, state in bench.referrals()] == ["released", "released"]
    asked(bench, assess("rfi", "R-3", authority=None), assess("release"))
    assert bench.referrals()[-1] == ("rfi", "R-3", "released")


def test_own_customs_needs_no_partner(bench):
    """At customs' own gateway its own systems ask and release, with or without a name."""
    asked(bench, assess("rfi", "R-1", authority=None), scope="own|")
    assert [row.authority for row in bench.tables.referrals.values()] == ["alpha"]
    asked(bench, assess("complete"), scope="own|")
    assert bench.referrals() == [("rfi", "R-1", "released")]


def test_authority_asks_round_after_round(bench):
    """After an answer the authority may ask under a new number, or the same once more, until it releases."""
    asked(bench, assess("rfi", "R-1"))
    bench.take(answer("R-1", "data"))
    asked(bench, assess("rfi", "R-2"))
    assert bench.referrals() == [("rfi", "R-1", "answered"), ("rfi", "R-2", "open")]
    asked(bench, assess("rfi", "R-1", reference="again"))
    assert bench.referrals()[0] == ("rfi", "R-1", "open")
    asked(bench, assess("complete"))
    asked(bench, assess("rfi", "R-1", reference="once more"))
    assert [state for _, _, state in bench.referrals()] == ["released", "released", "open"]


def test_one_assessment_may_go_through_all_outcomes(bench):
    """An authority that changes one record from question to release and back is followed each time."""
    asked(bench, assess("rfi", "R-1", reference="A"))
    asked(bench, assess("complete", None, "change", reference="A"))
    assert bench.referrals() == [("rfi", "R-1", "released")]
    asked(bench, assess("rfi", "R-2", "change", reference="A"))
    asked(bench, assess("hold", None, "change", reference="A"))
    assert bench.referrals()[1:] == [("rfi", "R-2", "open")]


def test_do_not_load_blocks_and_nothing_clears_it(bench):
    """DNL blocks what is open and what comes; no answer and no complete clears it, and both are told so."""
    asked(bench, assess("rfi", "R-1"), assess("dnl", "D-1"), assess("rfs", "R-2"))
    blocked = [("rfi", "R-1", "blocked"), ("dnl", "D-1", "blocked"), ("rfs", "R-2", "blocked")]
    assert bench.referrals() == blocked
    for kind in ("data", "amendment", "screening"):
        assert bench.codes(answer("D-1", kind)) == ["REFERRAL-BLOCKED"]
        assert bench.codes(answer("R-1", kind)) == ["REFERRAL-BLOCKED"]
    for outcome in ("complete", "release"):
        assert bench.codes(assess(outcome), CUSTOMS) == ["REFERRAL-BLOCKED"]
    assert bench.referrals() == blocked


def test_withdrawn_do_not_load_gives_back_what_was(bench):
    """When the DNL is taken back by its reference, other referrals are open or answered as before."""
    asked(bench, assess("rfi", "R-1"), assess("rfi", "R-2"))
    bench.take(answer("R-1", "data"))
    asked(bench, assess("dnl", "D-1"), take_back("dnl-D-1"))
    assert bench.referrals() == [
        ("rfi", "R-1", "answered"),
        ("rfi", "R-2", "open"),
        ("dnl", "D-1", "released"),
    ]
    asked(bench, assess("complete"))
    assert {state for _, _, state in bench.referrals()} == {"released"}


def test_changed_do_not_load_is_taken_back(bench):
    """A DNL whose record its authority changes to complete is cleared; a hold on the way clears nothing."""
    asked(bench, assess("dnl", "D-1", reference="A"))
    bench.take(assess("hold", None, "change", reference="A"), scope=CUSTOMS)
    assert bench.referrals() == [("dnl", "D-1", "blocked")]
    bench.take(assess("complete", None, "change", reference="A"), scope=CUSTOMS)
    assert bench.referrals() == [("dnl", "D-1", "released")]


def test_item_stays_blocked_while_one_do_not_load_stands(bench):
    """Of two DNL, of two authorities or said twice, taking back one leaves the item blocked."""
    asked(bench, assess("rfi", "R-1"), assess("dnl", "D-1"), assess("dnl", "D-1", reference="twice"))
    asked(bench, assess("dnl", "D-9", authority="CC"), scope=STRANGER)
    asked(bench, take_back("dnl-D-1"))
    assert {state for _, _, state in bench.referrals()} == {"blocked"}
    asked(bench, take_back("twice"))
    assert bench.referrals() == [
        ("rfi", "R-1", "blocked"),
        ("dnl", "D-1", "released"),
        ("dnl", "D-9", "blocked"),
    ]
    asked(bench, take_back("dnl-D-9"), scope=STRANGER)
    assert bench.referrals()[0] == ("rfi", "R-1", "open")


def loading(way, day=DAY):
    """Return a report that the item was loaded."""
    inside = ReceptacleItem(tracking_number=NUMBER, posting_date=day)
    dispatch = Dispatch(number="D", stage="closed", receptacles=(Receptacle(items=(inside,)),))
    event = Event(code="EMC", scheme="EMSEVT") if way == "EMC" else Event(code="74", scheme="RESDIT")
    if way == "PREDES":
        return said("dispatch", reference="L", keys=("dsp:D",), dispatch=dispatch)
    return said("event", reference="L", tracking_number=NUMBER, posting_date=day, event=event)


@pytest.mark.parametrize("way", ["EMC", "RESDIT 74", "PREDES"])
@pytest.mark.parametrize("question", ["rfi", "dnl"])
def test_loading_while_not_released_is_remembered(bench, way, question):
    """An item reported as loaded while a referral is open or blocked leaves a finding and is remembered."""
    asked(bench, assess(question, "R-1"))
    assert bench.codes(loading(way)) == ["REFERRAL-LOADED"]
    (row,) = bench.tables.referrals.values()
    assert row.loaded_at == bench.now
    assert len(bench.rows("dispatch" if way == "PREDES" else "event")) == 1


def test_loading_after_release_is_fine(bench):
    """A released item may be loaded, and other events never count as loading."""
    asked(bench, assess("rfi", "R-1"))
    other = said("event", reference="A", tracking_number=NUMBER, event=Event(code="EMB", scheme="EMSEVT"))
    assert bench.codes(other) == []
    asked(bench, assess("complete"))
    assert bench.codes(loading("EMC")) == []
    assert [row.loaded_at for row in bench.tables.referrals.values()] == [0]


def test_deleted_loading_report_is_not_one(bench):
    """Taking a loading report back says nothing about loading."""
    bench.take(loading("EMC"))
    asked(bench, assess("rfi", "R-1"))
    gone = said("event", "delete", "L", tracking_number=NUMBER, event=Event(code="EMC", scheme="EMSEVT"))
    assert bench.codes(gone) == []
    assert [row.loaded_at for row in bench.tables.referrals.values()] == [0]


def test_posting_date_tells_items_apart(bench):
    """Answers, releases and loadings of another posting of the number do nothing; undated ones count."""
    asked(bench, assess("rfi", "R-1"))
    assert bench.codes(answer("R-1", "data", day=OTHER_DAY)) == ["REFERRAL-UNKNOWN"]
    asked(bench, assess("complete", day=OTHER_DAY))
    assert bench.codes(loading("EMC", OTHER_DAY)) == []
    assert bench.referrals() == [("rfi", "R-1", "open")]
    assert bench.codes(answer("R-1", "data", day=None, reference="undated")) == []
    assert bench.referrals() == [("rfi", "R-1", "answered")]


def test_dispatch_with_both_postings_finds_both(bench):
    """A dispatch that lists the number with two posting dates is looked up under both."""
    asked(bench, assess("rfi", "R-1"), assess("rfi", "R-2", day=OTHER_DAY))
    inside = [ReceptacleItem(tracking_number=NUMBER, posting_date=day) for day in (DAY, OTHER_DAY)]
    dispatch = Dispatch(number="D", stage="closed", receptacles=(Receptacle(items=tuple(inside)),))
    assert bench.codes(said("dispatch", keys=("dsp:D",), dispatch=dispatch)) == ["REFERRAL-LOADED"]
    assert all(row.loaded_at for row in bench.tables.referrals.values())


def test_questions_without_number_or_item_are_said(bench):
    """A question without a number, or about no item, is kept with a finding; the latter opens nothing."""
    nameless = said("assessment", reference="A", tracking_number=NUMBER, assessment=Assessment(outcome="rfi"))
    assert bench.codes(nameless, CUSTOMS) == ["REFERRAL-NO-NUMBER"]
    for outcome in ("rfi", "dnl"):
        lost = said(
            "assessment",
            reference=outcome,
            keys=("mrn:1",),
            mrn="1",
            assessment=Assessment(outcome=outcome, referral="R-9"),
        )
        assert bench.codes(lost, CUSTOMS) == ["REFERRAL-NO-ITEM"]
    assert bench.referrals() == [("rfi", "", "open")]


def test_overdue_answer_is_escalated_once(bench):
    """Open referrals whose time has come are escalated, once; one with a new time is due again."""
    asked(bench, assess("rfi", "R-1", answer_by=NOW + timedelta(hours=1)), assess("rfs", "R-2"))
    asked(bench, assess("rfi", "R-3", answer_by=NOW + timedelta(hours=1)))
    bench.take(answer("R-3", "data"))
    due = milliseconds(NOW + timedelta(hours=1))
    assert refer.escalate(bench.tx, due - 1, 10) == []
    assert [row.referral for row in refer.escalate(bench.tx, due, 10)] == ["R-1"]
    assert refer.escalate(bench.tx, due, 10) == []
    assert [row.escalated_at for row in bench.tables.referrals.values()] == [due, 0, 0]
    later = datetime.fromtimestamp(due / 1000 + 60, tz=NOW.tzinfo)
    asked(bench, assess("rfi", "R-1", "change", answer_by=later))
    assert [row.referral for row in refer.escalate(bench.tx, milliseconds(later), 10)] == ["R-1"]


def test_only_assessments_and_answers_settle(bench):
    """Groups of another kind inside a record are never heard as that kind."""
    asked(bench, assess("rfi", "R-1"))
    hidden = said(
        "event",
        reference="E",
        tracking_number=NUMBER,
        posting_date=DAY,
        event=Event(code="EMA"),
        assessment=Assessment(outcome="complete", authority="BB"),
    )
    assert bench.codes(hidden, CUSTOMS) == []
    assert bench.referrals() == [("rfi", "R-1", "open")]
