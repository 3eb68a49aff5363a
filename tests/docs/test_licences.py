# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page of licences names what is installed to run."""

import re

from tests.docs.pages import DOCS, ROOT

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def test_page_is_what_the_distributions_say(generate):
    """Each licence is the one in the installed metadata; `python docs/generate.py` repairs the page."""
    assert (DOCS / "licences.md").read_text("utf-8") == generate.licences()


def test_table_equals_the_lock():
    """Every locked distribution stands in the table once with its version, and nothing else."""
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| .+ \|$", (DOCS / "licences.md").read_text("utf-8"), re.MULTILINE
    )
    locked = LOCKED.findall((ROOT / "requirements.lock").read_text("utf-8"))
    assert [row for row in rows if row[0] != "Distribution"] == locked


def test_every_licence_is_known(generate):
    """No distribution leaves its licence unsaid."""
    assert "not stated" not in generate.licences()
