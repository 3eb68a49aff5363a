# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Time stamps of a real authority: what is good, what each fault is called, and what age does not change."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.envelope.timestamp import make_query, read_rules, verify_reply, verify_stamp
from gateway.errors import ConfigError, VerificationError
from tests.timestamp_authority import OPENSSL, OTHER_POLICY, POLICY, Answers, Certificates, need_openssl

MESSAGE = b"us/anchor\n7\nroot\n\n\xe2\x80\x94 us/anchor c2ln\n"
FAULTS = {
    "nonce": "STAMP-NONCE",
    "imprint": "STAMP-IMPRINT",
    "algorithm": "STAMP-IMPRINT",
    "two uses": "STAMP-CERTIFICATE-USE",
    "uncritical use": "STAMP-CERTIFICATE-USE",
    "policy": "STAMP-POLICY",
    "expired": "STAMP-CERTIFICATE-TIME",
    "use": "STAMP-CERTIFICATE-USE",
    "truncated": "STAMP-FORM",
    "rejected": "STAMP-REJECTED",
    "signature": "STAMP-SIGNATURE",
}


@pytest.fixture(scope="module", name="answers")
def _answers(tmp_path_factory):
    """A real authority."""
    need_openssl()
    return Answers(Certificates(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="module", name="rules")
def _rules(answers):
    """Whose stamps count."""
    return read_rules([answers.certificates.trust], policy=POLICY)


@pytest.fixture(scope="module", name="stamped")
def _stamped(answers):
    """A query and its good reply."""
    query = make_query(MESSAGE)
    return query, answers.reply(query.der)


def refused(work):
    """Return the code of the finding that refuses."""
    with pytest.raises(VerificationError) as caught:
        work()
    return caught.value.findings[0].code


def test_good_reply_says_when_and_by_whom(stamped, rules) -> None:
    """A reply that holds gives the time of the stamp, the authority and the policy."""
    now = datetime.now(UTC)
    stamp = verify_reply(stamped[1], stamped[0], MESSAGE, rules, now)
    assert abs(stamp.at - now) < timedelta(minutes=1)
    assert (stamp.authority, stamp.policy) == ("O=Sample Time", POLICY)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_finding(answers, rules, fault) -> None:
    """A reply with one thing wrong is refused under the name of that fault."""
    query = make_query(MESSAGE)
    reply = answers.faulty(query.der, fault)
    assert refused(lambda: verify_reply(reply, query, MESSAGE, rules, datetime.now(UTC))) == FAULTS[fault]


def test_unknown_authority_is_not_trusted(stamped, tmp_path) -> None:
    """A stamp under another root of the same name is refused, and so is any if no root is given."""
    other = read_rules([Certificates(tmp_path / "other").trust])
    now = datetime.now(UTC)
    assert refused(lambda: verify_reply(stamped[1], stamped[0], MESSAGE, other, now)) == "STAMP-UNTRUSTED"
    assert refused(lambda: verify_stamp(stamped[1], MESSAGE, read_rules([]), now)) == "STAMP-UNTRUSTED"


def test_clock_counts_both_ways_at_receipt_and_one_way_later(stamped, rules) -> None:
    """A fresh reply must be of now; an old stamp is good for ever, also when its certificate has ended."""
    query, reply = stamped
    now = datetime.now(UTC)
    for away in (timedelta(minutes=-10), timedelta(minutes=10)):
        assert (
            refused(lambda away=away: verify_reply(reply, query, MESSAGE, rules, now + away)) == "STAMP-CLOCK"
        )
    assert refused(lambda: verify_stamp(reply, MESSAGE, rules, now - timedelta(minutes=10))) == "STAMP-CLOCK"
    assert verify_stamp(reply, MESSAGE, rules, now + timedelta(days=4000)).policy == POLICY


def test_nonces_and_imprints_differ_by_question(answers, stamped, rules) -> None:
    """The reply to one question does not answer the next about the same bytes, nor one about other bytes."""
    again = make_query(MESSAGE)
    now = datetime.now(UTC)
    assert again.nonce != stamped[0].nonce
    assert refused(lambda: verify_reply(stamped[1], again, MESSAGE, rules, now)) == "STAMP-NONCE"
    assert refused(lambda: verify_stamp(stamped[1], MESSAGE + b" ", rules, now)) == "STAMP-IMPRINT"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_altered_reply_never_says_something_else(stamped, rules, where, bit) -> None:
    """With one bit turned a reply is refused, or says exactly what it said: no alteration changes a time."""
    reply = bytearray(stamped[1])
    reply[int(where * len(reply))] ^= 1 << bit
    now = datetime.now(UTC)
    good = verify_stamp(stamped[1], MESSAGE, rules, now)
    codes, stamp = ("STAMP-",), good
    try:
        stamp = verify_stamp(bytes(reply), MESSAGE, rules, now)
    except VerificationError as error:
        codes = tuple(one.code for one in error.findings)
    assert (stamp.at, stamp.policy, stamp.serial) == (good.at, good.policy, good.serial)
    assert all(one.startswith("STAMP-") for one in codes)
    assert codes


def test_openssl_agrees(answers, stamped, tmp_path) -> None:
    """What is kept of a stamp is what openssl verifies without us."""
    (tmp_path / "note").write_bytes(MESSAGE)
    (tmp_path / "reply").write_bytes(stamped[1])
    done = subprocess.run(
        [
            *(OPENSSL, "ts", "-verify", "-CAfile", answers.certificates.trust),
            *("-data", tmp_path / "note", "-in", tmp_path / "reply"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "Verification: OK")


def test_wrong_trust_is_a_fault_of_configuration(tmp_path, answers) -> None:
    """A file without a certificate, an absent one and a policy that is none are refused at start."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for sources, policy in (
        ([empty], ""),
        ([tmp_path / "absent.pem"], ""),
        ([answers.certificates.trust], "any"),
    ):
        with pytest.raises(ConfigError):
            read_rules(sources, policy=policy)
    assert read_rules([answers.certificates.trust], policy=OTHER_POLICY).policy == OTHER_POLICY
