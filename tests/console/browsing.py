# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium for tests, the judgement of axe on a page, and pictures where they are asked for."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parent / "axe" / "axe.min.js"
PICTURES = os.environ.get("GATEWAY_SCREENSHOTS", "")
SERIOUS = {"serious", "critical"}
SECONDS = 60
expect.set_options(timeout=SECONDS * 1000)

needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium on this machine (Debian: apt install chromium)"
)


@contextlib.contextmanager
def browser():
    """Yield a page of a fresh browser; what its console complained of is a failure at the end."""
    complaints = []
    with (
        sync_playwright() as played,
        played.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS), headless=True) as chromium,
    ):
        context = chromium.new_context(
            viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC", accept_downloads=True
        )
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", lambda one: complaints.append(one.text) if is_complaint(one) else None)
        page.on("pageerror", lambda one: complaints.append(str(one)))
        yield page
        context.close()
    assert complaints == []


def is_complaint(one):
    """Say whether a line of the browser's console is about a fault; a page that refuses is none."""
    return one.type == "error" and "Failed to load resource" not in one.text


def serious_faults(page):
    """Return what axe finds serious or worse on the page as it stands."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 5
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def picture(page, name):
    """Write a picture of the page if GATEWAY_SCREENSHOTS names a folder for it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
