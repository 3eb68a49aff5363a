# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An operator's day in a real browser, from a fresh `gateway demo --keep`.

`GATEWAY_SCREENSHOTS=docs/console` writes the pictures of docs/console.md on the way.
"""

import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.console.browsing import browser, needs_chromium, picture, serious_faults
from tests.system.kept_demo import kept_demo
from tests.system.submitting import ask, submit

pytestmark = [needs_chromium, pytest.mark.long]
PAGES = (
    "board",
    "search",
    "waiting",
    "dead-letters",
    "referrals",
    "returns",
    "statistics?by=day",
    "partners",
    "partners/customs-nl",
    "logs",
    "logs/customs-nl",
    "quality?partner=customs-nl",
    "login",
)
PICTURED = {"board": "board", "statistics?by=day": "statistics"}


@pytest.fixture(scope="module", name="kept")
def _kept(tmp_path_factory):
    """The two gateways of a demonstration."""
    with kept_demo(tmp_path_factory.mktemp("kept") / "demo") as kept:
        yield kept


@pytest.fixture(name="page")
def _page(kept):
    """A browser that looks at the board of our gateway."""
    with browser() as page:
        page.goto(f"{kept[0].url}/console")
        yield page


def _accepted(kept):
    """Return an item that the partner has accepted."""
    return ask(kept[0].url, "/v1/partners/customs-nl/items?state=accepted")["rows"][0]["tracking_number"]


def test_no_page_has_a_serious_fault(kept, page) -> None:
    """Axe finds nothing serious on any page, in both languages."""
    paths = [*PAGES, "partners/customs-nl/items?state=accepted", f"items/{_accepted(kept)}"]
    for language in ("en", "zh"):
        for path in paths:
            joint = "&" if "?" in path else "?"
            page.goto(f"{kept[0].url}/console/{path}{joint}lang={language}")
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert serious_faults(page) == [], (path, language)
            if path in PICTURED:
                picture(page, f"{PICTURED[path]}-{language}")


def test_why_an_item_is_stuck(page) -> None:
    """From the board over the waiting number to the item, which names the missing fields and the deadline."""
    page.locator("#customs-nl-waiting").click()
    expect(page).to_have_title(re.compile("waiting"))
    picture(page, "stuck-1-list")
    row = page.locator("tbody tr").first
    missing = row.locator("code").first.inner_text()
    row.get_by_role("link").click()
    shares = page.get_by_role("table", name="Where it goes")
    expect(shares).to_contain_text("waiting")
    expect(shares).to_contain_text(missing)
    picture(page, "stuck-2-item")


def test_an_auditor_is_handed_a_proof(kept, page, tmp_path) -> None:
    """Search finds the item, its page gives the proof, which holds with two certificates alone."""
    number = _accepted(kept)
    page.get_by_label("Find a number").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Found: 1")
    picture(page, "proof-1-search")
    page.get_by_role("link", name=number).click()
    picture(page, "proof-2-item")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download the proof").click()
    file = tmp_path / loading.value.suggested_filename
    loading.value.save_as(file)
    words = [word for one in kept for word in ("--trust", str(one.folder / "keys" / "ca.pem"))]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "audit", "verify", str(file), *words, "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["verdict"] == "good"


def test_persons_are_shown_for_a_reason(kept, page) -> None:
    """The page of an item masks the addressee until a reason is given, and then says that it is logged."""
    page.goto(f"{kept[0].url}/console/items/{_accepted(kept)}")
    named = page.locator("tr", has_text="addressee.name").first
    expect(named).to_contain_text("•••")
    assert serious_faults(page) == []
    page.get_by_label("Why must you see them?").fill("The office asks for the addressee")
    page.get_by_role("button", name="Show persons").click()
    expect(page.get_by_role("status")).to_contain_text("the log says so")
    expect(named).not_to_contain_text("•••")
    picture(page, "persons-1-shown")


def test_a_refused_message_is_found_with_its_remedy(kept, page) -> None:
    """A message that was refused whole is a dead letter that says what to do, and has no replay."""
    submit(kept[0].url, b"<nothing/>")
    page.get_by_role("link", name="Dead letters").click()
    group = page.locator("tbody tr", has_text="message").first
    group.get_by_role("link").click()
    expect(page.locator("tbody tr").first).to_contain_text("cannot be replayed here")
    assert serious_faults(page) == []


def test_certificates_and_the_way_are_looked_after(kept, page) -> None:
    """The page shows the days left of each certificate, and tests the way to the partner layer by layer."""
    page.get_by_role("link", name="Partners").click()
    own = page.get_by_role("table", name="Certificates of customs-cn")
    expect(own.locator("tr", has_text="TLS")).to_contain_text("good")
    page.get_by_role("link", name="customs-nl").first.click()
    page.get_by_role("button", name="Test the way now").click()
    expect(page.get_by_text("The way was open.")).to_be_visible()
    assert serious_faults(page) == []


def test_the_log_is_verified_in_the_page(page) -> None:
    """The log of a partner is held against its signed states, with the checks and the note beside it."""
    page.get_by_role("link", name="Audit log").click()
    page.get_by_role("link", name="customs-cn/customs-nl").click()
    expect(page.get_by_role("status")).to_have_text("The log holds against every signed state of it.")
    expect(page.get_by_role("table", name="Entries")).to_contain_text("receipt-received")
    picture(page, "log-1-verified")


def test_the_board_renews_itself(kept, page) -> None:
    """A number that changes while somebody looks is shown without a step of theirs, and the focus stays."""
    before = page.locator("#live p").inner_text()
    page.locator("#customs-nl-out").focus()
    expect(page.locator("#live p")).not_to_have_text(before)
    assert page.evaluate("document.activeElement.id") == "customs-nl-out"


def test_the_keyboard_reaches_everything(page) -> None:
    """The first stop skips to the content, and the way goes through search, languages, pages, numbers."""
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"customs-nl-in", "customs-nl-waiting"} <= set(seen)


def test_the_statistics_are_drawn(kept, page) -> None:
    """The plot has a canvas with the figures of the table beside it."""
    page.goto(f"{kept[0].url}/console/statistics?by=day")
    expect(page.locator(".plot canvas")).to_be_visible()
    expect(page.get_by_role("table", name="Figures of cross-border e-commerce")).to_contain_text("2026")
    assert serious_faults(page) == []
