# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner that misbehaves meets a running gateway: a signed answer, an audit entry, and service goes on."""

import grpc
import pytest

from gateway.client.peer import GrpcPeer
from gateway.clock import system_clock
from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements
from gateway.envelope.dsse import Envelope, Signature
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.signer import FileSigner
from gateway.errors import DeliveryError
from gateway.exchange.sealing import BATCH_TYPE
from gateway.wire.convert import pack_envelope, unpack_envelope
from gateway.wire.v1 import envelope_pb2, peer_pb2
from tests.system.books import Books
from tests.system.crafted_peer import CraftedPeer
from tests.system.submitting import ask

REFUSED = envelope_pb2.ReceiptStatement.OUTCOME_REFUSED
STRANGER = "customs-zz"
OTHERS = (
    ("cn-nl-over", "2020-01-01", "2021-01-01"),
    ("cn-nl-later", "2099-01-01", "2100-01-01"),
)


def agreement_texts():
    """Return the sample agreements, and two that are signed but not in force now."""
    text = next(one for one in packaged_agreements() if b'id = "cn-nl-export"' in one).decode()
    yield from packaged_agreements()
    for name, begin, end in OTHERS:
        changed = text.replace("cn-nl-export", name).replace("2026-01-01", begin).replace("2029-01-01", end)
        yield changed.encode()


@pytest.fixture(scope="module", name="stand")
def _stand(tmp_path_factory):
    """One running gateway, its partner's folder for a crafted peer, and an organisation it does not know."""
    folder = tmp_path_factory.mktemp("hostile")
    here, there = make_parties(folder, list(agreement_texts()), organisations=(HERE, THERE))
    write_keys(folder / STRANGER / "keys", STRANGER, system_clock())
    there.start()
    yield CraftedPeer(here, there), there, KeySet.load(folder / STRANGER / "keys")
    assert there.stop() == 0


@pytest.fixture(name="peer")
def _peer(stand):
    """The crafted peer."""
    return stand[0]


@pytest.fixture(name="victim")
def _victim(stand):
    """The running gateway."""
    return stand[1]


@pytest.fixture(name="stranger")
def _stranger(stand):
    """Keys that no bundle at the victim's holds."""
    return stand[2]


def resigned(envelope, signatures):
    """Return an envelope with other signatures."""
    return pack_envelope(Envelope(envelope.payload_type, envelope.statement, tuple(signatures)))


def unsigned(peer, transfer, _):
    """No signature at all."""
    return resigned(unpack_envelope(peer.sealed(transfer)), ())


def empty_signature(peer, transfer, _):
    """Signatures without bytes."""
    sealed = unpack_envelope(peer.sealed(transfer))
    return resigned(sealed, (Signature(one.key_id, b"") for one in sealed.signatures))


def strangers_key(peer, transfer, stranger):
    """Signed by an organisation that is no partner."""
    return peer.sealed(transfer, stranger.seal)


def strangers_key_under_our_name(peer, transfer, stranger):
    """Signed by a stranger who names the partner's key ids."""
    forged = unpack_envelope(peer.sealed(transfer, stranger.seal)).signatures
    names = [one.key_id for one in peer.keys.seal]
    values = {len(one.value) > 1000: one.value for one in forged}
    own = unpack_envelope(peer.sealed(transfer)).signatures
    assert {one.key_id for one in own} == set(names)
    return resigned(
        unpack_envelope(peer.sealed(transfer)),
        (Signature(one.key_id, values[len(one.value) > 1000]) for one in own),
    )


def receipt_keys(peer, transfer, _):
    """Signed by the partner, with keys of another purpose from the same authority."""
    return peer.sealed(transfer, peer.keys.receipt)


def tls_key(peer, transfer, _):
    """Signed with the key of the connection."""
    return peer.sealed(transfer, [FileSigner.load(peer.keys.folder / "tls.key")])


def one_half(peer, transfer, _):
    """One of the two required signatures is missing."""
    sealed = unpack_envelope(peer.sealed(transfer))
    return resigned(sealed, sealed.signatures[:1])


def one_half_bad(peer, transfer, _):
    """One of the two required signatures is of something else."""
    sealed, other = (unpack_envelope(peer.sealed(one)) for one in (transfer, transfer.but(count=9)))
    return resigned(sealed, (sealed.signatures[0], other.signatures[1]))


def altered_statement(peer, transfer, _):
    """Changed after it was signed."""
    sealed = unpack_envelope(peer.sealed(transfer))
    return pack_envelope(Envelope(BATCH_TYPE, transfer.but(count=9).signed, sealed.signatures))


def other_type(peer, transfer, _):
    """An envelope of another type, signed as such."""
    sealed = unpack_envelope(peer.sealed(transfer))
    return pack_envelope(Envelope("application/json", sealed.statement, sealed.signatures))


def cut_short(peer, transfer, _):
    """The end of the envelope is missing."""
    return peer.sealed(transfer)[:-40]


def noise(_, __, ___):
    """No envelope at all."""
    return b"\xff" * 700


def nothing(_, __, ___):
    """Zero bytes."""
    return b""


FORGERIES = {
    unsigned: {"TRUST-UNSIGNED"},
    empty_signature: {"TRUST-SIGNATURE-EMPTY"},
    strangers_key: {"TRUST-KEY-UNKNOWN", "TRUST-ALGORITHM-MISSING"},
    strangers_key_under_our_name: {"TRUST-SIGNATURE-INVALID"},
    receipt_keys: {"TRUST-KEY-PURPOSE"},
    tls_key: {"TRUST-KEY-PURPOSE"},
    one_half: {"TRUST-ALGORITHM-MISSING"},
    one_half_bad: {"TRUST-SIGNATURE-INVALID"},
    altered_statement: {"TRUST-SIGNATURE-INVALID"},
    other_type: {"TRUST-PAYLOAD-TYPE"},
    cut_short: {"WIRE-PARSE"},
    noise: {"WIRE-PARSE"},
    nothing: {"TRUST-ENVELOPE", "TRUST-UNSIGNED", "TRUST-PAYLOAD-TYPE"},
}


def refusals(victim):
    """Return the refusals with their log entries, checking that each has exactly one."""
    books = Books(victim)
    rows = books.rows("refusal", "id")
    for row in rows:
        entries = books.rows("log_entry", subject=f"refusal:{row['id']}", event="refused")
        assert [one["index"] for one in entries] == [row["log_index"]]
    return rows


async def expect_refusal(peer, victim, envelope, payload, codes):
    """Send what must be refused: a signed answer, evidence, an audit entry, and a good transfer after it."""
    before = len(refusals(victim))
    (receipt,) = await peer.send((envelope, payload))
    said = peer.read(receipt)
    found = {one.code for one in said.findings}
    assert said.outcome == REFUSED
    assert found & codes, found
    after = refusals(victim)
    assert len(after) == before + 1
    assert after[-1]["envelope"] == envelope
    assert after[-1]["receipt"] == receipt
    await peer.deliver(peer.transfer())
    assert ask(victim.url, "/readyz") == {"status": "ready"}
    return said


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
async def test_forgery_is_refused(peer, victim, stranger, forge) -> None:
    """An envelope whose seal does not hold gets a signed refusal and leaves a trace."""
    transfer = peer.transfer()
    await expect_refusal(peer, victim, forge(peer, transfer, stranger), transfer.payload, FORGERIES[forge])


WRONG_WORDS = {
    "sender": ({"sender": STRANGER}, "RECEIVE-SENDER"),
    "recipient": ({"recipient": STRANGER}, "RECEIVE-RECIPIENT"),
    "version": ({"version": 99}, "RECEIVE-VERSION"),
    "tree-version": ({"tree_version": 99}, "RECEIVE-VERSION"),
    "unknown-agreement": ({"agreement_id": "none"}, "RECEIVE-AGREEMENT"),
    "other-version-of-agreement": ({"agreement_version": 7}, "RECEIVE-AGREEMENT"),
    "other-text-of-agreement": ({"agreement_digest": b"x" * 32}, "RECEIVE-AGREEMENT"),
    "other-direction": ({"agreement_id": "nl-cn-returns"}, "RECEIVE-AGREEMENT"),
    "treatment": ({"treatment_digest": b"x" * 32}, "RECEIVE-TREATMENT"),
    "channel": ({"channel": f"{HERE}/{THERE}/event"}, "RECEIVE-CHANNEL"),
    "record-type": ({"record_type": "event"}, "RECEIVE-CHANNEL"),
    "policy": ({"signature_policy": "p256"}, "RECEIVE-KEYS"),
    "key-ids": ({"key_ids": ["0" * 64]}, "RECEIVE-KEYS"),
    "past": ({"created_at_ms": 1_000_000_000_000}, "RECEIVE-CLOCK"),
    "future": ({"created_at_ms": 4_000_000_000_000}, "RECEIVE-CLOCK"),
    "count": ({"count": 3}, "RECEIVE-COUNT"),
    "root": ({"commitment_root": b"x" * 32}, "RECEIVE-COMMITMENT"),
    "payload-digest": ({"payload_digest": b"x" * 32}, "RECEIVE-PAYLOAD"),
    "sequence-zero": ({"sequence": 0}, "RECEIVE-MALFORMED"),
    "batch-id": ({"batch_id": "../../etc"}, "RECEIVE-MALFORMED"),
    "previous": ({"previous_digest": b"x" * 32}, "TRUST-SEQUENCE-GAP"),
}


@pytest.mark.parametrize("case", WRONG_WORDS)
async def test_wrong_statement_is_refused(peer, victim, case) -> None:
    """A statement that is well signed and wrong in one word is refused by that word."""
    values, code = WRONG_WORDS[case]
    transfer = peer.transfer().but(**values)
    await expect_refusal(peer, victim, peer.sealed(transfer), transfer.payload, {code})


@pytest.mark.parametrize("name", [one for one, _, _ in OTHERS])
async def test_agreement_not_in_force_is_refused(peer, victim, name) -> None:
    """An agreement that both have signed carries nothing before its time and after it."""
    agreement = peer.agreements.get(name)
    transfer = peer.transfer().but(agreement_id=name, agreement_digest=agreement.digest)
    await expect_refusal(peer, victim, peer.sealed(transfer), transfer.payload, {"RECEIVE-AGREEMENT"})


async def test_altered_payload_is_refused(peer, victim) -> None:
    """A payload that changed on the way does not pass under a good statement."""
    transfer = peer.transfer()
    altered = bytearray(transfer.payload)
    altered[-1] ^= 1
    await expect_refusal(peer, victim, peer.sealed(transfer), bytes(altered), {"RECEIVE-PAYLOAD"})


async def test_replay_gets_the_stored_receipt(peer, victim) -> None:
    """The same transfer again gets the same receipt, byte for byte, and nothing new is stored."""
    transfer = peer.transfer()
    envelope = peer.sealed(transfer)
    first, second = await peer.send((envelope, transfer.payload), (envelope, transfer.payload))
    peer.sequence += 1
    peer.last_digest = transfer.digest
    assert first == second
    before = Books(victim)
    assert await peer.send((envelope, transfer.payload)) == [first]
    # Another signature over the same statement is the same batch.
    assert await peer.send((peer.sealed(transfer), transfer.payload)) == [first]
    after = Books(victim)
    assert len(after.rows("inbound")) == len(before.rows("inbound"))
    assert len(after.rows("log_entry")) == len(before.rows("log_entry"))


async def test_same_id_with_other_words_is_a_conflict(peer, victim) -> None:
    """A batch id that was used for other words is refused, and so is a used sequence number."""
    first = peer.transfer()
    await peer.deliver(first)
    again = peer.transfer().but(batch_id=first.statement.batch_id)
    await expect_refusal(peer, victim, peer.sealed(again), again.payload, {"RECEIVE-CONFLICT"})
    late = peer.transfer().but(sequence=first.statement.sequence)
    await expect_refusal(peer, victim, peer.sealed(late), late.payload, {"RECEIVE-CONFLICT"})


async def test_gap_names_the_expected_number(peer, victim) -> None:
    """A batch ahead of its turn is refused with the number that is expected."""
    expected = peer.sequence + 1
    ahead = peer.transfer().but(sequence=expected + 1)
    said = await expect_refusal(peer, victim, peer.sealed(ahead), ahead.payload, {"TRUST-SEQUENCE-GAP"})
    assert said.expected_sequence == expected


def test_stranger_gets_no_connection(victim, stranger, peer) -> None:
    """An organisation without bundle does not get through the handshake."""
    credentials = grpc.ssl_channel_credentials(
        b"".join(peer.bundle.authorities), stranger.tls_key, stranger.tls_certificate
    )
    with grpc.secure_channel(victim.grpc, credentials) as channel:
        call = channel.unary_unary("/customs.ead.v1.Peer/Echo")
        with pytest.raises(grpc.RpcError) as raised:
            call(peer_pb2.EchoRequest(nonce=b"x" * 16).SerializeToString(), timeout=5)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


def test_connection_without_certificate_is_refused(victim, peer) -> None:
    """A caller without a certificate does not get through the handshake."""
    credentials = grpc.ssl_channel_credentials(b"".join(peer.bundle.authorities))
    with grpc.secure_channel(victim.grpc, credentials) as channel:
        call = channel.unary_unary("/customs.ead.v1.Peer/Echo")
        with pytest.raises(grpc.RpcError) as raised:
            call(peer_pb2.EchoRequest(nonce=b"x" * 16).SerializeToString(), timeout=5)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


HELLO = peer_pb2.Frame(hello=peer_pb2.Hello(organisation=HERE, channel=f"{HERE}/{THERE}/item"))
BAD_FRAMES = {
    "noise": ([b"\xff" * 64], grpc.StatusCode.INVALID_ARGUMENT),
    "empty": ([b""], grpc.StatusCode.INVALID_ARGUMENT),
    "no-hello": (
        [peer_pb2.Frame(transfer=peer_pb2.Transfer()).SerializeToString()],
        grpc.StatusCode.INVALID_ARGUMENT,
    ),
    "two-hellos": ([HELLO.SerializeToString()] * 2, grpc.StatusCode.INVALID_ARGUMENT),
    "noise-after-hello": ([HELLO.SerializeToString(), b"\xff" * 40], grpc.StatusCode.INVALID_ARGUMENT),
    "receipt-in-deliver": (
        [HELLO.SerializeToString(), peer_pb2.Frame(receipt=b"x").SerializeToString()],
        grpc.StatusCode.INVALID_ARGUMENT,
    ),
    "another-organisation": (
        [peer_pb2.Frame(hello=peer_pb2.Hello(organisation=STRANGER, channel="a/b/c")).SerializeToString()],
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "another-channel": (
        [peer_pb2.Frame(hello=peer_pb2.Hello(organisation=HERE, channel="a/b/c")).SerializeToString()],
        grpc.StatusCode.PERMISSION_DENIED,
    ),
    "oversize": (
        [
            HELLO.SerializeToString(),
            peer_pb2.Frame(transfer=peer_pb2.Transfer(payload=bytes(9 * 1024 * 1024))).SerializeToString(),
        ],
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ),
}


@pytest.mark.parametrize("case", BAD_FRAMES)
async def test_bad_frames_end_the_stream_only(peer, victim, case) -> None:
    """Frames that make no sense end their stream with a status; the next stream is served."""
    frames, status = BAD_FRAMES[case]
    credentials = grpc.ssl_channel_credentials(
        b"".join(peer.bundle.authorities), peer.keys.tls_key, peer.keys.tls_certificate
    )
    async with grpc.aio.secure_channel(victim.grpc, credentials) as channel:
        call = channel.stream_stream("/customs.ead.v1.Peer/Deliver")(iter(frames), timeout=10)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            async for _ in call:
                pass
    assert raised.value.code() == status
    await peer.deliver(peer.transfer())


async def test_partner_may_not_use_intake(peer, victim) -> None:
    """A partner cannot submit domestic messages."""
    credentials = grpc.ssl_channel_credentials(
        b"".join(peer.bundle.authorities), peer.keys.tls_key, peer.keys.tls_certificate
    )
    async with grpc.aio.secure_channel(victim.grpc, credentials) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await channel.unary_unary("/customs.ead.v1.Intake/Submit")(b"", timeout=5)
    assert raised.value.code() == grpc.StatusCode.PERMISSION_DENIED


async def test_unknown_channel_cannot_be_opened(peer) -> None:
    """A channel that no agreement has is refused at the hello."""
    client = GrpcPeer(peer.bundle, peer.keys, organisation=HERE)
    with pytest.raises(DeliveryError) as raised:
        await client.deliver(f"{HERE}/{THERE}/event")
    assert not raised.value.retryable


def test_log_at_the_end_is_whole(victim, peer) -> None:
    """After all of this the log still has the tree that its checkpoint says."""
    books = Books(victim)
    assert peer.sequence == len(books.rows("inbound"))
    rows = books.rows("inbound", "sequence")
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
