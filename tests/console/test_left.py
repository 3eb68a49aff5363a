# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The days that a certificate has left say in words what is due."""

import pytest

from gateway.console.rendering import make_environment
from gateway.console.words import words_of


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (61, ""),
        (60, "plan the rotation"),
        (31, "plan the rotation"),
        (30, "rotate now"),
        (8, "rotate now"),
        (7, "rotate at once"),
        (-1, "rotate at once"),
    ],
)
def test_what_is_due_changes_at_sixty_thirty_and_seven_days(days, said) -> None:
    """The same days as those of the alerts; above sixty nothing is due."""
    parts = make_environment().get_template("parts.html").module
    shown = str(parts.left(words_of("en"), days)).strip()
    assert (said in shown) if said else shown == ""
