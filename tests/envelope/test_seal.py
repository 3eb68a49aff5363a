# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Seal and unseal: what proves a statement and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.envelope import policy
from gateway.envelope.dsse import MAX_SIGNATURES, Envelope, Signature, pae
from gateway.envelope.issue import new_key
from gateway.envelope.keys import Algorithm
from gateway.envelope.seal import seal, unseal
from gateway.envelope.signer import FileSigner
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError, CouldNotCheck, VerificationError

TYPE = "application/vnd.customs-ead.test.v1"
STATEMENT = b"statement"


@pytest.fixture(name="open_")
def _open(keyring, now):
    """Unseal as beta would unseal alpha's batch; each argument can be replaced."""

    def open_(envelope, **changes):
        arguments = {
            "payload_type": TYPE,
            "keyring": keyring,
            "owner": "alpha",
            "purpose": "seal",
            "policy": policy.HYBRID,
            "at": now,
        }
        return unseal(envelope, **arguments | changes)

    return open_


@pytest.fixture(name="sealed")
def _sealed(alpha):
    """A good envelope of alpha."""
    return seal(TYPE, STATEMENT, alpha.seal)


def codes(caught) -> list[str]:
    """Return the finding codes of a caught error."""
    return [one.code for one in caught.value.findings]


def test_sealed_statement_opens(sealed, alpha, open_) -> None:
    """What alpha seals, beta unseals, and learns which keys proved it."""
    opened = open_(sealed)
    assert opened.statement == STATEMENT
    assert opened.key_ids == tuple(sorted(one.key_id for one in alpha.seal))


@settings(max_examples=20)
@given(st.binary(max_size=200), st.text(min_size=1, max_size=40))
def test_unseal_undoes_seal(alpha, keyring, now, statement, payload_type) -> None:
    """For any statement and type, unsealing what was sealed gives the statement back."""
    opened = unseal(
        seal(payload_type, statement, alpha.seal),
        payload_type=payload_type,
        keyring=keyring,
        owner="alpha",
        purpose="seal",
        policy=policy.HYBRID,
        at=now,
    )
    assert opened.statement == statement


def test_unsigned_is_refused(open_) -> None:
    """An envelope without signatures proves nothing."""
    with pytest.raises(VerificationError) as caught:
        open_(Envelope(TYPE, STATEMENT, ()))
    assert codes(caught) == ["TRUST-UNSIGNED"]


@pytest.mark.parametrize("index", [0, 1])
def test_empty_signature_is_refused(sealed, open_, index) -> None:
    """A signature of no bytes is named as such."""
    signatures = list(sealed.signatures)
    signatures[index] = Signature(signatures[index].key_id, b"")
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=tuple(signatures)))
    assert codes(caught) == ["TRUST-SIGNATURE-EMPTY"]


@pytest.mark.parametrize("index", [0, 1])
def test_one_bad_half_is_refused(sealed, open_, index) -> None:
    """A hybrid seal with one bad half does not hold, whichever half it is."""
    signatures = list(sealed.signatures)
    value = bytearray(signatures[index].value)
    value[-1] ^= 1
    signatures[index] = Signature(signatures[index].key_id, bytes(value))
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=tuple(signatures)))
    assert codes(caught) == ["TRUST-SIGNATURE-INVALID", "TRUST-ALGORITHM-MISSING"]


@pytest.mark.parametrize("index", [0, 1])
def test_one_missing_half_is_refused(sealed, open_, index) -> None:
    """A hybrid seal with one half gone is a downgrade."""
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=(sealed.signatures[index],)))
    assert codes(caught) == ["TRUST-ALGORITHM-MISSING"]


@pytest.mark.parametrize("index", [0, 1])
def test_duplicate_counts_once(sealed, open_, index) -> None:
    """Two signatures of one key never stand for two keys."""
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=(sealed.signatures[index],) * 2))
    assert codes(caught) == ["TRUST-ALGORITHM-MISSING"]


def test_duplicate_does_not_multiply_keys(sealed, open_) -> None:
    """A repeated signature beside a full seal changes nothing in what is proved."""
    doubled = replace(sealed, signatures=(*sealed.signatures, sealed.signatures[0]))
    assert open_(doubled) == open_(sealed)


def test_policy_is_the_callers(sealed, open_) -> None:
    """One signature is enough only where the agreement's policy says so."""
    assert open_(replace(sealed, signatures=sealed.signatures[:1]), policy=policy.CLASSICAL)
    with pytest.raises(VerificationError):
        open_(replace(sealed, signatures=sealed.signatures[1:]), policy=policy.CLASSICAL)


def test_surplus_bad_signature_refuses(sealed, open_) -> None:
    """A wrong signature of a known key refuses the envelope even where the policy does not need that key."""
    bad = Signature(sealed.signatures[1].key_id, b"x" * 3309)
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=(sealed.signatures[0], bad)), policy=policy.CLASSICAL)
    assert codes(caught) == ["TRUST-SIGNATURE-INVALID"]


def test_unknown_signature_is_no_proof(open_) -> None:
    """Signatures of keys that no bundle holds cannot make a seal."""
    strangers = [FileSigner(new_key(one)) for one in (Algorithm.ECDSA_P256, Algorithm.ML_DSA_65)]
    with pytest.raises(VerificationError) as caught:
        open_(seal(TYPE, STATEMENT, strangers))
    assert codes(caught) == ["TRUST-KEY-UNKNOWN"] * 2 + ["TRUST-ALGORITHM-MISSING"] * 2


def test_unknown_extra_signature_is_left_out(sealed, open_) -> None:
    """An unknown key beside a full seal does no harm and is not among the keys that proved it."""
    stranger = FileSigner(new_key(Algorithm.ECDSA_P256))
    extra = seal(TYPE, STATEMENT, [stranger]).signatures
    assert stranger.key_id not in open_(replace(sealed, signatures=sealed.signatures + extra)).key_ids


def test_key_id_is_no_proof(sealed, open_) -> None:
    """A stranger's signature under the key ids of alpha does not hold."""
    strangers = [FileSigner(new_key(one)) for one in (Algorithm.ECDSA_P256, Algorithm.ML_DSA_65)]
    forged = seal(TYPE, STATEMENT, strangers).signatures
    signatures = tuple(
        Signature(good.key_id, bad.value) for good, bad in zip(sealed.signatures, forged, strict=True)
    )
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=signatures))
    assert codes(caught)[:2] == ["TRUST-SIGNATURE-INVALID"] * 2


def test_swapped_key_ids_are_refused(sealed, open_) -> None:
    """The algorithm follows from the key: the halves cannot be exchanged."""
    one, other = sealed.signatures
    swapped = (Signature(other.key_id, one.value), Signature(one.key_id, other.value))
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=swapped))
    assert codes(caught)[:2] == ["TRUST-SIGNATURE-INVALID"] * 2


def test_tampered_statement_is_refused(sealed, open_) -> None:
    """Other bytes than those that were signed do not open."""
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, statement=STATEMENT + b" "))
    assert codes(caught)[:2] == ["TRUST-SIGNATURE-INVALID"] * 2


def test_unexpected_payload_type_is_refused(sealed, open_) -> None:
    """A statement of another type than expected is refused though its seal is good."""
    with pytest.raises(VerificationError) as caught:
        open_(sealed, payload_type="application/other")
    assert codes(caught) == ["TRUST-PAYLOAD-TYPE"]


def test_tampered_payload_type_is_refused(sealed, open_) -> None:
    """The type is signed: a receipt cannot be passed off as a batch by renaming it."""
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, payload_type="application/other"), payload_type="application/other")
    assert codes(caught)[:2] == ["TRUST-SIGNATURE-INVALID"] * 2


def test_bare_statement_signature_is_refused(sealed, alpha, open_) -> None:
    """A signature over the statement alone, without the encoding around it, does not hold."""
    signatures = tuple(Signature(one.key_id, one.sign(STATEMENT)) for one in alpha.seal)
    with pytest.raises(VerificationError):
        open_(replace(sealed, signatures=signatures))


def test_partner_cannot_seal_for_another(beta, open_) -> None:
    """A good member's seal does not pass for that of another member."""
    with pytest.raises(VerificationError) as caught:
        open_(seal(TYPE, STATEMENT, beta.seal))
    assert codes(caught)[:2] == ["TRUST-KEY-OWNER"] * 2


@pytest.mark.parametrize("purpose", ["receipt", "log", "witness", "tls"])
def test_keys_of_other_purposes_cannot_seal(alpha, open_, purpose) -> None:
    """TLS, receipt, log and witness keys do not make a seal."""
    signers = [own.signer for own in alpha.keys if own.purpose == purpose]
    with pytest.raises(VerificationError) as caught:
        open_(seal(TYPE, STATEMENT, signers))
    assert codes(caught)[0] == "TRUST-KEY-PURPOSE"


def test_seal_keys_cannot_receipt(sealed, open_) -> None:
    """A seal key does not sign receipts."""
    with pytest.raises(VerificationError) as caught:
        open_(sealed, purpose="receipt")
    assert codes(caught)[:2] == ["TRUST-KEY-PURPOSE"] * 2


def test_unknown_owner_cannot_be_checked(sealed, open_) -> None:
    """Nothing is said, good or bad, about an organisation whose bundle is not here."""
    with pytest.raises(CouldNotCheck) as caught:
        open_(sealed, owner="gamma")
    assert codes(caught) == ["TRUST-OWNER-UNKNOWN"]


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (timedelta(minutes=-11), "TRUST-KEY-NOT-YET-VALID"),
        (timedelta(days=731), "TRUST-KEY-EXPIRED"),
    ],
)
def test_key_outside_its_dates_is_refused(sealed, open_, now, offset, code) -> None:
    """A key counts only within the dates of its certificate."""
    with pytest.raises(VerificationError) as caught:
        open_(sealed, at=now + offset)
    assert codes(caught)[:2] == [code] * 2


@pytest.mark.parametrize("offset", [timedelta(minutes=-10), timedelta(days=93)])
def test_edges_of_the_dates_are_good(sealed, open_, now, offset) -> None:
    """The first moment of the certificate and the last of the revocation list's grace both count."""
    assert open_(sealed, at=now + offset)


def test_bad_outranks_unchecked(sealed, alpha, open_, now) -> None:
    """An envelope with a bad signature is bad even if another part could not be checked."""
    material = replace(alpha.material(), revocation_lists=())
    ring = Keyring([material], now=now)
    with pytest.raises(CouldNotCheck):
        open_(sealed, keyring=ring)
    receipt = alpha.receipt[0]
    mixed = replace(
        sealed,
        signatures=(
            *sealed.signatures,
            Signature(receipt.key_id, receipt.sign(pae(TYPE, STATEMENT))),
        ),
    )
    with pytest.raises(VerificationError):
        open_(mixed, keyring=ring)


def test_signature_flood_is_refused(sealed, open_) -> None:
    """The number of signatures is bounded for envelopes from the wire too."""
    with pytest.raises(VerificationError) as caught:
        open_(replace(sealed, signatures=sealed.signatures * MAX_SIGNATURES))
    assert codes(caught) == ["TRUST-SIGNATURE-COUNT"]


def test_unknown_policy_is_refused() -> None:
    """There is no way to name a weaker policy."""
    assert policy.get("p256+mldsa65") is policy.HYBRID
    assert policy.get("p256") is policy.CLASSICAL
    for name in ("none", "", "sha1", "P256"):
        with pytest.raises(ConfigError):
            policy.get(name)
