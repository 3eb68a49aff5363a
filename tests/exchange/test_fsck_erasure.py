# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erasure leaves books that the self-audit finds good, and bundles of everything else."""

import pytest

from gateway.agreement import parse
from gateway.errors import CouldNotCheck
from gateway.exchange.fsck import SelfAudit
from tests.erasure import about, make, sent
from tests.evidence.conftest import TEXT, bundles_of
from tests.partner_messages import tracking


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha and beta on real stores, after alpha has erased one of two records and told beta."""
    async for one in make(keys, tmp_path, [parse(TEXT)]):
        await sent(one, about(1), about(2))
        await one.alpha.care.erasing.items([tracking(1)], reason="asked for by the addressee")
        await one.alpha.care.notifier(one.beta).notify()
        yield one


async def bundles(gateway, keys, number):
    """Return how many bundles a gateway can make about a parcel."""
    try:
        return len(await bundles_of(gateway, keys).of(tracking(number)))
    except CouldNotCheck:
        return 0


async def test_erased_records_are_no_fault(world):
    """With one record erased on both sides every root still follows, and the other record has its bundle."""
    for gateway in (world.alpha, world.beta):
        report = await gateway.store.read(lambda tx, one=gateway: SelfAudit(one.name, one.keyring).run(tx))
        assert report.found.findings == []
        assert report.records == 2
        assert [await bundles(gateway, world.keys, one) for one in (1, 2)] == [0, 1]
