# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The referral loop over three real gateways: origin post, destination post, destination customs."""

import json
import subprocess
import sys

import pytest

from gateway.clock import system_clock
from tests.system.postal_stage import arrived, awaits, item, postal_parties, record, referrals, say
from tests.system.submitting import ask, eventually, revealed


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Three running parties."""
    with postal_parties(tmp_path_factory.mktemp("postal")) as parties:
        yield parties


def posted(stage, number):
    """Post an item and wait until customs has it."""
    origin, _, customs = stage
    outcome, receipt = say(origin, item(number))
    assert outcome == "accepted", receipt
    return arrived(customs, number)


def assess(stage, number, outcome, referral, **more):
    """Let customs say something about an item."""
    group = {"reference": referral, "authority": "customs-nl", "phase": "pre_loading", "outcome": outcome}
    if outcome in ("rfi", "rfs", "amend", "dnl"):
        group["referral"] = referral
    said = say(stage[2], record("assessment", number, group | more))
    assert said[0] == "accepted", said


def answer(stage, number, referral, kind, **more):
    """Let the origin post answer."""
    group = {"referral": referral, "kind": kind, "by": "post-cn"}
    return say(stage[0], record("answer", number, group | more, reference=f"{referral}-{kind}"))


def codes(receipt):
    """Return every finding code in a receipt."""
    text = str(receipt)
    return {word for word in text.replace("'", " ").replace('"', " ").split() if word.startswith("REFERRAL-")}


def test_item_reaches_customs_by_way_of_the_destination_post(stage):
    """Customs receives from the destination post what the origin post said, without the committed fields."""
    number = "LX473124829CN"
    found = posted(stage, number)
    released = revealed(stage[2].url, number)["received"][-1]["release"]["item"]
    assert found["partner"] == "post-nl"
    assert released["sender"]["name"] == "Mei Lan Trading"
    assert "telephone" not in released["sender"]


def test_request_for_information_is_answered_and_released(stage):
    """RFI goes to the origin post, its data answer comes to customs, and only customs releases the item."""
    number = "LX100000005CN"
    origin, middle, customs = stage
    posted(stage, number)
    assess(stage, number, "rfi", "R-1", requests=[{"code": "RFI", "path": "content[].description"}])
    for party in stage:
        (row,) = awaits(party, number, "open")
        assert (row["kind"], row["referral"], row["authority"]) == ("rfi", "R-1", "customs-nl")
    outcome, _ = answer(stage, number, "R-1", "data", text="table cloth for six persons")
    assert outcome == "accepted"
    for party in stage:
        awaits(party, number, "answered")
    assert arrived(customs, number, "answer")["partner"] == middle.organisation
    assess(stage, number, "complete", "A-1")
    for party in (customs, middle, origin):
        awaits(party, number, "released")


def test_screening_needs_a_screening_as_answer(stage):
    """RFS stays open for data and is answered by a screening with method and result; then asked again."""
    number = "LX100000014CN"
    origin, _, customs = stage
    posted(stage, number)
    assess(stage, number, "rfs", "S-1", screenings=[{"method": "XRY"}])
    awaits(origin, number, "open")
    _, receipt = answer(stage, number, "S-1", "data", text="not what was asked")
    assert "REFERRAL-KIND" in codes(receipt)
    answer(stage, number, "S-1", "screening", result="clear", screenings=[{"method": "XRY"}])
    awaits(customs, number, "answered")
    assess(stage, number, "rfi", "S-2")
    awaits(origin, number, "answered", "open")
    answer(stage, number, "S-2", "data", text="more")
    awaits(customs, number, "answered", "answered")
    assess(stage, number, "complete", "S-3")
    awaits(origin, number, "released", "released")


def test_do_not_load_is_cleared_by_nothing_but_its_withdrawal(stage):
    """DNL blocks the item at all parties, nothing clears it, and a loading report is flagged."""
    number = "LX100000028CN"
    origin, _, customs = stage
    posted(stage, number)
    assess(stage, number, "dnl", "D-1")
    awaits(origin, number, "blocked")
    _, receipt = answer(stage, number, "D-1", "data", text="please")
    assert "REFERRAL-BLOCKED" in codes(receipt)
    _, receipt = say(
        customs,
        record("assessment", number, {"reference": "C-1", "authority": "customs-nl", "outcome": "complete"}),
    )
    assert "REFERRAL-BLOCKED" in codes(receipt)
    event = {"code": "EMC", "scheme": "EMSEVT", "at": "2026-11-21T08:00:00Z", "office": "CNHGHA"}
    outcome, receipt = say(origin, record("event", number, event))
    assert outcome == "accepted"
    assert "REFERRAL-LOADED" in codes(receipt)
    (row,) = awaits(customs, number, "blocked")
    assert arrived(customs, number, "event")
    assert referrals(origin, number)[0]["loaded_at"] > 0
    assert row["state"] == "blocked"


def test_amendment_travels_with_the_answer(stage):
    """A demand to amend is answered by an amended item and an answer that says so."""
    number = "LX100000031CN"
    origin, _, customs = stage
    posted(stage, number)
    assess(stage, number, "amend", "M-1")
    awaits(origin, number, "open")
    changed = item(number, gross_mass={"value": "0.650", "unit": "KGM"}) | {"function": "change"}
    outcome, receipt = say(origin, changed)
    assert outcome == "accepted", receipt
    answer(stage, number, "M-1", "amendment")
    awaits(customs, number, "answered")
    eventually(
        lambda: any(
            one["release"]["item"].get("gross_mass", {}).get("value") == "0.650"
            for one in ask(customs.url, f"/v1/received/{number}")
        )
    )
    assess(stage, number, "complete", "M-2")
    awaits(origin, number, "released")


def quality(party, partner, *arguments):
    """Run `gateway postal quality` at a party for the month of the tests."""
    month = system_clock().strftime("%Y-%m")
    command = ["postal", "quality", "--partner", partner, "--month", month, "--config", str(party.config)]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_quality_is_judged_at_both_ends(stage):
    """What one post sent and what the other received are judged alike; the page has plots."""
    origin, middle, _ = stage
    sent = json.loads(quality(origin, "post-nl", "--sent", "--format", "json"))["quality"]
    received = json.loads(quality(middle, "post-cn", "--format", "json"))["quality"]
    assert received["announced"] >= 5
    for name in ("announced", "moved", "missing", "duplicates"):
        assert sent[name] == received[name]
    assert received["moved"] == 1
    page = quality(middle, "post-cn", "--format", "html")
    assert page.count("<svg") == 1
    assert "Mei Lan" not in page
