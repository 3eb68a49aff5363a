# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Relying on controls of partners: decided once, logged, answered, compared, replayed, counted and erased."""

import csv
import io
import json
from datetime import date

import msgspec
import pytest

from gateway.clock import moment
from gateway.errors import InputError
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.reach import forget_number
from gateway.model import Assessment, unpack_item
from gateway.store.scrub import scrub
from gateway.trade.control_view import sheet
from gateway.trade.outcomes import OURS, THEIRS
from gateway.trade.recognition_figures import as_csv, as_table, ask, figures
from gateway.trade.recognitions import replay
from tests.control_bench import listed, pair, told, under
from tests.control_stage import RULES
from tests.erasure import everything
from tests.partner_messages import said, tracking
from tests.restating import carry

DAY = date(2026, 11, 20)


@pytest.fixture(name="sides")
async def _sides(keys, tmp_path):
    """Two sides."""
    async for one in pair(keys, tmp_path):
        yield one


def made(party, number, side=THEIRS):
    """Return decision, rule and outcome of what is kept about an item."""
    return [(one.decision, one.rule, one.outcome) for one in party.decisions(number) if one.side == side]


def statements(party, log):
    """Return the statements of decisions in a log about a partner, and the indexes of their entries."""
    entries = party.held("log_entries", log, 0, 1000)
    ids = [
        int(one.subject.removeprefix("decision:")) for one in entries if one.subject.startswith("decision:")
    ]
    return [
        (msgspec.json.decode(one.first), one.log_index) for one in party.held("statements", "decision", ids)
    ]


def clean(party):
    """Say whether the books and the log of a party hold."""
    return not party.store.run_read(SelfAudit(party.name, party.keyring).run).found.findings


def shown(party, number):
    """Return everything that a party knows of the controls of an item."""
    return party.store.run_read(lambda tx: sheet(tx, tracking(number), party.name))


async def test_result_is_accepted_logged_and_answered(sides):
    """The decision rests on the proved batch, its statement names no item, and the answer is kept at home."""
    await told(sides)
    (row,) = sides.beta.decisions(1)
    assert (row.decision, row.rule, row.office, row.stage) == (
        "accept",
        "SCANS",
        "2244",
        "before_consolidation",
    )
    assert row.rules == sides.beta.rules.sha256
    (relied,) = shown(sides.beta, 1).received
    (batch,) = sides.alpha.held("batches_after", "alpha/beta/control", 0, 10)
    assert (relied.proof.batch_id, relied.proof.statement_sha256) == (
        batch.batch_id,
        batch.statement_digest.hex(),
    )
    assert (relied.partner, relied.decisions[0].decision) == ("alpha", "accept")
    ((act, index),) = statements(sides.beta, "beta/alpha")
    assert (act["statement_sha256"], act["log_index"]) == (
        batch.statement_digest.hex(),
        relied.proof.log_index,
    )
    assert (act["rules_sha256"], index) == (row.rules, row.log_index)
    assert [one["rule"] for one in act["decisions"]] == ["SCANS"]
    assert tracking(1) not in json.dumps(act)
    (answer,) = sides.alpha.rows(1, "assessment")
    said_back = unpack_item(answer.body).assessment
    assert (said_back.decision_code, said_back.outcome) == ("control-accept", "registered")
    assert said_back.reference == f"C-{tracking(1)}-1"
    assert made(sides.alpha, 1, OURS) == [("accept", "SCANS", "")]
    assert sides.alpha.referrals(1) == []
    assert clean(sides.alpha)
    assert clean(sides.beta)


async def test_nothing_is_decided_twice(sides):
    """Restating again and asking again decide nothing anew; --again does, and replaces."""
    await told(sides)
    await sides.beta.restater.restate()
    with pytest.raises(InputError) as raised:
        await sides.beta.recognitions.decide(tracking(1))
    assert [one.code for one in raised.value.findings] == ["RECOGNITION-NOTHING"]
    sides.beta.set_rules(RULES.replace('decision = "accept"', 'decision = "ignore"'))
    await sides.beta.recognitions.decide(tracking(1), again=True)
    assert made(sides.beta, 1) == [("replaced", "SCANS", ""), ("ignore", "SCANS", "")]
    await carry(sides.beta, sides.alpha, "assessment")
    assert made(sides.alpha, 1, OURS) == [("ignore", "SCANS", "")]


async def test_without_rules_results_are_kept_and_decided_later(keys, tmp_path):
    """A node without rules shows results with their proof; once it has rules it decides when it is asked."""
    async for sides in pair(keys, tmp_path, rules=""):
        await told(sides)
        assert sides.beta.decisions(1) == []
        assert shown(sides.beta, 1).received[0].control.result == "satisfactory"
        with pytest.raises(InputError) as raised:
            await sides.beta.recognitions.decide(tracking(1))
        assert [one.code for one in raised.value.findings] == ["RECOGNITION-NO-RULES"]
        sides.beta.set_rules(RULES)
        found = await sides.beta.recognitions.decide(tracking(1))
        assert [one.decision for one in found.received[0].decisions] == ["accept"]


async def test_amended_and_withdrawn_results_change_the_decision(sides):
    """An amendment is decided about anew; a result that is taken back ends in withdrawn."""
    await told(sides)
    await sides.alpha.control(1, amend=True, result="discrepancy")
    await carry(sides.alpha, sides.beta, "control")
    assert made(sides.beta, 1) == [("replaced", "SCANS", ""), ("ignore", "NO-RULE", "")]
    await carry(sides.beta, sides.alpha, "assessment")
    assert made(sides.alpha, 1, OURS) == [("ignore", "NO-RULE", "")]
    (row,) = sides.beta.rows(1, "control")
    (words,) = [one for one in sides.beta.held("contributions_of_item", row) if not one.retired]
    gone = said("control", "delete", words.reference.rpartition("|")[2], tracking_number=tracking(1))
    await sides.beta.intake._store.transact(lambda tx: _restate(sides.beta, tx, gone, row))
    assert [one[0] for one in made(sides.beta, 1)] == ["replaced", "withdrawn"]
    assert clean(sides.beta)


def _restate(party, tx, gone, row):
    """Let a partner's word that ends a record take effect as the restater would."""
    from gateway.exchange.effects import apply, check_and_judge  # noqa: PLC0415 - beside its only use
    from gateway.exchange.rows import PackedContribution, PackedDocument  # noqa: PLC0415 - the same
    from gateway.exchange.touched import Arrival  # noqa: PLC0415 - the same
    from gateway.model import pack_contribution  # noqa: PLC0415 - the same

    (words,) = [one for one in tx.contributions_of_item(row) if not one.retired]
    scope = words.reference.rpartition("|")[0]
    packed = PackedContribution(
        kind=gone.kind,
        function=gone.function,
        reference=gone.reference,
        keys=gone.keys,
        body=pack_contribution(gone),
    )
    document = PackedDocument(
        position=1, reference=gone.reference, echo={}, contributions=(packed,), findings=()
    )
    arrival = Arrival(words.message_row, scope, 2_000_000_000_000, party.ids, party.random)
    follows = party.restater._follows
    judged = check_and_judge(tx, [document], arrival, follows)
    apply(tx, judged, arrival, agreements=party.agreements, organisation=party.name, follows=follows)


@pytest.mark.parametrize(("found", "outcome"), [("satisfactory", "agreed"), ("discrepancy", "disagreed")])
async def test_later_own_control_is_compared_on_both_sides(sides, found, outcome):
    """The partner's own later control of a received item agrees or not, and its record tells us so."""
    await told(sides)
    own = {"reference": "AU-1", "office": "AU01", "result": "not_completed", "method": "physical"}
    await sides.beta.control(1, 2, **own)
    assert made(sides.beta, 1) == [("accept", "SCANS", "")]
    done = await sides.beta.control(1, 3, **own | {"reference": "AU-2", "result": found})
    assert done.stage == "import"
    assert made(sides.beta, 1) == [("accept", "SCANS", outcome)]
    assert await carry(sides.beta, sides.alpha, "control") == 2
    (row,) = [one for one in sides.alpha.decisions(1) if one.side == OURS]
    assert (row.outcome, row.own) == (outcome, "AU-2")


async def test_control_of_another_posting_is_no_comparison(sides):
    """A number is used again: a later control of the next posting neither agrees nor disagrees."""
    await sides.alpha.submit(listed(1, posting_date=DAY), number="l1")
    await carry(sides.alpha, sides.beta, "item")
    await sides.alpha.control(1)
    await carry(sides.alpha, sides.beta, "control")
    row = sides.beta.decisions(1)[0]
    assert row.posting_date == DAY.isoformat()
    other = msgspec.structs.replace(row, id=1, posting_date="2025-01-07", decision="accept", record=1)
    await sides.beta.store.transact(lambda tx: tx.put_recognitions([other]))
    await sides.beta.control(1, 3, reference="AU-1", office="AU01")
    assert [(one.posting_date, one.outcome) for one in sides.beta.decisions(1)] == [
        ("2025-01-07", ""),
        (DAY.isoformat(), "agreed"),
    ]


async def test_goods_are_those_of_the_partners_item(sides):
    """A rule about chapters looks at the received item, and holds only if every line is in one of them."""
    from gateway.model import ContentPiece  # noqa: PLC0415 - beside its only use

    for number, codes in ((1, ("610910", "950300")), (2, ("610910", "620000")), (3, ())):
        pieces = tuple(ContentPiece(number=place, hs=one) for place, one in enumerate(codes, 1))
        await sides.alpha.submit(listed(number, content=pieces), number=f"l{number}")
        await carry(sides.alpha, sides.beta, "item")
        await sides.alpha.control(number, method="physical")
        await carry(sides.alpha, sides.beta, "control")
    assert [sides.beta.decisions(one)[0].rule for one in (1, 2, 3)] == ["TEXTILES", "NO-RULE", "NO-RULE"]
    assert [sides.beta.decisions(one)[0].chapters for one in (1, 2, 3)] == ["61 95", "61 62", ""]


async def test_partner_cannot_decide_about_what_is_not_its_own(sides):
    """Answers about an unknown control, one never sent, another item, or in another word, decide nothing."""
    await told(sides)
    await sides.alpha.submit(listed(2), number="l2")
    await sides.alpha.control(2)
    before = sides.alpha.decisions(1)
    for place, (reference, code, number) in enumerate(
        (
            ("C-none", "control-accept", 1),
            (f"C-{tracking(1)}-1", "control-maybe", 1),
            (f"C-{tracking(1)}-1", "control-ignore", 2),
            (f"C-{tracking(2)}-1", "control-accept", 2),
        )
    ):
        await carry(sides.alpha, sides.beta, "item")
        group = Assessment(reference=reference, decision_code=code, outcome="registered")
        word = said("assessment", reference=f"X{place}", tracking_number=tracking(number), assessment=group)
        await sides.beta.submit(word, number=f"x{place}")
        await carry(sides.beta, sides.alpha, "assessment")
    assert sides.alpha.decisions(1) == before
    assert sides.alpha.decisions(2) == []


async def test_decisions_replay_alike_and_differences_are_named(sides):
    """Every kept decision is given again by the same rules and key; another key or a changed row shows."""
    for number in (1, 2, 3, 4):
        await told(sides, number, method="weighing")
    again = sides.beta.store.run_read(lambda tx: replay(tx, sides.beta.rules))
    assert (again.compared, again.other_rules, again.differences) == (4, 0, ())
    sides.beta.set_rules(RULES, key=b"q" * 32)
    other = sides.beta.store.run_read(lambda tx: replay(tx, sides.beta.rules))
    assert len(other.differences) == 4
    sides.beta.set_rules(RULES + "# another file\n")
    newer = sides.beta.store.run_read(lambda tx: replay(tx, sides.beta.rules))
    assert (newer.compared, newer.other_rules) == (0, 4)


async def test_counts_say_what_was_asked(sides):
    """Decisions are counted by partner, rule or office, in JSON, table and CSV, within their days."""
    for number in (1, 2):
        await told(sides, number)
    await told(sides, 3, result="discrepancy")
    await sides.beta.control(1, 3, reference="AU-1", office="AU01")
    question = ask(today=DAY, partner="alpha", by="rule,office")
    answer = sides.beta.store.run_read(lambda tx: figures(tx, question))
    assert {tuple(one.by.values()): (one.received, one.accepted, one.ignored) for one in answer.rows} == {
        ("SCANS", "2244"): (2, 2, 0),
        ("NO-RULE", "2244"): (1, 0, 1),
    }
    assert (answer.total.received, answer.total.other_agreed) == (3, 1)
    rows = list(csv.DictReader(io.StringIO(as_csv(answer).decode())))
    assert [(one["rule"], one["received"]) for one in rows] == [("NO-RULE", "1"), ("SCANS", "2")]
    assert as_table(answer).decode().splitlines()[-3].split()[:2] == ["total", "3"]
    for other in (
        ask(today=DAY, partner="gamma"),
        ask(today=DAY, last="2026-11-19"),
        ask(today=DAY, side=OURS),
    ):
        nothing = sides.beta.store.run_read(lambda tx, other=other: figures(tx, other))
        assert (nothing.total.received, nothing.rows) == (0, ())
    ours = sides.alpha.store.run_read(lambda tx: figures(tx, ask(today=DAY, side=OURS)))
    assert (ours.total.received, ours.total.accepted, ours.total.ignored) == (3, 2, 1)


@pytest.mark.parametrize(
    "fields", [{"first": "soon"}, {"first": "2026-11-21"}, {"by": "colour"}, {"by": ""}, {"side": "both"}]
)
def test_questions_that_cannot_be_answered_are_findings(fields):
    """A wrong day, order of days, grouping or side is named."""
    with pytest.raises(InputError) as raised:
        ask(today=DAY, **fields)
    assert {one.code for one in raised.value.findings} == {"RECOGNITION-PERIOD"}


async def test_erasure_leaves_nothing_of_a_control(sides, tmp_path):
    """With its item a result and the decisions about it are emptied on both sides; log and counts stay."""
    await told(sides, text="Vanishing words")
    await sides.alpha.submit(listed(2), number="l2")
    await sides.alpha.control(2)
    secrets = (tracking(1).encode(), b"Vanishing")
    assert all(one in everything(tmp_path)[1] for one in secrets)
    for party in (sides.alpha, sides.beta):
        await party.care.erasing.items([tracking(1)], reason="asked for")
        for row in (*party.held("controls_after", 0, 10), *party.held("recognitions_after", 0, 10)):
            if row.tracking_number.startswith("erased-"):
                assert tracking(1) not in repr(row)
                assert "Vanishing" not in repr(row)
        assert party.held("controls_of", [tracking(1)]) == party.decisions(1) == []
        assert shown(party, 1) is None
        assert clean(party)
        scrub(f"sqlite:///{tmp_path / party.name}.sqlite")
    for found in everything(tmp_path):
        assert [one for one in secrets if one in found] == []
    assert len(sides.alpha.held("controls_of", [tracking(2)])) == 1
    counted = sides.beta.store.run_read(lambda tx: figures(tx, ask(today=DAY)))
    assert counted.total.accepted == 1
    replayed = sides.beta.store.run_read(lambda tx: replay(tx, sides.beta.rules))
    assert replayed.compared == 0


async def test_forgetting_a_number_forgets_its_controls_of_that_posting(sides):
    """Results, decisions and manifests of a number go with it; of another posting they stay."""
    await told(sides)
    await sides.alpha.submit(under(1, "784-1", moment(1_795_000_000_000)), number="m")
    await sides.alpha.store.transact(lambda tx: forget_number(tx, tracking(1), "2025-01-07"))
    assert len(sides.alpha.held("controls_of", [tracking(1)])) == 0
    await sides.alpha.submit(listed(2, posting_date=DAY), number="l2")
    await sides.alpha.control(2)
    await sides.alpha.store.transact(lambda tx: forget_number(tx, tracking(2), "2025-01-07"))
    assert len(sides.alpha.held("controls_of", [tracking(2)])) == 1
    await sides.alpha.store.transact(lambda tx: forget_number(tx, tracking(2)))
    for held in ("controls_of", "recognitions_of", "consolidations_of"):
        assert sides.alpha.held(held, [tracking(1), tracking(2)]) == []
    assert [one.body for one in sides.alpha.held("controls_after", 0, 9)] == [b"", b""]
