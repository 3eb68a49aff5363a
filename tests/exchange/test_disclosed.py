# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer lays open must be what was committed to."""

import pytest

from gateway.agreement import salt_label
from gateway.audit.commitment import derive_salt
from gateway.model import Opening
from gateway.model import Party as Person
from tests.partner_messages import tracking
from tests.restating import answer, asked, assess, carry, declared, parties

NAME = "Secret Sender"


@pytest.fixture(name="way")
async def _way(keys, tmp_path):
    """Gamma committed to the sender of a parcel, and was asked about it."""
    async for one in parties(keys, tmp_path):
        await declared(one, sender=Person(name=NAME))
        await asked(one, assess(1, "rfi", "R-1"))
        yield one


def opening(way, **changes):
    """Return an opening that is right, but for what a test changes."""
    (row,) = way.gamma.rows(1)
    salt = derive_salt(row.secret, salt_label("gamma-beta-item", "sender.name"))
    return Opening(**{"path": "sender.name", "value": NAME, "salt": salt.hex()} | changes)


def codes(submission):
    """Return the codes in an answer of the plain adapter."""
    return submission.acknowledgement.decode()


async def test_right_opening_is_accepted_on_both_sides(way):
    """An opening that fits is accepted by the post that committed and by the holder of the commitment."""
    said = await way.gamma.submit(answer(1, "R-1", openings=(opening(way),)), number="w")
    assert (said.outcome, "REFERRAL-OPENING" in codes(said)) == ("accepted", False)
    await carry(way.gamma, way.beta, "answer")
    assert way.beta.referrals(1) == [("rfi", "R-1", "answered")]
    (row,) = way.beta.rows(1, "answer")
    assert row.state == "open"


async def test_opening_of_what_nobody_committed_to_is_kept_and_said(way):
    """Customs holds no commitment of the post of origin: the answer counts, with a warning."""
    await way.gamma.submit(answer(1, "R-1", openings=(opening(way),)), number="w")
    await carry(way.gamma, way.beta, "answer")
    await carry(way.beta, way.alpha, "answer")
    assert way.alpha.referrals(1) == [("rfi", "R-1", "answered")]
    said = await way.gamma.submit(
        answer(1, "R-1", "amendment", openings=(opening(way, path="note"),)), number="w2"
    )
    assert said.outcome == "accepted"
    assert "REFERRAL-OPENING-UNKNOWN" in codes(said)


WRONG = [{"value": "Another"}, {"value": None}, {"salt": "00" * 32}, {"salt": "no hex"}, {"salt": None}]


@pytest.mark.parametrize("change", WRONG)
async def test_wrong_opening_refuses_the_answer(way, change):
    """Another value or salt opens nothing: the answer has no effect, and the finding repeats no value."""
    said = await way.gamma.submit(answer(1, "R-1", openings=(opening(way, **change),)), number="w")
    assert said.outcome == "refused"
    assert '"REFERRAL-OPENING"' in codes(said)
    assert way.gamma.rows(1, "answer") == []
    assert way.gamma.referrals(1) == [("rfi", "R-1", "open")]


async def test_wrong_opening_of_a_partner_is_not_restated(way, monkeypatch):
    """A partner whose gateway let a wrong opening pass is not believed: its answer becomes no record here."""
    with monkeypatch.context() as hostile:
        hostile.setattr("gateway.exchange.disclosed.check", lambda *_: ())
        await way.gamma.submit(answer(1, "R-1", openings=(opening(way, value="Another"),)), number="w")
    await carry(way.gamma, way.beta, "answer")
    assert way.gamma.referrals(1) == [("rfi", "R-1", "answered")]
    assert way.beta.referrals(1) == [("rfi", "R-1", "open")]
    assert way.beta.rows(1, "answer") == []
    messages = way.beta.store.run_read(lambda tx: tx.messages_with_findings(0, 99))
    assert [(one.source, one.outcome) for one in messages] == [("partner", "refused")]
    assert [one.state for one in await way.beta.query.received(tracking(1))] == ["accepted"] * 3
