# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The partner bundle: what a good one holds, and every way in which one is refused."""

import json
from datetime import timedelta

import msgspec
import pytest

from gateway.envelope import bundle, dsse, issue
from gateway.envelope.bundle import PAYLOAD_TYPE, fingerprint, read_bundle, same_fingerprint
from gateway.envelope.dsse import Envelope
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import new_key
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.signer import FileSigner, sign_envelope
from gateway.errors import ConfigError, VerificationError


@pytest.fixture(name="forge")
def _forge(alpha, export):
    """Change the statement of alpha's bundle and sign it again with all of alpha's keys."""

    def forge(*, signers=None, payload_type=PAYLOAD_TYPE, **changes) -> bytes:
        statement = json.loads(dsse.from_json(export(alpha)).statement) | changes
        signers = [one.signer for one in alpha.keys] if signers is None else signers
        return dsse.to_json(sign_envelope(payload_type, msgspec.json.encode(statement), signers))

    return forge


def codes(caught) -> set[str]:
    """Return the finding codes of a caught error."""
    return {one.code for one in caught.value.findings}


def test_exported_bundle_reads(alpha, export, now) -> None:
    """What is exported reads again, with everything that was said."""
    read = read_bundle(export(alpha, http="https://alpha.example/intake"), now)
    assert (read.organisation, read.name, read.endpoint) == ("alpha", "Alpha Customs", "localhost:7443")
    assert (read.collect_only, read.http, read.issued_at) == (False, "https://alpha.example/intake", now)
    assert b"".join(read.authorities) == alpha.ca
    assert {name: len(pems) for name, pems in read.certificates.items()} == {
        "tls": 1,
        "seal": 2,
        "receipt": 2,
        "log": 3,
        "witness": 2,
    }


def test_the_forger_makes_good_bundles(forge, now) -> None:
    """The helper of the tests below changes nothing unless told to."""
    assert read_bundle(forge(), now).organisation == "alpha"


def test_every_key_signs(alpha, export) -> None:
    """A bundle carries one signature per key, so each private key is proved to be held."""
    signed = {one.key_id for one in dsse.from_json(export(alpha)).signatures}
    assert signed == {one.signer.key_id for one in alpha.keys}


@pytest.mark.parametrize("index", range(8))
def test_key_that_did_not_sign_is_refused(alpha, forge, now, index) -> None:
    """A bundle with a key of which possession is not proved is refused."""
    signers = [one.signer for one in alpha.keys]
    del signers[index]
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(signers=signers), now)
    assert codes(caught) == {"TRUST-BUNDLE-POSSESSION"}


def test_certificate_of_another_is_not_enrolled(alpha, beta, forge, now) -> None:
    """Nobody enrols somebody else's certificate as his own."""
    certificates = {
        purpose: [one.certificate for one in alpha.keys if one.purpose == purpose] for purpose in Purpose
    }
    certificates["seal"].append(next(one.certificate for one in beta.keys if one.purpose == "seal"))
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(certificates=certificates), now)
    assert "TRUST-CERTIFICATE-ORGANISATION" in codes(caught)


def test_surplus_signature_is_refused(alpha, forge, now) -> None:
    """A signature of a key that the bundle does not hold, or a second one of one key, is refused."""
    own = [one.signer for one in alpha.keys]
    for extra in (FileSigner(new_key(Algorithm.ECDSA_P256)), own[0]):
        with pytest.raises(VerificationError) as caught:
            read_bundle(forge(signers=[*own, extra]), now)
        assert codes(caught) == {"TRUST-KEY-UNKNOWN"}


def test_altered_statement_is_refused(alpha, export, now) -> None:
    """One changed byte of the statement voids every signature."""
    good = dsse.from_json(export(alpha))
    altered = good.statement.replace(b"localhost:7443", b"attacker.x:743")
    with pytest.raises(VerificationError) as caught:
        read_bundle(dsse.to_json(Envelope(PAYLOAD_TYPE, altered, good.signatures)), now)
    assert codes(caught) == {"TRUST-SIGNATURE-INVALID"}


def test_other_payload_type_is_refused(forge, now) -> None:
    """A statement of another type is no bundle, even if it reads like one."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(payload_type="application/json"), now)
    assert codes(caught) == {"TRUST-PAYLOAD-TYPE"}


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"organisation": "../alpha"},
        {"organisation": "al..pha"},
        {"organisation": ""},
        {"organisation": "a" * 65},
        {"organisation": "alpha\n"},
        {"endpoint": ""},
        {"endpoint": "localhost"},
        {"endpoint": "localhost:0"},
        {"endpoint": "localhost:65536"},
        {"endpoint": "dns:///x:1/y"},
        {"http": "javascript:1"},
        {"serial": 0},
        {"issued_at": "2026-11-22T12:00:00"},
        {"authorities": []},
        {"authorities": ["x"] * 5},
        {"intermediates": ["x"] * 5},
        {"revocation_lists": ["x"] * 9},
        {"certificates": {"admin": ["x"]}},
        {"certificates": {}},
        {"certificates": {"seal": ["x"] * 7}},
        {"surprise": 1},
        {"serial": "1"},
    ],
    ids=lambda changes: "-".join(f"{key}={str(value)[:20]}" for key, value in changes.items()),
)
def test_malformed_bundle_is_refused(forge, now, changes) -> None:
    """Each field has its form, and unknown fields are refused."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(**changes), now)
    assert codes(caught) == {"TRUST-BUNDLE"}


def test_missing_revocation_list_is_refused(forge, now) -> None:
    """A bundle from which revocation could never be checked is refused."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(revocation_lists=[]), now)
    assert "TRUST-CRL-MISSING" in codes(caught)


def test_foreign_authority_is_refused(beta, forge, now) -> None:
    """Certificates must come from the bundle's own authorities."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(forge(authorities=[beta.ca.decode()]), now)
    assert codes(caught) >= {"TRUST-CERTIFICATE-PATH"}


def test_huge_file_is_refused_unread(now) -> None:
    """The size is bounded before anything is parsed."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(b" " * (bundle.MAX_BYTES + 1), now)
    assert codes(caught) == {"TRUST-BUNDLE"}


def test_collect_only_needs_no_endpoint(alpha, export, now) -> None:
    """A partner that cannot be called says so and names no endpoint."""
    assert read_bundle(export(alpha, endpoint="", collect_only=True), now).collect_only


def test_bad_export_is_refused_at_once(alpha, export) -> None:
    """A bundle that no partner would take is not written."""
    with pytest.raises(ConfigError) as caught:
        export(alpha, endpoint="nowhere")
    assert caught.value.findings[0].path == "endpoint"


def test_expired_and_retired_keys_stay_out(folder, export, now) -> None:
    """An export holds no certificate that is over, and none whose private key is gone."""
    issue.rotate(folder, Purpose.TLS, now + timedelta(days=390))
    late = read_bundle(export(KeySet.load(folder), now + timedelta(days=400)), now + timedelta(days=400))
    assert len(late.certificates["tls"]) == 1
    issue.activate(folder, Purpose.TLS)
    issue.retire(folder, Purpose.TLS)
    assert len(read_bundle(export(KeySet.load(folder)), now).certificates["tls"]) == 1


def test_fingerprint_is_of_the_statement(alpha, export, now) -> None:
    """The fingerprint does not change with the (hedged) signatures, and does with the statement."""
    one, other = export(alpha), export(alpha)
    assert one != other
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(export(alpha, now + timedelta(seconds=1))) != fingerprint(one)


def test_fingerprints_compare_by_digits(alpha, export) -> None:
    """People may write a fingerprint with any separators and case, but not shorten it."""
    shown = fingerprint(export(alpha))
    assert same_fingerprint(shown.upper().replace(" ", ":"), shown)
    assert not same_fingerprint(shown[:-1], shown)
    assert not same_fingerprint(shown[:4], shown[:4])
    assert not same_fingerprint("", "")
