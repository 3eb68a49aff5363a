# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The operations page explains every event that the logs can hold."""

import ast

from tests.docs.pages import DOCS, ROOT

LEVELS = {"debug", "info", "warning", "error", "exception", "log"}


def events():
    """Return the names of all events: the first literal text of every call of a logger."""
    found = set()
    for path in (ROOT / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"_log", "logger"}
            ):
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found.update(one for one in texts if isinstance(one, str))
    return found


def test_every_event_is_explained():
    """Each event of the code stands on the page."""
    text = (DOCS / "operations.md").read_text("utf-8")
    known = events()
    assert len(known) > 20
    assert sorted(one for one in known if f"`{one}`" not in text) == []
