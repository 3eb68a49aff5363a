# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Both parties sign the exact text; anything less is refused."""

import pytest

from gateway.agreement import countersign, file_name, sign, signed_by, unverified, verify
from gateway.agreement.sign import PAYLOAD_TYPE
from gateway.envelope import dsse
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.errors import ConfigError, VerificationError
from tests.agreement.samples import HEAD, field, small

RAW = small(field(["tracking_number"], "pass"))


@pytest.fixture(name="signed", scope="module")
def _signed(parties):
    sets, _ = parties
    return countersign(sign(RAW, sets["customs-cn"].seal), sets["customs-nl"].seal)


def codes(signed, keyring, now):
    """Return the codes with which a file is refused."""
    with pytest.raises(VerificationError) as raised:
        verify(signed, keyring, now)
    return {one.code for one in raised.value.findings}


def changed(signed, *, statement=None, keep=lambda _: True, kind=PAYLOAD_TYPE):
    """Return a signed file with another text, type, or fewer signatures."""
    envelope = dsse.from_json(signed)
    kept = tuple(one for index, one in enumerate(envelope.signatures) if keep(index))
    return dsse.to_json(dsse.Envelope(kind, statement or envelope.statement, kept))


def test_both_signed(signed, parties, now):
    """With all four signatures the exact text comes back."""
    found = verify(signed, parties[1], now)
    assert (found.raw, found.digest) == (RAW, found.agreement.digest)
    assert signed_by(signed, parties[1], now) == ("customs-cn", "customs-nl")
    assert unverified(signed) == RAW
    assert file_name(found.agreement) == "small-v1.agreement.json"


def test_signing_again_replaces(signed, parties, now):
    """A party that signs twice has signed once."""
    again = countersign(signed, parties[0]["customs-nl"].seal)
    assert len(dsse.from_json(again).signatures) == 4
    verify(again, parties[1], now)


@pytest.mark.parametrize("kept", [(0, 1), (2, 3), ()])
def test_one_party_is_not_enough(signed, parties, now, kept):
    """A file signed by one party or by nobody is refused."""
    assert codes(changed(signed, keep=lambda one: one in kept), parties[1], now) == {"AGREEMENT-NOT-SIGNED"}


@pytest.mark.parametrize("missing", range(4))
def test_each_algorithm_of_each_party_is_needed(signed, parties, now, missing):
    """Under the hybrid policy no single signature can be left out."""
    assert codes(changed(signed, keep=lambda one: one != missing), parties[1], now)


def test_classical_policy_needs_p256_of_both(parties, now):
    """Under the classical policy the P-256 signatures of both parties are enough."""
    sets, keyring = parties
    raw = small(field(["tracking_number"], "pass"), head=HEAD.replace("p256+mldsa65", "p256"))
    signed = countersign(sign(raw, sets["customs-cn"].seal[:1]), sets["customs-nl"].seal[:1])
    assert verify(signed, keyring, now).agreement.policy == "p256"


def test_changed_text_is_refused(signed, parties, now):
    """No byte of the text can change after signing."""
    wider = RAW.replace(b'"tracking_number"', b'"order_number"').replace(
        b"'tracking_number'", b"'order_number'"
    )
    assert wider != RAW
    assert "TRUST-SIGNATURE-INVALID" in codes(changed(signed, statement=wider), parties[1], now)


def test_stranger_does_not_count(signed, parties, now):
    """A signature of somebody else neither replaces a party nor may stand beside the two."""
    sets, keyring = parties
    only = sign(RAW, sets["customs-cn"].seal)
    assert codes(countersign(only, sets["customs-xx"].seal), keyring, now) == {"AGREEMENT-NOT-SIGNED"}
    assert codes(countersign(signed, sets["customs-xx"].seal), keyring, now) == {"AGREEMENT-NOT-SIGNED"}


def test_signing_again_replaces_former_keys(signed, parties, now, tmp_path):
    """A party that signs again with new keys leaves none of its former signatures in the file."""
    before = parties[0]["customs-cn"].seal
    write_keys(tmp_path, "customs-cn", now)
    after = KeySet.load(tmp_path).seal
    again = countersign(signed, after, former={one.key_id for one in before})
    ids = {one.key_id for one in dsse.from_json(again).signatures}
    nl = {one.key_id for one in parties[0]["customs-nl"].seal}
    assert ids == {one.key_id for one in after} | nl


def test_keys_of_another_purpose_do_not_sign(parties, now):
    """Receipt keys cannot sign agreements."""
    sets, keyring = parties
    signed = countersign(sign(RAW, sets["customs-cn"].receipt), sets["customs-nl"].seal)
    assert "TRUST-KEY-PURPOSE" in codes(signed, keyring, now)


def test_other_payload_type_is_refused(signed, parties, now):
    """An envelope of another type is not an agreement, whatever it holds."""
    other = changed(signed, kind="application/vnd.customs-ead.batch.v1+protobuf")
    assert codes(other, parties[1], now) == {"AGREEMENT-NOT-SIGNED"}


def test_nobody_signs_what_cannot_be_used(parties):
    """A text with faults is not signed."""
    with pytest.raises(ConfigError):
        sign(b"id = 3", parties[0]["customs-cn"].seal)
