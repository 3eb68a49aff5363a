# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of identity: the connection, the keys and the statement must speak for one and the same partner."""

from collections.abc import Callable, Sequence
from functools import partial

from gateway.client.connection import Keys
from gateway.conformance.builders import (
    BATCH,
    FLOW,
    STREAM,
    Forge,
    Words,
    case,
    forged,
    require_refusal,
    streamed,
    worded,
)
from gateway.conformance.case import Case, Family, require
from gateway.conformance.drafts import BYSTANDER as BYSTANDERS
from gateway.conformance.kit import BYSTANDER, MAIN
from gateway.conformance.stage import SECONDS, Stage, told
from gateway.conformance.transfer import Transfer, transfer
from gateway.envelope.dsse import Envelope
from gateway.envelope.faulty import Fault, faulty_key, faulty_tls, strangers_key
from gateway.envelope.keys import Algorithm
from gateway.envelope.signer import FileSigner, Signer
from gateway.wire.convert import pack_envelope
from gateway.wire.v1 import peer_pb2

CERTIFICATES = "certs/profiles.toml; docs/adding-a-partner.md"
_words = partial(Words, family=Family.TRUST)
_ECHO = peer_pb2.EchoRequest(nonce=b"kit").SerializeToString()


def _under(one: Transfer, signers: Sequence[Signer]) -> bytes:
    """Seal with other keys, and name them in the statement."""
    return one.but(key_ids=sorted(each.key_id for each in signers)).packed(signers)


def _with_p256(stage: Stage, signer: Signer) -> list[Signer]:
    """Return the seal keys with another in place of the P-256 one."""
    own = stage.kit.keys[MAIN].seal
    return [signer if one.algorithm is Algorithm.ECDSA_P256 else one for one in own]


def _faulty(stage: Stage, one: Transfer, fault: Fault) -> bytes:
    """Seal with a key whose certificate is wrong in one way."""
    signer = faulty_key(stage.kit.keys[MAIN].folder, fault).signer
    if signer is None:
        raise ValueError(fault)
    return _under(one, _with_p256(stage, signer))


def _renamed(stage: Stage, one: Transfer) -> bytes:
    """Let a stranger's signature bear the name of our key."""
    sealed = one.sealed(stage.kit.keys[MAIN].seal)
    forged_one = one.sealed(_with_p256(stage, strangers_key()))
    signatures = tuple(
        type(old)(old.key_id, new.value)
        for old, new in zip(sealed.signatures, forged_one.signatures, strict=True)
    )
    return pack_envelope(Envelope(sealed.payload_type, sealed.statement, signatures))


def _shown(words: Words, keys: Callable[[Stage], Keys | None], *statuses: str) -> Case:
    """Return the case of a caller that must not get through."""

    async def play(stage: Stage) -> str:
        async with stage.connect(keys(stage)) as peer:
            ended = await peer.ask("Echo", _ECHO, seconds=SECONDS)
        require(ended.status in statuses, told(ended))
        return told(ended)

    return case(words, f"status {' or '.join(statuses)}", play)


def _bystanders(stage: Stage) -> Transfer:
    """Return a transfer that the bystander could send."""
    keys = stage.kit.keys[BYSTANDER].seal
    return transfer(stage.agreement(BYSTANDERS), stage.place(BYSTANDER), keys, stage.now)


async def _relayed(stage: Stage) -> str:
    one = _bystanders(stage)
    (answer,) = await stage.offer((one.packed(stage.kit.keys[BYSTANDER].seal), one.payload))
    return require_refusal(answer, ("TRUST-KEY-OWNER",))


async def _intake(stage: Stage) -> str:
    ended = await stage.peers[MAIN].ask("Submit", b"", seconds=SECONDS, service="Intake")
    require(ended.status in ("PERMISSION_DENIED", "UNIMPLEMENTED"), told(ended))
    return told(ended)


async def _echo(stage: Stage) -> str:
    nonce = b"0123456789abcdef"
    ended = await stage.ask("Echo", peer_pb2.EchoRequest(nonce=nonce).SerializeToString())
    require(bool(ended.messages), told(ended))
    said = peer_pb2.EchoReply.FromString(ended.messages[0])
    ours = {
        f"{one.id} v{one.version}"
        for one in stage.kit.agreements.values()
        if stage.own in (one.sender, one.recipient) and one.effective_from <= stage.now < one.effective_until
    }
    require(said.nonce == nonce and said.organisation == stage.target, "another nonce or organisation")
    require({*said.agreements} == ours, f"agreements {', '.join(said.agreements)}")
    return f"organisation {said.organisation}, {len(said.agreements)} agreements"


_KEYS: Sequence[tuple[str, str, str, Forge, str]] = (
    (
        "unknown",
        "A key that no bundle holds proves nothing.",
        "signed by a fresh P-256 key beside our ML-DSA-65 key",
        lambda stage, one: _under(one, _with_p256(stage, strangers_key())),
        "TRUST-KEY-UNKNOWN",
    ),
    (
        "under-our-name",
        "A stranger's signature under the id of our key is refused.",
        "the signature of a fresh key with the key id of ours",
        _renamed,
        "TRUST-SIGNATURE-INVALID",
    ),
    (
        "receipt",
        "A key for receipts seals no batch.",
        "sealed with both receipt keys",
        lambda stage, one: _under(one, stage.kit.keys[MAIN].receipt),
        "TRUST-KEY-PURPOSE",
    ),
    (
        "tls",
        "The key of the connection seals no batch.",
        "sealed with the TLS key",
        lambda stage, one: _under(
            one, _with_p256(stage, FileSigner.load(stage.kit.keys[MAIN].folder / "tls.key"))
        ),
        "TRUST-KEY-PURPOSE",
    ),
    (
        "log",
        "A key of the audit log seals no batch.",
        "sealed with the P-256 key of the log",
        lambda stage, one: _under(one, _with_p256(stage, stage.kit.keys[MAIN].log)),
        "TRUST-KEY-PURPOSE",
    ),
    (
        "other-partner",
        "The keys of one partner do not speak for another.",
        "our statement, sealed with the keys of the bystander",
        lambda stage, one: _under(one, stage.kit.keys[BYSTANDER].seal),
        "TRUST-KEY-OWNER",
    ),
    (
        "expired",
        "A key whose certificate has expired seals nothing any more.",
        "sealed with a P-256 key whose certificate ended a month ago",
        lambda stage, one: _faulty(stage, one, Fault.EXPIRED),
        "TRUST-KEY-EXPIRED",
    ),
    (
        "not-yet-valid",
        "A key whose certificate is not valid yet seals nothing.",
        "sealed with a P-256 key whose certificate begins later",
        lambda stage, one: _faulty(stage, one, Fault.NOT_YET_VALID),
        "TRUST-KEY-NOT-YET-VALID",
    ),
    (
        "revoked",
        "A key whose certificate stands on the revocation list seals nothing.",
        "sealed with a revoked P-256 key",
        lambda stage, one: _faulty(stage, one, Fault.REVOKED),
        "TRUST-KEY-REVOKED",
    ),
)

CASES: tuple[Case, ...] = (
    *(
        forged(_words(f"key-{name}", sentence, sends, clause=CERTIFICATES), forge, code)
        for name, sentence, sends, forge, code in _KEYS
    ),
    _shown(
        _words(
            "tls-no-certificate",
            "A caller without a certificate is not served.",
            "a connection without client certificate",
            clause=CERTIFICATES,
        ),
        lambda _: None,
        "UNAVAILABLE",
        "UNAUTHENTICATED",
    ),
    _shown(
        _words(
            "tls-not-pinned",
            "A certificate of a partner's authority that its bundle does not hold is not served.",
            "a TLS certificate of our authority that no bundle ever held",
            clause=CERTIFICATES,
        ),
        lambda stage: faulty_tls(stage.kit.keys[MAIN].folder, Fault.TLS_UNPINNED),
        "UNAUTHENTICATED",
        "UNAVAILABLE",
    ),
    _shown(
        _words(
            "tls-revoked",
            "A TLS certificate that stands on the revocation list is not served.",
            "a pinned TLS certificate that was revoked",
            clause=CERTIFICATES,
        ),
        lambda stage: faulty_tls(stage.kit.keys[MAIN].folder, Fault.TLS_REVOKED),
        "UNAUTHENTICATED",
        "UNAVAILABLE",
    ),
    worded(
        _words(
            "sender-not-the-caller",
            "A statement that names another sender than the caller is refused.",
            "another value in a well signed statement",
            clause=FLOW,
        ),
        lambda stage: {"sender": stage.kit.party(BYSTANDER)},
        "RECEIVE-SENDER",
    ),
    worded(
        _words(
            "recipient-not-the-target",
            "A statement for another recipient is refused.",
            "another value in a well signed statement",
            clause=FLOW,
        ),
        lambda stage: {"recipient": stage.kit.party(BYSTANDER)},
        "RECEIVE-RECIPIENT",
    ),
    worded(
        _words(
            "policy-named-otherwise",
            "The signature policy that a statement names must be the one that held.",
            "another value in a well signed statement",
            clause=BATCH,
        ),
        lambda _: {"signature_policy": "p256"},
        "RECEIVE-KEYS",
    ),
    case(
        _words(
            "transfer-relayed",
            "A good transfer of one partner is refused on the connection of another.",
            "the bystander's whole transfer on our connection",
            clause=FLOW,
        ),
        "signed refusal, TRUST-KEY-OWNER",
        _relayed,
    ),
    streamed(
        _words(
            "hello-of-another",
            "A stream that is opened in the name of another organisation ends.",
            "a hello of the bystander on our connection",
            clause=STREAM,
        ),
        lambda stage: [
            peer_pb2.Frame(
                hello=peer_pb2.Hello(
                    organisation=stage.kit.party(BYSTANDER), channel=stage.channel(BYSTANDER)
                )
            ).SerializeToString()
        ],
        "UNAUTHENTICATED",
        "SERVER-ORGANISATION",
    ),
    case(
        _words(
            "intake-closed-to-partners",
            "A partner cannot submit domestic messages.",
            "Intake/Submit as a partner",
            clause="intake.proto Intake",
        ),
        "status PERMISSION_DENIED or UNIMPLEMENTED",
        _intake,
    ),
    case(
        _words(
            "echo",
            "The partner test returns the nonce and names the agreements in force, and no others.",
            "a nonce of 16 bytes",
            clause="peer.proto Echo",
        ),
        "the nonce, the target's name, exactly the agreements in force between the two",
        _echo,
    ),
)
