# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who gets in, and to what."""

import asyncio
from dataclasses import replace

import grpc
import pytest
from grpc_status import rpc_status

from gateway.envelope import issue
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring
from gateway.wire.v1 import envelope_pb2, intake_pb2, peer_pb2
from tests.peering import NOW, OWN, PARTNER

ECHO = peer_pb2.EchoRequest(nonce=b"n").SerializeToString()


async def _ask(channel, method="/customs.ead.v1.Peer/Echo", request=ECHO, seconds=5):
    async with channel:
        return await channel.unary_unary(method)(request, timeout=seconds)


def _codes(error):
    found = []
    for detail in rpc_status.from_call(error).details:
        one = envelope_pb2.WireFinding()
        if detail.Unpack(one):
            found.append(one.code)
    return found


async def test_partner_is_known_by_certificate(node):
    """A partner's TLS certificate opens the Peer service."""
    reply = peer_pb2.EchoReply.FromString(await _ask(node.channel()))
    assert (reply.nonce, reply.organisation) == (b"n", OWN)
    assert list(reply.agreements) == [f"{OWN}-{PARTNER}"]


async def test_no_client_certificate(node):
    """Without a client certificate there is no connection."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel(identity=False))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_foreign_authority(node, keys):
    """A certificate of an authority that no bundle brought fails in the handshake."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel(keys.foreign))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_known_authority_but_no_partner(node, keys):
    """A certificate of a known authority that no bundle lists gets a status with a finding."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel(keys.unlisted))
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert _codes(raised.value) == ["TRUST-CERTIFICATE-UNPINNED"]
    assert PARTNER not in raised.value.details()


async def test_intake_is_for_the_own_organisation(node, keys):
    """Partners may not submit domestic messages; the node's own submitters may."""
    request = intake_pb2.SubmitRequest(message=b"ok").SerializeToString()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel(), "/customs.ead.v1.Intake/Submit", request)
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert _codes(raised.value) == ["SERVER-NOT-ALLOWED"]
    assert node.intake.calls == []
    reply = await _ask(node.channel(keys.own), "/customs.ead.v1.Intake/Submit", request)
    assert intake_pb2.SubmitReply.FromString(reply).outcome == "accepted"
    assert node.intake.calls == [("grpc", "local")]


async def test_own_organisation_is_no_peer_of_itself(node, keys):
    """The node's own certificate does not open the Peer service."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel(keys.own))
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_new_certificates_are_used_for_new_connections(node, tmp_path):
    """A rotated certificate and a new authority are served to new connections without a restart."""
    issue.write_keys(tmp_path / "again", OWN, NOW)
    again = KeySet.load(tmp_path / "again")
    node.material = replace(node.material, certificate=again.tls_certificate, key=again.tls_key)
    with pytest.raises(grpc.aio.AioRpcError):  # the channel trusts the old authority only
        await _ask(node.channel(), seconds=2)
    node.keys = replace(node.keys, own=again)
    await _ask(node.channel())


async def test_revocation_bites_without_restart(node, keys, tmp_path):
    """A certificate that leaves the key ring is refused at its next call."""
    await _ask(node.channel())
    issue.write_keys(tmp_path / "new", PARTNER, NOW)
    new = KeySet.load(tmp_path / "new").material()
    node.server._identifier.ring = Keyring([keys.own.material(), new], now=NOW)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _ask(node.channel())
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_broken_key_folder_keeps_the_old_certificate(node):
    """If the material cannot be read, the server goes on with what it has."""

    def broken():
        raise OSError("gone")

    node.server._tls._read = broken
    reply = peer_pb2.EchoReply.FromString(await _ask(node.channel()))
    assert reply.organisation == OWN


@pytest.mark.parametrize("purpose", [Purpose.SEAL, Purpose.RECEIPT])
async def test_other_purposes_do_not_open_tls(node, keys, purpose):
    """A certificate for sealing or receipts is not one for TLS."""
    name = {Purpose.SEAL: "seal-p256", Purpose.RECEIPT: "receipt-p256"}[purpose]
    folder = keys.partner.folder
    shown = replace(
        keys.unlisted,
        tls_certificate=(folder / f"{name}.pem").read_bytes(),
        tls_key=(folder / f"{name}.key").read_bytes(),
    )
    with pytest.raises(grpc.aio.AioRpcError):
        await asyncio.wait_for(_ask(node.channel(shown)), 10)
