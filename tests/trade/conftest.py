# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A register of enterprises on a real store."""

import pytest

from tests.enterprise_stage import Register, signing_keys
from tests.partner_messages import make_keys


@pytest.fixture(scope="session", name="keys")
def _keys(tmp_path_factory):
    """Real keys of two organisations."""
    return make_keys(tmp_path_factory.mktemp("keys"), names=("alpha", "beta"))


@pytest.fixture(scope="session", name="signing")
def _signing(tmp_path_factory):
    """The keys of one organisation."""
    return signing_keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(name="register")
def _register(tmp_path, signing):
    """An empty register."""
    register = Register(tmp_path, signing)
    yield register
    register.store.shut()
