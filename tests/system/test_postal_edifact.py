# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two posts and a customs that speak EDIFACT to their own gateways: item data, dispatch, event, referral."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from adapters.upu_edi import adapter
from gateway.sdk import Answer, Assessment, Item, Limits, Request
from tests.system.postal_stage import arrived, awaits, postal_parties, referrals
from tests.system.submitting import submit

SAMPLES = Path(__file__).parents[2] / "adapters" / "upu_edi" / "samples"
NUMBER = "LX473124829CN"


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Three running parties."""
    with postal_parties(tmp_path_factory.mktemp("edifact")) as parties:
        yield parties


def sample(name):
    """Return the bytes of a good sample, under a reference of its own."""
    raw = (SAMPLES / f"good_{name}.edi").read_bytes()
    return re.sub(rb"(?<=:1000\+)\w+|(?<=UNZ\+1\+)\w+", name.upper().encode(), raw)


def written(message_type, item):
    """Return an interchange that says something about an item now."""
    return adapter.encode(message_type, [item], datetime.now(UTC)).body


def take(party, raw):
    """Submit an interchange; return the answer after checking that CONTRL acknowledges it."""
    answer = submit(party.url, raw, adapter="upu_edi")
    assert answer.outcome == "accepted", answer.body
    assert re.search(rb"UCI\+[^']*\+7'", answer.body), answer.body
    return answer


def test_items_dispatch_and_referral_travel_as_edifact(stage):
    """ITMATT reaches customs, ITMREF asks, REFRSP answers, CUSRSP releases, PREDES tells the item left."""
    origin, middle, customs = stage
    take(origin, sample("itmatt"))
    found = arrived(customs, NUMBER)
    assert found["partner"] == middle.organisation
    released = found["release"]["item"]
    assert released["content"][0]["description"] == "cotton cloth"
    assert "telephone" not in released["sender"]

    about = Item(tracking_number=NUMBER, posting_date=datetime(2026, 11, 20, tzinfo=UTC).date())
    asked = Assessment(
        reference="Q-1",
        authority="customs-nl",
        phase="pre_loading",
        outcome="rfi",
        referral="Q-1",
        requests=(Request(code="RFI", path="content[].description"),),
    )
    take(customs, written("ITMREF", msgspec.structs.replace(about, assessment=asked)))
    awaits(origin, NUMBER, "open")
    early = submit(origin.url, sample("emsevt"), adapter="upu_edi")
    assert b"REFERRAL-LOADED" in early.body
    assert referrals(origin, NUMBER)[0]["loaded_at"] > 0

    reply = Answer(
        referral="Q-1", kind="data", text="cloth for a table", at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    take(origin, written("REFRSP", msgspec.structs.replace(about, answer=reply)))
    awaits(customs, NUMBER, "answered")
    freed = Assessment(reference="D-1", authority="customs-nl", phase="final", outcome="release")
    take(customs, written("CUSRSP", msgspec.structs.replace(about, assessment=freed)))
    awaits(origin, NUMBER, "released")
    take(origin, sample("predes"))


def test_reference_of_an_interchange_is_used_once(stage):
    """Other bytes under a used reference are rejected whole with error 26; the same bytes are not."""
    origin = stage[0]
    raw = sample("cusitm").replace(NUMBER.encode(), b"LX100000017CN")
    first = take(origin, raw)
    again = submit(origin.url, raw, adapter="upu_edi")
    assert again.body == first.body
    other = submit(origin.url, raw.replace(b"cotton cloth", b"woollen cloth"), adapter="upu_edi")
    assert other.outcome == "refused"
    assert b"+4+26" in other.body
    assert adapter.decode(other.body, Limits()).message_type == "CONTRL"
