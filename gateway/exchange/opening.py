# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check everything about a received transfer that needs no database. Pure; runs in a worker.

The rules, in this order; an error of rules 1 to 7 refuses the envelope, one of rule 8 only its record:

1. The envelope parses, and its seal is that of the partner at the other end of the connection.
2. Only then the statement is read. Sender and recipient are the two ends of the connection.
3. Version of statement and tree are known; the keys and the policy named inside are those that held.
4. The agreement, by id, version and digest, is in force between the two, and channel, record type and policy
   are its own, and the treatment of every field is that which it prescribes.
5. The time of the statement is at most `FUTURE` ahead and `PAST` old.
6. The payload has the digest that was signed, parses, and holds the number of records stated. One from which
   records were erased since it was sealed has another digest; the root then speaks for it alone.
7. The root over the commitments to the records, computed anew, is the one that was signed.
8. Each record parses, has a reference and version, stands once, and holds what the agreement allows.

Never raises for what a partner sends.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from gateway.agreement import Agreement, AgreementSet, check_release, treatment_digest
from gateway.audit.commitment import batch_root
from gateway.clock import milliseconds, moment
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, InputError, VerificationError
from gateway.exchange.rows import OpenedRecord, OpenedTransfer
from gateway.exchange.sound import compile_sound
from gateway.exchange.trust import Proved, prove
from gateway.exchange.unmerged import about
from gateway.finding import Finding, finding, has_errors
from gateway.wire.convert import parse_batch_statement, unpack_envelope, unpack_release
from gateway.wire.payload import Entry, commitment_of, unpack_entries
from gateway.wire.statement import BATCH_TYPE, FUTURE, PAST, STATEMENT_VERSION, TREE_VERSION
from gateway.wire.v1 import envelope_pb2

MAX_RECORDS = 4096
# A record that its sender erased before we had it: nothing is left to reject.
_ERASED = OpenedRecord(
    tracking_number="", reference="", version=0, accepted=True, findings=(finding("RECEIVE-ERASED"),)
)
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def open_transfer(
    partner: str,
    envelope: bytes,
    payload: bytes,
    now: int,
    *,
    organisation: str,
    keyring: Keyring,
    agreements: AgreementSet,
) -> OpenedTransfer:
    """Check a transfer that `partner`, as TLS proved it, sent to `organisation`, which is us."""
    at = moment(now)
    between = agreements.between(partner, organisation)
    digest = hashlib.sha256(envelope).digest()
    try:
        sealed = unpack_envelope(envelope)
        digest = hashlib.sha256(sealed.statement).digest()
        proved = prove(
            sealed,
            payload_type=BATCH_TYPE,
            keyring=keyring,
            owner=partner,
            purpose="seal",
            agreements=between,
            at=at,
        )
    except (InputError, VerificationError, CouldNotCheck) as error:
        return _refused(partner, b"", digest, error.findings or (finding("RECEIVE-MALFORMED"),))
    try:
        statement = parse_batch_statement(proved.statement)
    except InputError as error:
        return _refused(partner, b"", digest, error.findings)
    findings = _check_ends(statement, partner, organisation)
    findings += _check_proof(statement, proved)
    agreement, found = _agreement(statement, agreements, at)
    findings += found
    findings += _check_time(statement, at)
    entries, found = _entries(statement, payload)
    findings += found
    if has_errors(findings) or agreement is None:
        return _refused(partner, proved.statement, digest, tuple(findings))
    return OpenedTransfer(
        partner=partner,
        statement=proved.statement,
        statement_digest=digest,
        findings=tuple(findings),
        records=tuple(_records(agreement, entries)),
    )


def _refused(partner: str, statement: bytes, digest: bytes, findings: tuple[Finding, ...]) -> OpenedTransfer:
    """Return a transfer that is refused whole."""
    return OpenedTransfer(partner=partner, statement=statement, statement_digest=digest, findings=findings)


def _check_ends(statement: envelope_pb2.BatchStatement, partner: str, organisation: str) -> list[Finding]:
    """Check who speaks to whom, and in which version."""
    findings = []
    if statement.sender != partner:
        findings.append(finding("RECEIVE-SENDER", path="sender", expected=partner, actual=statement.sender))
    if statement.recipient != organisation:
        findings.append(
            finding("RECEIVE-RECIPIENT", path="recipient", expected=organisation, actual=statement.recipient)
        )
    if (statement.version, statement.tree_version) != (STATEMENT_VERSION, TREE_VERSION):
        findings.append(finding("RECEIVE-VERSION", path="version", expected=str(STATEMENT_VERSION)))
    if not _REFERENCE.fullmatch(statement.batch_id) or not 0 < statement.sequence < 1 << 62:
        findings.append(finding("RECEIVE-MALFORMED", path="batch_id"))
    return findings


def _check_proof(statement: envelope_pb2.BatchStatement, proved: Proved) -> list[Finding]:
    """Check that the keys and the policy named inside are those that held."""
    if (tuple(statement.key_ids), statement.signature_policy) == (proved.key_ids, proved.policy):
        return []
    if tuple(sorted(statement.key_ids)) != proved.key_ids:
        return [finding("RECEIVE-KEYS", path="key_ids")]
    if statement.signature_policy != proved.policy:
        return [finding("RECEIVE-KEYS", path="signature_policy", expected=proved.policy)]
    return []


def _agreement(
    statement: envelope_pb2.BatchStatement, agreements: AgreementSet, at: datetime
) -> tuple[Agreement | None, list[Finding]]:
    """Return the agreement that a statement rests on, if it holds between the two."""
    agreement = agreements.current(statement.agreement_id, at)
    if (
        agreement is None
        or (agreement.version, agreement.digest) != (statement.agreement_version, statement.agreement_digest)
        or (agreement.sender, agreement.recipient) != (statement.sender, statement.recipient)
    ):
        return None, [finding("RECEIVE-AGREEMENT", path="agreement_id")]
    if (statement.channel, statement.record_type) != (agreement.channel, agreement.record):
        return None, [finding("RECEIVE-CHANNEL", path="channel", expected=agreement.channel)]
    if statement.signature_policy != agreement.policy:
        return None, [finding("RECEIVE-KEYS", path="signature_policy", expected=agreement.policy)]
    if statement.treatment_digest != treatment_digest(agreement):
        expected = treatment_digest(agreement).hex()
        return None, [finding("RECEIVE-TREATMENT", path="treatment_digest", expected=expected)]
    return agreement, []


def _check_time(statement: envelope_pb2.BatchStatement, at: datetime) -> list[Finding]:
    """Check that the statement was made about now."""
    earliest, latest = milliseconds(at - PAST), milliseconds(at + FUTURE)
    if earliest <= statement.created_at_ms <= latest:
        return []
    return [finding("RECEIVE-CLOCK", path="created_at_ms")]


def _entries(statement: envelope_pb2.BatchStatement, payload: bytes) -> tuple[list[Entry], list[Finding]]:
    """Return the entries of the payload that was signed about."""
    as_sealed = hashlib.sha256(payload).digest() == statement.payload_digest
    try:
        entries = unpack_entries(payload)
    except InputError as error:
        return [], list(error.findings) if as_sealed else [finding("RECEIVE-PAYLOAD", path="payload_digest")]
    if as_sealed == any(one.erased for one in entries):
        return [], [finding("RECEIVE-PAYLOAD", path="payload_digest")]
    if len(entries) != statement.count or not 0 < len(entries) <= MAX_RECORDS:
        return [], [finding("RECEIVE-COUNT", path="count", expected=str(statement.count))]
    if not all(one.well_formed for one in entries):
        return [], [finding("RECEIVE-COMMITMENT", path="salt")]
    if batch_root([commitment_of(one) for one in entries]) != statement.commitment_root:
        return [], [finding("RECEIVE-COMMITMENT", path="commitment_root")]
    return entries, []


def _records(agreement: Agreement, entries: Iterable[Entry]) -> Iterable[OpenedRecord]:
    """Check each record by itself."""
    seen: set[tuple[str, int]] = set()
    sound = compile_sound(agreement)
    for entry in entries:
        if entry.erased:
            yield _ERASED
            continue
        found = sound(entry.record)
        if found is not None:
            number, reference, version = found
            if version and (reference, version) not in seen and _REFERENCE.fullmatch(reference):
                seen.add((reference, version))
                yield OpenedRecord(
                    tracking_number=number, reference=reference, version=version, accepted=True
                )
                continue
        try:
            release = unpack_release(entry.record)
        except InputError as error:
            yield OpenedRecord(
                tracking_number="", reference="", version=0, accepted=False, findings=error.findings
            )
            continue
        findings = check_release(agreement, release)
        if not _REFERENCE.fullmatch(release.reference) or release.version < 1:
            findings.append(finding("RECEIVE-REFERENCE", path="reference"))
        if (release.reference, release.version) in seen:
            findings.append(finding("RECEIVE-TWICE", path="reference"))
        seen.add((release.reference, release.version))
        yield OpenedRecord(
            tracking_number=about(release.item),
            reference=release.reference,
            version=release.version,
            accepted=not has_errors(findings),
            findings=tuple(findings),
        )
