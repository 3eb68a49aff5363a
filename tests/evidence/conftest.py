# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records that two gateways have exchanged, and the bundles of both about one of them."""

import asyncio
from types import SimpleNamespace

import pytest

from gateway.agreement import countersign, parse, sign
from gateway.envelope import archive
from gateway.envelope.trust import Keyring
from gateway.evidence import write_bundle
from gateway.exchange.evidence import Bundles, Holdings
from tests.partner_messages import AGREEMENT, contribution, make_keys, tracking
from tests.partner_simulator import Gateway, Link, Running, until

TEXT = AGREEMENT.format(
    id="alpha-beta",
    version=1,
    sender="alpha",
    recipient="beta",
    until="2027-01-01T00:00:00Z",
    destination="AU",
    required="addressee.name",
    then="drop",
).encode()
CHANNEL = "alpha/beta/item"


@pytest.fixture(scope="session", name="keys")
def _keys(tmp_path_factory):
    """Real keys of three organisations."""
    return make_keys(tmp_path_factory.mktemp("evidence-keys"))


async def exchange(keys, stores=(None, None)):
    """Let alpha send two batches to beta; return both gateways."""
    agreement = parse(TEXT)
    alpha = Gateway("alpha", keys, [agreement], store=stores[0])
    beta = Gateway("beta", keys, [agreement], store=stores[1], seed=8)
    link = Link(alpha, beta)
    for numbers in ((1, 2, 3), (4, 5)):
        await alpha.submit(*(contribution(one) for one in numbers), number=f"m{numbers[0]}")
        expected = numbers[-1]

        async def settled(expected=expected):
            counts = (await alpha.query.ledger()).counts
            return counts.shares == {"accepted": expected} and counts.confirmed == expected

        async with Running(alpha.batcher(CHANNEL), alpha.courier(CHANNEL, link)):
            await until(settled)
    return alpha, beta


def bundles_of(gateway, keys):
    """Return the maker of bundles of a gateway."""
    signed = countersign(sign(TEXT, keys["alpha"].seal), keys["beta"].seal)
    materials = tuple(keys[one].material() for one in ("alpha", "beta"))
    holdings = Holdings(Keyring(materials, now=gateway.clock.now), materials, lambda *_: signed)
    return Bundles(gateway.name, gateway.store, holdings)


@pytest.fixture(scope="session", name="world")
def _world(keys):
    """Two gateways after an exchange, and the file that each makes about parcel 4."""

    async def make():
        alpha, beta = await exchange(keys)
        (sent,) = await bundles_of(alpha, keys).of(tracking(4))
        (received,) = await bundles_of(beta, keys).of(tracking(4))
        return SimpleNamespace(
            alpha=alpha,
            beta=beta,
            keys=keys,
            now=alpha.clock.now,
            sent=sent,
            received=received,
            files={"sent": write_bundle(sent), "received": write_bundle(received)},
            anchors=archive.read_anchors(
                [str(keys[one].folder / "ca.pem") for one in ("alpha", "beta")], alpha.clock.now
            ),
        )

    return asyncio.run(make())
