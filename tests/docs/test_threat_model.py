# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every control of the threat model is proved by a test that exists."""

import ast
import re

import pytest

from tests.docs.pages import DOCS, ROOT

TEXT = (DOCS / "threat-model.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)
ROWS = re.findall(r"^\| (?!Threat|---).+\|$", TEXT.partition("## Threats and controls")[2], re.MULTILINE)


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED)))
def test_named_test_exists(file, test):
    """The file has a test function of that name."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert test in {one.name for one in ast.walk(tree) if isinstance(one, functions)}


def test_every_row_names_a_test():
    """No control is claimed without a test, and every list from A to H has some."""
    assert len(ROWS) == len(NAMED) > 60
    assert re.findall(r"^### ([A-H])\.", TEXT, re.MULTILINE) == list("ABCDEFGH")
