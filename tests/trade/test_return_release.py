# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The clock of a return begins at the release of its list, as receipts of named submitters say it."""

from datetime import UTC, date, datetime

import pytest

from tests.return_stage import EXPORTED, Office, claim, codes, export, released

LATER = datetime(2026, 5, 10, 18, 30, tzinfo=UTC)
"""In China that is 11 May."""


@pytest.fixture(params=["sqlite", "postgresql"], name="office")
def _office(request, tmp_path, signing):
    """The returns of a gateway where `customs` releases, bare and in envelopes of one sender."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'release.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    office = Office(url, signing, releasers=("customs", "customs|DXPEDCCEB0000003"))
    office.say(export(1), export(2))
    yield office
    office.store.shut()


def clock(case):
    """Return verdict, day and basis of the clock of a return, and its last day."""
    (one,) = (ruling for ruling in case.rulings if ruling.about == "return")
    return one.verdict, one.counted_from, one.basis, one.last_day


@pytest.mark.parametrize("scope", ["customs|", "customs|DXPEDCCEB0000003"])
def test_the_release_begins_the_clock(office, scope) -> None:
    """With a receipt of a releaser the year counts from its day in China, which the verdict names."""
    before = office.announce(claim(1), "R1")
    assert clock(before)[1:3] == (EXPORTED, "border_date")
    (outcome,) = office.say(released(1, LATER), scope=scope)
    assert (outcome.accepted, outcome.findings) == (True, ())
    late = claim(1, day=date(2027, 5, 11))
    basis = f"CEB604 800 by {scope.rstrip('|')}"
    assert clock(office.announce(late, "R2")) == ("yes", date(2026, 5, 11), basis, date(2027, 5, 11))
    assert clock(office.announce(claim(2), "R3"))[2] == "border_date"


def test_the_first_release_stands(office) -> None:
    """A second receipt with another time is refused, so that nobody moves the clock afterwards."""
    office.say(released(1, LATER), scope="customs|")
    (outcome,) = office.say(released(1, LATER.replace(month=6)), scope="customs|")
    assert not outcome.accepted
    assert clock(office.announce(claim(1), "R1"))[1] == date(2026, 5, 11)


@pytest.mark.parametrize("scope", ["local|s", "customs|OTHER", "customs2|"])
def test_a_receipt_of_anybody_else_does_not_count(office, scope) -> None:
    """It is kept with a warning that says so, and the clock is as before; nobody speaks for a releaser."""
    (outcome,) = office.say(released(1, LATER), scope=scope)
    assert (outcome.accepted, [one.code for one in outcome.findings]) == (True, ["RETURN-RELEASER"])
    case = office.announce(claim(1), "R1")
    assert (clock(case)[1:3], codes(case)) == ((EXPORTED, "border_date"), [])
