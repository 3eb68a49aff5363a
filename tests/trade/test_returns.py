# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Returns on real databases: matched, judged, drawn, given back, told, and never more than was exported."""

import threading
from datetime import date

import pytest

from gateway.errors import InputError
from gateway.model import Party
from gateway.trade.return_case import ClaimLine
from tests.partner_messages import tracking
from tests.return_stage import (
    OTHER,
    Office,
    amount,
    application,
    claim,
    codes,
    export,
    list_number,
    piece,
)


@pytest.fixture(params=["sqlite", "postgresql"], name="url")
def _url(request, tmp_path):
    """Give the address of a new database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'returns.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(name="office")
def _office(tmp_path, signing):
    """The returns of a gateway that knows two exports."""
    office = Office(f"sqlite:///{tmp_path / 'returns.sqlite'}", signing)
    office.say(export(1), export(2, mode="9810"))
    yield office
    office.store.shut()


def refused(office, said, number="R1"):
    """Return the codes with which an announcement is refused; nothing of it is kept."""
    before = office.log_size(), len(office.cases()), office.drawn()
    with pytest.raises(InputError) as error:
        office.announce(said, number)
    assert (office.log_size(), len(office.cases()), office.drawn()) == before
    return [one.code for one in error.value.findings if one.severity == "error"]


def test_a_return_is_matched_judged_drawn_and_logged(office) -> None:
    """A return at the office of the export draws all three quantities, with both verdicts."""
    case = office.announce(claim())
    assert (case.state, case.list_number, case.confidence, codes(case)) == ("drawn", list_number(1), 100, [])
    assert office.drawn() == ("1", "1", "0.18")
    verdicts = {one.about: (one.verdict, one.rule, one.last_day) for one in case.rulings}
    assert verdicts == {
        "return": ("yes", "RETURN-2020-44", date(2027, 3, 20)),
        "relief": ("yes", "RELIEF-2026-16", date(2026, 9, 20)),
        "zone": ("yes", "", None),
    }
    assert all(one.source and one.status == "second-hand" for one in case.rulings[:2])
    assert case.declaration.startswith("CEB213 with 9661")
    assert office.log_size() == len(case.steps) == 1
    assert office.told(tracking(1)) == [("registered", "return-drawn")]


def test_partial_returns_end_at_the_original(office) -> None:
    """Ten single pieces come back, the eleventh is above the account whichever quantity is looked at."""
    for place in range(10):
        assert office.announce(claim(), f"R{place}").state == "drawn"
    assert office.drawn() == ("10", "10", "1.8")
    assert refused(office, claim(), "R10") == ["RETURN-ACCOUNT"] * 3
    assert refused(office, claim(quantity="0.00001", legal="", second=""), "R10") == ["RETURN-ACCOUNT"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (claim(9), ["RETURN-LIST"]),
        (claim(line=2), ["RETURN-LINE"]),
        (claim(quantity="11"), ["RETURN-ACCOUNT"]),
        (claim(exporter="4403000000"), ["RETURN-EXPORTER"]),
        (claim(day=date(2027, 3, 21)), ["RETURN-CLOCK"]),
        (claim(2, office=OTHER), ["RETURN-OFFICE"]),
        (claim(office=OTHER), ["RETURN-OFFICE"]),
        (claim(message="CEB213", mode="1261"), ["RETURN-CODE"]),
        (claim(quantity="0"), ["RETURN-QUANTITY"]),
        (claim(quantity="0.000001"), ["RETURN-QUANTITY"]),
        (claim(quantity="1E-99999999"), ["RETURN-QUANTITY"]),
        (claim(quantity="1E+99999999"), ["RETURN-QUANTITY"]),
        (claim(quantity="NaN"), ["RETURN-QUANTITY"]),
        (claim(lines=()), ["RETURN-FORM"]),
        (claim(list_number=""), ["RETURN-NO-NUMBER"]),
        (claim(direction="import"), ["RETURN-LIST"]),
    ],
)
def test_what_may_not_come_back_is_refused_and_leaves_nothing(office, said, expected) -> None:
    """Each bad return is refused with its finding; no case, draw or log entry comes of it."""
    assert refused(office, said) == expected
    assert office.drawn() is None


def test_the_line_not_found_speaks_the_customs_term(office) -> None:
    """A line that the original has not is -625209 in the words of the message package."""
    with pytest.raises(InputError) as error:
        office.announce(claim(line=7))
    assert [one.rule for one in error.value.findings] == ["CEB -625209"]


def test_clocks_end_on_their_last_day_and_the_relief_forbids_nothing(office) -> None:
    """On the last day of the year the return is in time and the relief is over; both say so."""
    case = office.announce(claim(day=date(2027, 3, 20)))
    assert case.state == "drawn"
    assert [(one.about, one.verdict) for one in case.rulings[:2]] == [("return", "yes"), ("relief", "no")]


def test_another_office_needs_a_rule_in_force_and_a_site(office, tmp_path, signing) -> None:
    """9610 may come back anywhere from March 2026 with a named site; before, only where pilots are named."""
    assert office.announce(claim(office=OTHER, site="HZ01")).state == "drawn"
    old = export(3, border_date=date(2025, 6, 1))
    early = date(2025, 7, 1)
    office.say(old)
    assert refused(office, claim(3, office=OTHER, site="HZ01", day=early), "R3") == ["RETURN-OFFICE"]
    pilot = Office(f"sqlite:///{tmp_path / 'pilot.sqlite'}", signing, pilots=("29",))
    pilot.say(old)
    case = pilot.announce(claim(3, office=OTHER, day=early))
    assert (case.state, case.rulings[-1].rule) == ("drawn", "ZONE-PILOT-2024")
    pilot.store.shut()


def test_what_has_no_list_code_goes_by_full_declaration(office) -> None:
    """9810 is drawn as a full declaration, and as a list application waits for a person who decides."""
    case = office.announce(claim(2))
    assert (case.state, case.declaration.split(" (")[0]) == ("drawn", "full declaration")
    waiting = office.announce(claim(2, message="CEB213", mode="9661"), "R2")
    assert (waiting.state, codes(waiting)) == ("waiting", ["RETURN-DECLARATION"])
    assert office.drawn(2) == ("1", "1", "0.18")
    accepted = office.decide(waiting.id, accept=True)
    assert (accepted.state, accepted.steps[-1].note, office.drawn(2)) == ("drawn", "seen", ("2", "2", "0.36"))
    again = office.decide(waiting.id, accept=False)
    assert (again.state, office.drawn(2), office.log_size()) == ("refused", ("1", "1", "0.18"), 4)
    with pytest.raises(InputError) as error:
        office.decide(waiting.id, accept=True)
    assert [one.code for one in error.value.findings] == ["RETURN-STATE"]


def test_a_partner_announces_and_another_office_settles(office) -> None:
    """Announced without an office nothing is drawn; an office settles it, and both partners can know."""
    said = claim(office="", day=None, tracking_number="BACK1", exporter="")
    case = office.partner(said)
    assert (case.state, office.drawn()) == ("announced", None)
    assert office.told("BACK1") == [("registered", "return-announced")]
    assert office.told(tracking(1)) == []
    assert office.partner(said) is None
    settled = office.match(case.id, OTHER, site="HZ01")
    assert (settled.state, settled.rulings[-1].rule) == ("drawn", "ZONE-NATIONWIDE-2026")
    assert office.told("BACK1") == office.told(tracking(1)) == [("registered", "return-drawn")]
    withdrawn = office.store.run(lambda tx: office.desk.withdraw(tx, "P1", "beta", 1)).case
    assert (withdrawn.state, office.drawn()) == ("withdrawn", ("0", "0", "0"))
    assert office.told(tracking(1)) == [("registered", "return-withdrawn")]


def test_a_return_of_nothing_known_is_refused_and_the_partner_told(office) -> None:
    """A partner's return of a list never seen is kept as a refused case and told as a rejection."""
    case = office.partner(claim(9, office="", tracking_number="BACK9"))
    assert (case.state, codes(case)) == ("refused", ["RETURN-LIST"])
    assert office.told("BACK9") == [("reject", "return-refused")]


def test_the_same_parcel_is_drawn_once(office) -> None:
    """The office's application settles what a partner announced; a third number draws nothing."""
    case = office.partner(claim(office="", day=None, tracking_number="BACK1", exporter=""))
    (outcome,) = office.say(application())
    assert outcome.accepted
    first, second = office.cases()
    assert (first.id, first.state, first.partner) == (case.id, "drawn", "beta")
    assert (second.state, second.same_as) == ("repeated", case.id)
    assert office.drawn() == ("1", "1", "0.18")
    assert office.announce(claim(tracking_number="BACK1"), "R3").state == "repeated"
    assert refused(office, claim(quantity="2", tracking_number="BACK1"), "R4") == ["RETURN-TWICE"]
    assert office.drawn() == ("1", "1", "0.18")


def test_ambiguous_returns_wait_for_a_person(office) -> None:
    """Two exports of one order: the candidates stand with confidence and reasons until a person chooses."""
    office.say(export(3, order_number="SO1", list_number=list_number(3)))
    said = claim(list_number="", order_number="SO1", platform="3301960001", exporter="")
    case = office.announce(said)
    assert (case.state, codes(case), office.drawn()) == ("waiting", ["RETURN-MATCH"], None)
    assert [(one.confidence, one.reasons) for one in case.candidates] == [(80, ("platform order 80",))] * 2
    with pytest.raises(InputError) as error:
        office.decide(case.id, accept=True)
    assert [one.code for one in error.value.findings] == ["RETURN-STATE"]
    with pytest.raises(InputError) as error:
        office.match(case.id, original=list_number(2))
    assert [one.code for one in error.value.findings] == ["RETURN-LIST"]
    settled = office.match(case.id, original=list_number(3))
    assert (settled.state, settled.list_number) == ("drawn", list_number(3))
    assert settled.reasons == ("platform order 80", "chosen by clerk")
    assert (office.drawn(3), office.drawn()) == (("1", "1", "0.18"), None)


def test_evidence_raises_and_lowers_the_confidence(office) -> None:
    """A tracking number with the same country and goods is sure; other goods leave it to a person."""
    line = ClaimLine(line=1, quantity=amount("1"), commodity_code="610910")
    said = claim(list_number="", tracking_number=tracking(1), lines=(line,), country="DE", exporter="")
    case = office.announce(said)
    assert (case.state, case.confidence) == ("drawn", 100)
    assert case.reasons == ("tracking number 90", "same country +5", "same goods +5")
    other = ClaimLine(line=1, quantity=amount("1"), commodity_code="950300")
    said = claim(list_number="", tracking_number=tracking(1), lines=(other,), country="FR", exporter="")
    case = office.announce(said, "R2")
    assert (case.state, case.candidates[0].confidence) == ("waiting", 40)


def test_applications_come_as_messages_and_change_and_go(office) -> None:
    """A list application draws as its message is taken; change draws anew, deletion gives back."""
    assert [one.accepted for one in office.say(application())] == [True]
    assert office.drawn() == ("1", "1", "0.18")
    more = (piece(quantity="3", legal="3", second="0.54"),)
    assert [one.accepted for one in office.say(application(function="change", lines=more))] == [True]
    assert office.drawn() == ("3", "3", "0.54")
    office.say(application(function="delete", lines=more))
    (case,) = office.cases()
    assert ([one.state for one in case.steps], office.drawn()) == (
        ["drawn", "drawn", "withdrawn"],
        ("0", "0", "0"),
    )


def test_a_message_cannot_overdraw_with_itself(office) -> None:
    """Of two applications in one message that are together above the account the second is refused."""
    six = (piece(quantity="6", legal="6", second="1"),)
    same = {"lines": six, "tracking_number": tracking(1)}
    first, second = office.say(application(own="R1", **same), application(own="R2", **same))
    assert (first.accepted, second.accepted) == (True, False)
    assert {one.code for one in second.findings if one.severity == "error"} == {"RETURN-ACCOUNT"}
    assert (office.drawn(), len(office.cases())) == (("6", "6", "1"), 1)


def test_a_bad_application_is_refused_in_the_answer(office) -> None:
    """An application of another exporter's list is refused whole: no record, no case."""
    (outcome,) = office.say(application(sender=Party(identifier="4403000000")))
    assert not outcome.accepted
    assert [one.code for one in outcome.findings if one.severity == "error"] == ["RETURN-EXPORTER"]
    assert office.cases() == []


def test_item_data_that_comes_in_announces_and_what_goes_out_does_not(office) -> None:
    """Item data of nature 21 from our own side makes a case if it comes in, none if it goes out."""
    office.say(export(4, direction="import", nature_of_transaction="21", list_number=list_number(1)))
    office.say(export(5, direction="export", nature_of_transaction="21", list_number=list_number(2)))
    (case,) = office.cases()
    assert (case.state, case.list_number, case.source) == ("announced", list_number(1), "item")


def test_limits_follow_the_original_but_not_below_what_came_back(office) -> None:
    """A corrected list changes what is left; below what is drawn nothing more can come back."""
    office.announce(claim(quantity="4", legal="4", second="0.72"))
    office.say(export(1, function="change", lines=(piece(quantity="5", legal="5", second="0.9"),)))
    assert refused(office, claim(quantity="2", legal="", second=""), "R2") == ["RETURN-ACCOUNT"]
    assert office.announce(claim(), "R3").state == "drawn"
    office.say(export(1, function="change", lines=(piece(quantity="3", legal="3", second="0.5"),)))
    assert "RETURN-ACCOUNT" in refused(office, claim(), "R4")
    assert office.drawn() == ("5", "5", "0.9")


def test_a_cancelled_original_gives_nothing(office) -> None:
    """Goods of a deleted list cannot come back on it."""
    office.say(export(1, function="delete"))
    assert refused(office, claim()) == ["RETURN-CANCELLED"]


def test_what_is_not_stated_or_not_counted_is_said_and_not_drawn(office) -> None:
    """Without legal quantities only the first is drawn, and the case says what is missing on either side."""
    office.say(export(3, lines=(piece(second=""),)))
    case = office.announce(claim(3, legal=""))
    assert office.drawn(3) == ("1", "0", "0")
    assert [(one.code, one.path) for one in case.problems] == [
        ("RETURN-NOT-STATED", "lines[0].legal"),
        ("RETURN-NOT-COUNTED", "lines[0].second"),
    ]


def test_other_units_and_unknown_days_wait(office) -> None:
    """A quantity in another unit, and an original without a day, wait for a person."""
    line = ClaimLine(line=1, quantity=amount("1", "C62"))
    assert codes(office.announce(claim(lines=(line,)))) == ["RETURN-UNIT"]
    office.say(export(3, border_date=None))
    case = office.announce(claim(3), "R3")
    assert (case.state, codes(case)) == ("waiting", ["RETURN-DAY"])


def test_quantities_are_exact_at_the_largest(office) -> None:
    """The largest quantity comes back to the last fifth decimal, and nothing after it."""
    huge = "89999999999999.99999"
    office.say(export(3, lines=(piece(quantity=huge, legal=huge, second=""),)))
    assert office.announce(claim(3, quantity=huge, legal=huge, second="")).state == "drawn"
    assert office.drawn(3) == (huge, huge, "0")
    assert refused(office, claim(3, quantity="0.00001", legal="", second=""), "R2") == ["RETURN-ACCOUNT"]
    office.say(export(4, lines=(piece(quantity="90000000000001", second=""),)))
    assert refused(office, claim(4), "R4") == ["RETURN-LINE"]


def test_nodes_at_once_never_overdraw(url, signing) -> None:
    """Thirty returns from three nodes on one database: ten are drawn, twenty refused, to the last piece."""
    offices = [Office(url, signing, number=number) for number in (1, 2, 3)]
    offices[0].say(export(1))
    results = []

    def run(office, first):
        for place in range(first, first + 10):
            try:
                results.append(office.announce(claim(), f"R{place}").state)
            except InputError as error:
                results.append(error.findings[0].code)

    threads = [
        threading.Thread(target=run, args=(office, place * 10)) for place, office in enumerate(offices)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["RETURN-ACCOUNT"] * 20 + ["drawn"] * 10
    assert offices[0].drawn() == ("10", "10", "1.8")
    assert offices[0].log_size() == len(offices[0].cases()) == 10
    for office in offices:
        office.store.shut()


def test_the_statement_itself_refuses_to_overdraw(url, signing) -> None:
    """Drawing above the limit, or giving back more than was drawn, changes nothing in the database."""
    office = Office(url, signing)
    office.say(export(1))
    office.announce(claim())
    held = office.store.run_read(lambda tx: tx.return_accounts(list_number(1)))[0]

    def draw(*amounts):
        return office.store.run(lambda tx: tx.draw_return(held.id, amounts))

    assert not draw(9_00001, 0, 0)
    assert not draw(0, 9_00001, 0)
    assert not draw(0, 0, 1_62001)
    assert not draw(-1_00001, 0, 0)
    assert not office.store.run(lambda tx: tx.limit_return_account(held.id, 2, (99999, 10**6, 180000)))
    assert office.drawn() == ("1", "1", "0.18")
    assert draw(9_00000, 9_00000, 1_62000)
    assert office.drawn() == ("10", "10", "1.8")
    office.store.shut()


def test_the_search_of_a_channel_moves_once(url, signing) -> None:
    """Of two nodes that searched the same batch one moves on, the other learns that it was done."""
    office = Office(url, signing)
    move = office.store.run
    assert move(lambda tx: tx.move_return_cursor("b/a/item", 0, 1))
    assert not move(lambda tx: tx.move_return_cursor("b/a/item", 0, 1))
    assert move(lambda tx: tx.move_return_cursor("b/a/item", 1, 2))
    assert not move(lambda tx: tx.move_return_cursor("other", 1, 2))
    assert office.store.run_read(lambda tx: tx.return_cursor("b/a/item")) == 2
    office.store.shut()
