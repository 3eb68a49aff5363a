# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every attack on the verifiers is refused; `test_mutations` shows which check refuses it."""

import pytest

from tests.audit.attacks.every import ATTACKS
from tests.audit.attacks.room import Room


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(name):
    """The verifiers refuse the attack with the finding that names it."""
    ATTACKS[name](Room())
