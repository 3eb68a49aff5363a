# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the witness: a checkpoint of ours is cosigned only if it continues the last one.

The log of the kit is made of entries that follow from their number alone, so it is there at any size and need
not be kept. What contradicts itself is brought by the liar, whose channels stop at once and for ever.
"""

from dataclasses import dataclass
from functools import partial

from gateway.audit import NoteKey, checkpoint, cosign, proof, tree
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.note import add_signatures, read_note
from gateway.audit.witness import Request, format_request
from gateway.client.raw import OK
from gateway.conformance.builders import Words, case
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import BYSTANDER, LIAR, MAIN
from gateway.conformance.stage import SECONDS, Stage, told
from gateway.envelope.keys import Purpose, verify_ml_dsa_44
from gateway.envelope.signer import Signer
from gateway.wire.v1 import peer_pb2

TLOG = "C2SP tlog-witness; peer.proto Witness"
_words = partial(Words, family=Family.WITNESS, clause=TLOG)
_Reply = peer_pb2.WitnessReply
TAMPERED = b"\x07" * 32


@dataclass(frozen=True, slots=True)
class KitLog:
    """The log of a party of the kit about the target."""

    origin: str
    signer: Signer

    def note(self, size: int, root: bytes | None = None) -> bytes:
        """Return the signed checkpoint of a size, with another root if one is given."""
        claimed = Checkpoint(self.origin, size, root or tree.root(self._grown(size).frontier))
        return checkpoint.sign(claimed, NoteKey.of(self.origin, self.signer.public_key), self.signer)

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof from one size to another; none from the empty log."""
        if not old:
            return ()
        hashes = {(level, index): value for level, index, value in self._grown(new).hashes}
        return tuple(proof.consistency(old, new, lambda level, index: hashes[level, index]))

    def _grown(self, size: int) -> tree.Appended:
        """Return the tree of a size."""
        return tree.append(0, (), [tree.leaf_hash(b"kit entry %d" % number) for number in range(size)])


def _log(stage: Stage, which: str = MAIN) -> KitLog:
    """Return the log of a party about the target."""
    return KitLog(f"{stage.kit.party(which)}/{stage.target}", stage.kit.keys[which].log_ed25519)


async def _bring(
    stage: Stage, old: int, note: bytes, hashes: tuple[bytes, ...] = (), which: str = MAIN
) -> peer_pb2.WitnessReply:
    """Bring a checkpoint to be cosigned."""
    request = format_request(Request(old, hashes, note))
    message = peer_pb2.WitnessRequest(request=request)
    ended = await stage.ask("Witness", message.SerializeToString(), which)
    require(ended.status == OK, told(ended))
    return _Reply.FromString(ended.messages[0])


def _text(said: peer_pb2.WitnessReply) -> str:
    """Return what came, in one line."""
    codes = " ".join(one.code for one in said.findings)
    return (
        f"{_Reply.Outcome.Name(said.outcome).removeprefix('OUTCOME_').lower()} {said.size} {codes}".rstrip()
    )


async def _known(stage: Stage, which: str = MAIN) -> int:
    """Return the size that the target cosigned last; our log at its least is brought if there is none."""
    log = _log(stage, which)
    said = await _bring(stage, 0, log.note(2), which=which)
    if said.outcome == _Reply.OUTCOME_COSIGNED:
        return 2
    require(said.outcome == _Reply.OUTCOME_STALE and said.size > 0, _text(said))
    return said.size


async def _cosigned(stage: Stage) -> str:
    size, log = await _known(stage), _log(stage)
    note = log.note(size + 1)
    said = await _bring(stage, size, note, log.proof(size, size + 1))
    require(said.outcome == _Reply.OUTCOME_COSIGNED, _text(said))
    whole = read_note(add_signatures(note, [said.cosignatures]))
    keys = [
        NoteKey.of(f"{stage.target}/witness", one.public_key, cosign.KIND_OF[one.algorithm])
        for one in stage.keyring.of(stage.target, Purpose.WITNESS)
        if one.algorithm in cosign.KIND_OF
    ]
    cosign.require_quorum(whole, keys, 1, ml_dsa_44=verify_ml_dsa_44)
    return f"cosigned at {said.size}"


async def _same(stage: Stage) -> str:
    size, log = await _known(stage), _log(stage)
    said = await _bring(stage, size, log.note(size))
    require(said.outcome == _Reply.OUTCOME_COSIGNED and said.size == size, _text(said))
    return _text(said)


async def _stale(stage: Stage) -> str:
    size, log = await _known(stage), _log(stage)
    said = await _bring(stage, size - 1, log.note(size + 1), log.proof(size - 1, size + 1))
    require(
        said.outcome == _Reply.OUTCOME_STALE and said.size == size, f"{_text(said)}, cosigned last {size}"
    )
    return _text(said)


async def _unproved(stage: Stage) -> str:
    size, log = await _known(stage, LIAR), _log(stage, LIAR)
    said = await _bring(stage, size, log.note(size + 1), (TAMPERED,) * 3, LIAR)
    require(said.outcome == _Reply.OUTCOME_REFUSED and not said.cosignatures, _text(said))
    return _text(said)


async def _forged(stage: Stage) -> str:
    size, log = await _known(stage), _log(stage)
    other = KitLog(log.origin, stage.kit.keys[BYSTANDER].log_ed25519)
    said = await _bring(stage, size, other.note(size + 1), log.proof(size, size + 1))
    require(said.outcome == _Reply.OUTCOME_REFUSED and not said.cosignatures, _text(said))
    return _text(said)


async def _others(stage: Stage) -> str:
    log = _log(stage, BYSTANDER)
    said = await _bring(stage, 0, log.note(2))
    require(said.outcome == _Reply.OUTCOME_REFUSED and not said.cosignatures, _text(said))
    return _text(said)


async def _noise(stage: Stage) -> str:
    ended = await stage.ask("Witness", peer_pb2.WitnessRequest(request=b"\xff" * 64).SerializeToString())
    require(ended.status == OK, told(ended))
    said = _Reply.FromString(ended.messages[0])
    require(said.outcome == _Reply.OUTCOME_REFUSED and not said.cosignatures, _text(said))
    return _text(said)


async def _fork(stage: Stage) -> str:
    size, log = await _known(stage, LIAR), _log(stage, LIAR)
    said = await _bring(stage, size, log.note(size, TAMPERED), which=LIAR)
    require(said.outcome == _Reply.OUTCOME_REFUSED and not said.cosignatures, _text(said))
    return _text(said)


async def _stopped(stage: Stage) -> str:
    size, log = await _known(stage, LIAR), _log(stage, LIAR)
    await _bring(stage, size, log.note(size, TAMPERED), which=LIAR)
    ended = await stage.peers[LIAR].stream("Deliver", [stage.greeting(LIAR)], seconds=SECONDS)
    require(ended.status == "PERMISSION_DENIED" and "RECEIVE-STOPPED" in ended.codes, told(ended))
    await stage.deliver()
    return f"{told(ended)}; our own channel goes on"


CASES: tuple[Case, ...] = (
    case(
        _words(
            "witness-cosigns",
            "A checkpoint that continues the last one is cosigned.",
            "a checkpoint with its proof",
        ),
        "cosigned, by the target's witness key",
        _cosigned,
    ),
    case(
        _words(
            "witness-same-again",
            "The same checkpoint again is cosigned again.",
            "the checkpoint cosigned last",
        ),
        "cosigned, the same size",
        _same,
    ),
    case(
        _words(
            "witness-stale",
            "A request from another size than the last is stale.",
            "an old size that is not the last",
        ),
        "stale, with the size cosigned last",
        _stale,
    ),
    case(
        _words(
            "witness-unproved",
            "Without its proof no checkpoint is cosigned.",
            "a larger checkpoint, a wrong proof",
        ),
        "refused, no cosignature",
        _unproved,
    ),
    case(
        _words(
            "witness-forged",
            "A checkpoint counts only under the key of its log.",
            "a checkpoint signed by the bystander's log key",
        ),
        "refused, no cosignature",
        _forged,
    ),
    case(
        _words(
            "witness-log-of-others",
            "A log of another partner is not ours to bring.",
            "the bystander's checkpoint",
        ),
        "refused, no cosignature",
        _others,
    ),
    case(
        _words("witness-noise", "What is no request is refused.", "noise"), "refused, no cosignature", _noise
    ),
    case(
        _words(
            "witness-fork",
            "Two states of one size are never both cosigned.",
            "the size cosigned last with another root, by the liar",
        ),
        "refused, no cosignature",
        _fork,
    ),
    case(
        _words(
            "witness-fork-stops",
            "A partner that shows two states of its log is stopped, and others are not.",
            "the same, then a hello of the liar, then a good transfer of ours",
        ),
        "status PERMISSION_DENIED RECEIVE-STOPPED; our transfer accepted",
        _stopped,
    ),
)
