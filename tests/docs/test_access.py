# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page of roles says what the table of permissions says."""

from gateway.access import PUBLIC, permissions
from tests.docs.pages import DOCS


def rows():
    """Return a row of the page for every permission of the table."""
    table = permissions()
    for name, meaning in table.meanings.items():
        roles = [role for role, having in table.of_roles.items() if name in having]
        lists = sorted(f"`{one}`" for one, having in table.of_lists.items() if name in having)
        who = "" if name == PUBLIC else ", ".join(roles)
        yield f"| `{name}` | {meaning} | {who} | {', '.join(lists)} |"


def test_the_page_names_every_permission_with_its_roles() -> None:
    """The rows of the page are those of the table, in its order."""
    text = (DOCS / "access.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `")] == list(rows())
