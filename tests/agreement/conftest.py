# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The sample agreements, an item with a value in every leaf, and parties with keys."""

import pytest

from gateway.agreement import parse
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.trust import Keyring
from gateway.model import leaf_types
from tests.agreement.samples import NOW, SAMPLES, VALUES, build


@pytest.fixture(name="now")
def _now():
    return NOW


@pytest.fixture(name="export", scope="session")
def _export():
    return parse((SAMPLES / "cn-nl-export-v1.toml").read_bytes())


@pytest.fixture(name="returns", scope="session")
def _returns():
    return parse((SAMPLES / "nl-cn-returns-v1.toml").read_bytes())


@pytest.fixture(name="full", scope="session")
def _full():
    return build({path: VALUES[kind] for path, kind in leaf_types().items()})


@pytest.fixture(name="parties", scope="session")
def _parties(tmp_path_factory):
    """Return the key sets of two parties and of a stranger, and a ring that trusts all three."""
    sets = {}
    for name in ("customs-cn", "customs-nl", "customs-xx"):
        folder = tmp_path_factory.mktemp(name)
        write_keys(folder, name, NOW)
        sets[name] = KeySet.load(folder)
    return sets, Keyring([one.material() for one in sets.values()], now=NOW)
