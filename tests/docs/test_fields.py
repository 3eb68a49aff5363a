# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The field documents are those of the mapping tables."""

import pytest
from typer.testing import CliRunner

from gateway.cli.application import application
from tests.docs.pages import DOCS


def test_pages_are_what_the_tables_say(generate):
    """Every table of both adapters has its page, up to date; `python docs/generate.py` repairs them."""
    found = {path.name: path.read_text("utf-8") for path in (DOCS / "fields").glob("*.md")}
    assert found == generate.field_pages()


@pytest.mark.parametrize("page", ["gacc_ceb-ceb603", "supplement-supplement"])
def test_explain_prints_the_same(page):
    """The command shows the text of the page."""
    adapter, message = page.split("-")
    result = CliRunner().invoke(application, ["explain", "--adapter", adapter, "--type", message.upper()])
    assert result.output.strip() == (DOCS / "fields" / f"{page}.md").read_text("utf-8").strip()
