# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of the seal: nothing is read before both signatures hold over the exact bytes and their type."""

from collections.abc import Iterator
from functools import partial

from gateway.conformance.builders import DSSE, Words, case, forged
from gateway.conformance.case import Case, Family, require
from gateway.conformance.kit import MAIN
from gateway.conformance.stage import Stage
from gateway.conformance.transfer import Transfer
from gateway.envelope.dsse import Envelope, Signature
from gateway.envelope.faulty import strangers_key
from gateway.envelope.keys import Algorithm
from gateway.envelope.seal import seal
from gateway.wire.convert import pack_envelope
from gateway.wire.statement import BATCH_TYPE, RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2

TOO_MANY = 40
_words = partial(Words, family=Family.SIGNATURE, clause=DSSE)
_INVALID = "TRUST-SIGNATURE-INVALID"
_MISSING = "TRUST-ALGORITHM-MISSING"


def _sealed(stage: Stage, one: Transfer) -> Envelope:
    return one.sealed(stage.kit.keys[MAIN].seal)


def _with(sealed: Envelope, *signatures: Signature) -> bytes:
    """Return an envelope with other signatures."""
    return pack_envelope(Envelope(sealed.payload_type, sealed.statement, signatures))


def _place(stage: Stage, algorithm: Algorithm) -> int:
    """Return at which place the key of an algorithm signs."""
    return [one.algorithm for one in stage.kit.keys[MAIN].seal].index(algorithm)


def _turned(stage: Stage, one: Transfer, algorithm: Algorithm) -> bytes:
    """Turn one bit in the middle of one signature."""
    sealed = _sealed(stage, one)
    signatures = [*sealed.signatures]
    place = _place(stage, algorithm)
    value = bytearray(signatures[place].value)
    value[len(value) // 2] ^= 1
    signatures[place] = Signature(signatures[place].key_id, bytes(value))
    return _with(sealed, *signatures)


def _without(stage: Stage, one: Transfer, algorithm: Algorithm) -> bytes:
    """Strip one signature."""
    sealed = _sealed(stage, one)
    place = _place(stage, algorithm)
    return _with(sealed, *(each for number, each in enumerate(sealed.signatures) if number != place))


def _of_other(stage: Stage, one: Transfer, algorithm: Algorithm) -> bytes:
    """Take one signature from another statement."""
    sealed, other = _sealed(stage, one), _sealed(stage, one.but(batch_id="another"))
    place = _place(stage, algorithm)
    signatures = [*sealed.signatures]
    signatures[place] = other.signatures[place]
    return _with(sealed, *signatures)


def _swapped(stage: Stage, one: Transfer) -> bytes:
    """Let each signature bear the key id of the other."""
    sealed = _sealed(stage, one)
    first, second = sealed.signatures
    return _with(sealed, Signature(second.key_id, first.value), Signature(first.key_id, second.value))


def _twice(stage: Stage, one: Transfer) -> bytes:
    """Let the P-256 key sign twice."""
    sealed = _sealed(stage, one)
    single = sealed.signatures[_place(stage, Algorithm.ECDSA_P256)]
    return _with(sealed, single, single)


def _altered(stage: Stage, one: Transfer) -> bytes:
    """Change the statement after it was signed."""
    sealed = _sealed(stage, one)
    return pack_envelope(Envelope(BATCH_TYPE, one.but(count=1).signed, sealed.signatures))


def _appended(stage: Stage, one: Transfer) -> bytes:
    """Append a field to the signed statement."""
    sealed = _sealed(stage, one)
    return pack_envelope(Envelope(BATCH_TYPE, sealed.statement + b"\x9a\x06\x01x", sealed.signatures))


def _relabelled(stage: Stage, one: Transfer) -> bytes:
    """Sign as a receipt, send as a batch."""
    signed = seal(RECEIPT_TYPE, one.signed, stage.kit.keys[MAIN].seal)
    return pack_envelope(Envelope(BATCH_TYPE, signed.statement, signed.signatures))


def _bare(stage: Stage, one: Transfer) -> bytes:
    """Sign the statement alone, without the pre-authentication encoding."""
    signatures = (Signature(each.key_id, each.sign(one.signed)) for each in stage.kit.keys[MAIN].seal)
    return pack_envelope(Envelope(BATCH_TYPE, one.signed, tuple(signatures)))


def _other_type(stage: Stage, one: Transfer) -> bytes:
    """Sign and send as another type."""
    return pack_envelope(seal("application/json", one.signed, stage.kit.keys[MAIN].seal))


def _many(stage: Stage, one: Transfer) -> bytes:
    """Send more signatures than a statement can need."""
    sealed = _sealed(stage, one)
    return _with(sealed, *sealed.signatures, *[sealed.signatures[0]] * TOO_MANY)


def _unknown_field(stage: Stage, one: Transfer) -> bytes:
    """Append a field to the envelope that no version of the contract has."""
    return stage.packed(one) + b"\x9a\x06\x01x"


def _named_otherwise(stage: Stage, one: Transfer) -> bytes:
    """Sign with both keys, and name another one in the statement."""
    return stage.packed(one.but(key_ids=["0" * 64]))


async def _stranger_beside(stage: Stage) -> str:
    one = stage.transfer()
    sealed = _sealed(stage, one)
    more = seal(BATCH_TYPE, one.signed, [strangers_key()]).signatures
    (answer,) = await stage.offer((_with(sealed, *sealed.signatures, *more), one.payload))
    require(answer.said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_ACCEPTED, answer.text)
    return answer.text


def _per_algorithm() -> Iterator[Case]:
    """Yield the cases that stand for each of the two signatures."""
    for algorithm, label in ((Algorithm.ECDSA_P256, "p256"), (Algorithm.ML_DSA_65, "mldsa65")):
        yield forged(
            _words(
                f"signature-wrong-{label}",
                f"A wrong {algorithm} signature refuses the envelope, however good the other one is.",
                f"one bit of the {algorithm} signature turned",
            ),
            partial(_turned, algorithm=algorithm),
            _INVALID,
        )
        yield forged(
            _words(
                f"signature-stripped-{label}",
                f"An envelope whose {algorithm} signature was stripped is refused.",
                f"the {algorithm} signature left out",
            ),
            partial(_without, algorithm=algorithm),
            _MISSING,
        )
        yield forged(
            _words(
                f"signature-of-another-{label}",
                f"A {algorithm} signature of another statement does not count for this one.",
                f"the {algorithm} signature taken from another statement of the same keys",
            ),
            partial(_of_other, algorithm=algorithm),
            _INVALID,
        )


CASES: tuple[Case, ...] = (
    forged(
        _words(
            "signature-none", "An envelope without signatures is refused.", "a good statement, no signature"
        ),
        lambda stage, one: _with(_sealed(stage, one)),
        "TRUST-UNSIGNED",
    ),
    forged(
        _words(
            "signature-empty", "A signature without bytes is refused.", "both key ids, no signature bytes"
        ),
        lambda stage, one: _with(
            _sealed(stage, one), *(Signature(each.key_id, b"") for each in _sealed(stage, one).signatures)
        ),
        "TRUST-SIGNATURE-EMPTY",
    ),
    *_per_algorithm(),
    forged(
        _words(
            "signature-key-ids-swapped",
            "A key id finds a key and proves nothing: signatures under each other's ids are refused.",
            "both signatures good, their key ids exchanged",
        ),
        _swapped,
        _INVALID,
    ),
    forged(
        _words(
            "signature-one-key-twice",
            "One key that signs twice is one key.",
            "the P-256 signature twice, no ML-DSA-65 signature",
        ),
        _twice,
        _MISSING,
    ),
    forged(
        _words(
            "signature-statement-altered",
            "A statement that was changed after it was signed is refused.",
            "another count under the old signatures",
        ),
        _altered,
        _INVALID,
    ),
    forged(
        _words(
            "signature-field-appended",
            "The signed bytes are the bytes that are checked: an appended field is noticed.",
            "an unknown field behind the signed statement",
        ),
        _appended,
        _INVALID,
    ),
    forged(
        _words(
            "signature-type-exchanged",
            "The payload type is signed with the statement, so one cannot pass for another.",
            "a statement signed as a receipt and sent as a batch",
        ),
        _relabelled,
        _INVALID,
    ),
    forged(
        _words(
            "signature-over-bare-bytes",
            "A signature over the statement alone, without the pre-authentication encoding, does not count.",
            "both keys signed the bare statement",
        ),
        _bare,
        _INVALID,
    ),
    forged(
        _words(
            "signature-other-type",
            "An envelope of another payload type is refused on the way of batches.",
            "payload type application/json, well signed",
        ),
        _other_type,
        "TRUST-PAYLOAD-TYPE",
    ),
    forged(
        _words(
            "signature-too-many",
            "An envelope with more signatures than a statement can need is refused before they cost time.",
            f"{TOO_MANY + 2} signatures",
        ),
        _many,
        "TRUST-SIGNATURE-COUNT",
    ),
    forged(
        _words(
            "signature-envelope-field",
            "An envelope with a field that the contract does not know is refused.",
            "an unknown field in the envelope",
        ),
        _unknown_field,
        "WIRE-UNKNOWN-FIELD",
    ),
    forged(
        _words(
            "signature-keys-named-otherwise",
            "The keys that a statement names must be those that signed it, so stripping one shows.",
            "a statement that names another key, well signed",
        ),
        _named_otherwise,
        "RECEIVE-KEYS",
    ),
    case(
        _words(
            "signature-stranger-beside",
            "A signature of an unknown key beside the two good ones neither helps nor hurts.",
            "both good signatures, and one of a key that nobody knows",
        ),
        "receipt: accepted",
        _stranger_beside,
    ),
)
