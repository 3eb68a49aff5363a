# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two gateways in memory and the way between them."""

from types import SimpleNamespace

import pytest

from tests.partner_messages import agreement, make_keys
from tests.partner_simulator import Gateway, Link

CHANNEL = "alpha/beta/item"


@pytest.fixture(scope="session", name="keys")
def _keys(tmp_path_factory):
    """Real keys of three organisations."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(name="pair")
def _pair(keys):
    """Alpha sends to beta; gamma is a partner without agreement."""
    agreements = [agreement()]
    alpha, beta = Gateway("alpha", keys, agreements), Gateway("beta", keys, agreements, seed=8)
    return SimpleNamespace(alpha=alpha, beta=beta, link=Link(alpha, beta), channel=CHANNEL, keys=keys)
