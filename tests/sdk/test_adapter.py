# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of adapters, asked of every adapter that comes with the gateway."""

from importlib.metadata import entry_points

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import Limits, document_table

ADAPTERS = {point.name: point.load() for point in entry_points(group="ead_gateway.adapters")}


@pytest.mark.parametrize("name", ADAPTERS)
@given(raw=st.binary(max_size=200))
def test_no_bytes_raise(name, raw):
    """Neither recognising nor reading raises, and what cannot be read at all is said to be wrong."""
    adapter = ADAPTERS[name]
    adapter.recognises(raw)
    message = adapter.decode(raw, Limits())
    assert message.adapter == name
    assert message.findings


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_message_above_the_limit_is_refused(name):
    """The limit in bytes holds for every adapter."""
    assert ADAPTERS[name].decode(b" " * 11, Limits(max_bytes=10)).findings


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_table_documents_itself(name):
    """Each table has a message type and a name, and can be printed under that name."""
    for message_type, table in ADAPTERS[name].tables().items():
        assert message_type
        assert document_table(table).startswith(f"# {table.name}\n")
