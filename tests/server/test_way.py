# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The real steps of two gateways with real gRPC between them: deliver, collect, and the log's proofs."""

import pytest

from gateway.audit import checkpoint as notes
from gateway.audit import proof
from gateway.audit.tree import leaf_hash
from gateway.client.connection import ClientLimits
from gateway.client.peer import GrpcPeer
from gateway.client.questions import checkpoint, consistency, inclusion
from gateway.config import Delivery, Grpc
from gateway.errors import DeliveryError
from gateway.exchange.collect import Collector
from gateway.server.serve import CallLimits, PeerServer, TlsMaterial
from tests.care import Care
from tests.partner_messages import agreement, contribution, make_keys
from tests.partner_simulator import Gateway, Running, until
from tests.peering import Address, MemoryAnnouncements, MemoryInquiries, MemoryIntake, RingIdentifier

CHANNEL = "alpha/beta/item"


@pytest.fixture(scope="session", name="two")
def _two(tmp_path_factory):
    """Real keys of the two organisations."""
    return make_keys(tmp_path_factory.mktemp("two"), ("alpha", "beta"))


async def _serve(gateway):
    """Put a gRPC face before a gateway."""
    server = PeerServer(
        Grpc(listen="127.0.0.1:0", drain_seconds=1),
        gateway.name,
        tls=lambda: TlsMaterial(
            gateway.own.tls_certificate, gateway.own.tls_key, gateway.keyring.authorities()
        ),
        identifier=RingIdentifier(gateway.keyring),
        receiver=gateway.receiver,
        outbox=gateway.outbox,
        logs=gateway.logs,
        notices=Care(gateway).taker,
        inquiries=MemoryInquiries(),
        announcements=MemoryAnnouncements(),
        books=Care(gateway).books,
        agreements=lambda _partner: [],
        intake=MemoryIntake(),
        limits=CallLimits(poll_seconds=0.02),
    )
    port = await server.start()
    return server, Address(gateway.name, f"localhost:{port}", (gateway.own.ca,))


@pytest.fixture(name="world")
async def _world(two):
    """Start alpha and beta, each with a gRPC face."""
    alpha, beta = Gateway("alpha", two, [agreement()]), Gateway("beta", two, [agreement()], seed=8)
    (first, at_alpha), (second, at_beta) = await _serve(alpha), await _serve(beta)
    yield alpha, beta, at_alpha, at_beta
    await first.drain()
    await second.drain()


async def _settled(gateway, count):
    """Say whether every share has its receipt."""
    return (await gateway.query.ledger()).counts.shares.get("accepted", 0) == count


async def test_courier_delivers_over_grpc(world):
    """Records submitted at one gateway are stored and receipted at the other."""
    alpha, beta, _, at_beta = world
    peer = GrpcPeer(at_beta, alpha.own, organisation="alpha", limits=ClientLimits(close_seconds=1))
    async with Running(alpha.batcher(CHANNEL, size=2), alpha.courier(CHANNEL, peer)):
        await alpha.submit(*(contribution(number) for number in range(7)))
        await until(lambda: _settled(alpha, 7))
    assert (await beta.query.ledger()).faults == ()
    assert (await alpha.query.ledger()).faults == ()


async def test_collector_fetches_over_grpc(world):
    """The same happens when the recipient comes to collect."""
    alpha, beta, at_alpha, _ = world
    peer = GrpcPeer(at_alpha, beta.own, organisation="beta", limits=ClientLimits(close_seconds=1))
    collector = Collector(
        partner="alpha",
        channel=CHANNEL,
        client=peer,
        receiver=beta.receiver,
        settings=Delivery(backoff_first_seconds=0.01),
        random=lambda: 0.5,
    )
    async with Running(alpha.batcher(CHANNEL, size=2), collector):
        await alpha.submit(*(contribution(number) for number in range(7)))
        await until(lambda: _settled(alpha, 7))
    assert (await beta.query.ledger()).faults == ()


async def test_partner_checks_its_log(world):
    """A partner gets the checkpoint of its log and proofs that hold, and nothing of other logs."""
    alpha, _, at_alpha, at_beta = world
    peer = GrpcPeer(at_beta, alpha.own, organisation="alpha", limits=ClientLimits(close_seconds=1))
    async with Running(alpha.batcher(CHANNEL, size=1), alpha.courier(CHANNEL, peer)):
        await alpha.submit(*(contribution(number) for number in range(3)))
        await until(lambda: _settled(alpha, 3))
    keys = world[1].own
    seen = await checkpoint(at_alpha, keys, log="alpha/beta", timeout=5)
    size, root = int(seen.split(b"\n")[1]), notes.parse(seen.split(b"\n\n")[0] + b"\n").root
    entries = await alpha.store.read(lambda tx: tx.log_entries("alpha/beta", 0, size))
    path = await inclusion(at_alpha, keys, log="alpha/beta", index=1, size=size, timeout=5)
    proof.verify_inclusion(leaf_hash(entries[1].leaf), 1, size, path, root)
    grown = await consistency(at_alpha, keys, log="alpha/beta", old=2, new=size, timeout=5)
    assert grown
    for log, ask_size in (("alpha/gamma", 1), ("alpha/beta", size + 1)):
        with pytest.raises(DeliveryError, match="SERVER-LOG"):
            await inclusion(at_alpha, keys, log=log, index=0, size=ask_size, timeout=5)
    with pytest.raises(DeliveryError, match="INVALID_ARGUMENT"):
        await inclusion(at_alpha, keys, log="alpha/beta", index=size, size=size, timeout=5)
