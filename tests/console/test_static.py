# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The scripts and styles of the pages are ours or known, and templates hold none."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "gateway" / "console"
OURS = {"console.css", "console.js"}


@pytest.mark.parametrize("folder", [CONSOLE / "static", ROOT / "tests" / "console" / "axe"])
def test_what_is_vendored_is_what_was_noted(folder) -> None:
    """Each foreign file has its package, version and licence, and the bytes that were noted."""
    noted = tomllib.loads((folder / "vendored.toml").read_text("utf-8"))["file"]
    for one in noted:
        assert one["package"]
        assert one["version"]
        assert one["licence"]
        assert (folder / one["licence_file"]).is_file()
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    code = {one.name for one in folder.iterdir() if one.suffix in (".js", ".css")}
    assert code - OURS == {one["name"] for one in noted}


def test_pages_hold_no_script_and_load_nothing_foreign() -> None:
    """Templates have no inline script, style or handler, and no address but paths of the console."""
    for path in (CONSOLE / "templates").glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", text), (
            path.name
        )
        assert not re.search(r"https?://|[\"']//", text), path.name
        assert "|safe" not in text.replace(" ", "")
        assert not re.search(r"hx-on|hx-vals=.js:", text), path.name
