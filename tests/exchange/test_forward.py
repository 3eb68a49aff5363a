# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Accepted records reach the domestic side."""

import msgspec

from gateway.exchange.forward import Forwarder
from tests.partner_messages import contribution, tracking
from tests.partner_simulator import sealed


async def test_accepted_records_become_a_file(pair, tmp_path):
    """Each batch becomes one whole file of its accepted records, once, and is marked."""
    await pair.alpha.submit(contribution(1), contribution(2))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    await pair.beta.receiver.receive("alpha", row.envelope, row.payload)
    forwarder = Forwarder(store=pair.beta.store, folder=tmp_path / "in")
    assert await forwarder.forward() == 1
    assert await forwarder.forward() == 0
    (file,) = (tmp_path / "in").iterdir()
    assert file.name == "alpha_beta_item-000000000001.json"
    document = msgspec.json.decode(file.read_bytes())
    assert (document["sender"], document["sequence"]) == ("alpha", 1)
    assert [one["item"]["tracking_number"] for one in document["records"]] == [tracking(1), tracking(2)]
    assert [one.state for one in pair.beta.store.tables.records.values()] == ["forwarded"] * 2


async def test_crash_before_marking_writes_the_same_file(pair, tmp_path):
    """A batch forwarded twice is one file with the same bytes."""
    await pair.alpha.submit(contribution(1))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    await pair.beta.receiver.receive("alpha", row.envelope, row.payload)
    forwarder = Forwarder(store=pair.beta.store, folder=tmp_path)
    await forwarder.forward()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    tables = pair.beta.store.tables
    for key, one in tables.inbound.items():
        tables.inbound[key] = msgspec.structs.replace(one, forwarded=False)
    await forwarder.forward()
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
