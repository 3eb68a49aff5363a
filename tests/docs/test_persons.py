# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page about persons judges every route, once."""

import re

from gateway.access import permissions
from tests.docs.pages import DOCS


def test_every_route_is_judged_once() -> None:
    """What each route may tell of a person stands in one row; pages of the console hold nothing."""
    rows = re.findall(r"^\| (`.+?) \|", (DOCS / "persons.md").read_text("utf-8"), re.MULTILINE)
    judged = re.findall(r"`((?:GET|POST) [^`]+)`", "\n".join(rows))
    routes = {one for one in permissions().of_routes if not one.split()[1].startswith("/console")}
    assert len(judged) == len(set(judged))
    assert set(judged) == routes
