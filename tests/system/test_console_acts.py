# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator does in a real browser: replay a dead letter, answer a referral, renew a certificate."""

import asyncio
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from gateway.demo.stage import make_parties, packaged_agreements, running
from gateway.model import MASK
from tests.console.browsing import browser, needs_chromium, picture, serious_faults
from tests.system.postal_stage import arrived, awaits, item, postal_parties, record, say
from tests.system.submitting import ask, eventually, revealed, submit
from tests.system.test_dead_letters import letters, statements, states
from tests.webhook_partner import Partner, message, tracking
from tests.webhook_partner import item as parcel
from tests.webhook_stage import make_node

pytestmark = [needs_chromium, pytest.mark.long]
NUMBER, REFERRAL = "LX473124829CN", "R-1"


def replay(party):
    """Find the stopped channel, give a reason and let it go on."""
    assert submit(party.url, message(parcel(1, "NL"), number="m1")).outcome == "accepted"
    eventually(lambda: letters(party, "channel"))
    with browser() as page:
        page.goto(f"{party.url}/console/board")
        expect(page.get_by_text("BOARD-CHANNEL-STOPPED")).to_be_visible()
        assert serious_faults(page) == []
        picture(page, "replay-1-board")
        page.get_by_role("link", name="Dead letters").click()
        picture(page, "replay-2-groups")
        page.locator("#letters-1").click()
        assert serious_faults(page) == []
        page.get_by_label(re.compile("Reason for the replay")).fill("the partner has mended it")
        picture(page, "replay-3-letter")
        page.get_by_role("button", name="Replay").click()
        expect(page.get_by_role("status")).to_contain_text("Tried again")
        picture(page, "replay-4-done")
    eventually(lambda: states(party, tracking(1)) == [(1, "accepted")])
    assert letters(party, "channel") == []
    (said,) = statements(party)
    assert (said["what"], said["reason"], said["actor"]) == (
        "channel resumed",
        "the partner has mended it",
        "local",
    )


async def test_a_dead_letter_is_replayed(tmp_path) -> None:
    """The board shows the fault, the letter its cause; after the replay the item leaves, logged."""
    async with Partner() as partner:
        partner.script = ["status 422"]
        party = make_node(tmp_path, partner.url)
        with running([party]):
            await asyncio.to_thread(replay, party)


def test_a_referral_is_answered(tmp_path) -> None:
    """The post sees what customs asks, answers it in the page, and customs has the answer."""
    with postal_parties(tmp_path) as (post, _, customs), browser() as page:
        assert say(post, item(NUMBER))[0] == "accepted"
        arrived(customs, NUMBER)
        asked = {"reference": REFERRAL, "authority": "customs-nl", "phase": "pre_loading", "outcome": "rfi"}
        asked |= {"referral": REFERRAL, "requests": [{"code": "RFI", "path": "content[].description"}]}
        assert say(customs, record("assessment", NUMBER, asked))[0] == "accepted"
        awaits(post, NUMBER, "open")
        page.goto(f"{post.url}/console/referrals")
        assert serious_faults(page) == []
        picture(page, "referral-1-queue")
        page.get_by_role("link", name=f"Answer {REFERRAL}").click()
        page.get_by_label("Answer", exact=True).fill("table cloth for six persons")
        assert serious_faults(page) == []
        picture(page, "referral-2-answer")
        page.get_by_role("button", name="Send the answer").click()
        expect(page.get_by_role("status")).to_have_text("The answer was taken.")
        picture(page, "referral-3-answered")
        awaits(customs, NUMBER, "answered")
        assert arrived(customs, NUMBER, "answer")["release"]["item"]["answer"]["text"] == MASK
        whole = revealed(customs.url, NUMBER)["received"]
        told = [one["release"]["item"].get("answer", {}).get("text") for one in whole]
        assert "table cloth for six persons" in told
        page.goto(f"{post.url}/console/items/{NUMBER}")
        expect(page.locator("ol.moments")).to_contain_text("Answer")
        assert serious_faults(page) == []


def test_no_answer_goes_out_from_another_site(tmp_path) -> None:
    """A form that another site sends leaves the referral open."""
    with postal_parties(tmp_path) as (post, _, _), browser() as page:
        page.set_content(f'<form method="post" action="{post.url}/console/logout"><button>Go</button></form>')
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("did not come from a page of this console")).to_be_visible()
        assert ask(post.url, "/v1/referrals") == []


def gateway(*words):
    """Run the command line; it must succeed."""
    words = [sys.executable, "-m", "gateway", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def again(party):
    """Start a node anew; it reads keys and bundles when it starts."""
    party.stop()
    party.start()


def test_a_certificate_is_renewed(tmp_path) -> None:
    """Made, made known, brought into use: the pages of both sides show the overlap, the way stays open."""
    parties = make_parties(tmp_path, packaged_agreements())
    with running(parties), browser() as page:
        here, there = parties
        keys, bundle = here.folder / "keys", tmp_path / "here.bundle.json"
        page.goto(f"{here.url}/console/partners")
        own = page.get_by_role("table", name=f"Certificates of {here.organisation}")
        expect(own.locator("tr", has_text="TLS")).to_have_count(1)
        gateway("pki", "rotate", "tls", "--folder", keys)
        told = ("--name", here.organisation, "--endpoint", here.grpc, "--out", bundle)
        gateway("partner", "export", "--config", here.config, *told)
        gateway("partner", "import", bundle, "--config", there.config, "--yes")
        again(there)
        gateway("pki", "rotate", "tls", "--activate", "--folder", keys)
        again(here)
        page.reload()
        expect(own.locator("tr", has_text="TLS")).to_have_count(2)
        expect(page.get_by_text("2 keys can be used side by side")).to_be_visible()
        page.get_by_text("2 keys can be used side by side").scroll_into_view_if_needed()
        picture(page, "renew-2-overlap")
        page.goto(f"{there.url}/console/partners/{here.organisation}")
        expect(page.get_by_text("2 keys can be used side by side")).to_be_visible()
        page.goto(f"{here.url}/console/partners/{there.organisation}")
        page.get_by_role("button", name="Test the way now").click()
        expect(page.get_by_text("The way was open.")).to_be_visible()
        page.locator("#test").scroll_into_view_if_needed()
        picture(page, "renew-3-way")
        assert serious_faults(page) == []
