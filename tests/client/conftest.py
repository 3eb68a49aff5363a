# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys once per session; a fresh node per test."""

import pytest

from tests.peering import make_keys, start_node


@pytest.fixture(scope="session", name="keys")
def _keys(tmp_path_factory):
    """Real keys of three organisations."""
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(name="node")
async def _node(keys):
    """Serve with the default limits."""
    node = await start_node(keys)
    yield node
    await node.server.drain()
