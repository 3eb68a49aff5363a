# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who is let in, on either database."""

import pytest

from tests.admission_stage import Admitting
from tests.enterprise_stage import signing_keys


@pytest.fixture(scope="session", name="signing")
def _signing(tmp_path_factory):
    """The keys of one organisation."""
    return signing_keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(params=["sqlite", "postgresql"], name="url")
def _url(request, tmp_path):
    """Give the address of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(name="admitting")
def _admitting(url, signing):
    """Give the keys of a node."""
    made = Admitting(url, signing)
    yield made
    made.store.shut()
