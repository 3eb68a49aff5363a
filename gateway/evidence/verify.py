# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Verify an evidence bundle offline: with the file, the trust anchors and nothing else.

The order: form; receipt, since it proves the time at which the statement's seal must have been good;
statement; agreement and treatments; the record and its path; the logs; continuity; the time stamp; at last
that no certificate is idle and that the authorities are those trusted. Never raises for what a file holds.
"""

from datetime import datetime

from gateway.agreement import Agreement
from gateway.envelope.archive import Anchors
from gateway.envelope.timestamp import Rules, Stamp
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, GatewayError, VerificationError
from gateway.evidence import claims as reading
from gateway.evidence import log, receipt, statement
from gateway.evidence.anchor import check_stamp
from gateway.evidence.attested import NOT_SIGNED, check_attestation
from gateway.evidence.bundle import Bundle, read_bundle
from gateway.evidence.claims import Claims, Ring
from gateway.evidence.field import OriginalRecord
from gateway.evidence.log import Signed
from gateway.evidence.verdict import Questions, State, Verdict
from gateway.model import Release, leaf_values
from gateway.wire.convert import unpack_release


def verify_bundle(raw: bytes, anchors: Anchors, now: datetime, stamps: Rules | None = None) -> Verdict:
    """Check everything in a bundle; `now` is the verifier's clock, `stamps` whose time stamps count."""
    questions = Questions()
    try:
        bundle = read_bundle(raw)
    except VerificationError as error:
        questions.add_bad("form", error.findings[0].code, str(error), error.findings[1:])
        return Verdict(tuple(questions.checks), {})
    try:
        claims = reading.read_claims(bundle)
    except GatewayError as error:
        questions.add_bad("form", "AUDIT-BUNDLE-STATEMENT", str(error), error.findings)
        return Verdict(tuple(questions.checks), {})
    rings: list[Ring] = []

    def judge() -> str:
        """Make the ring of keys."""
        rings.append(reading.make_ring(claims, anchors, now))
        return f"{len(bundle.materials)} sets of certificates hold"

    if not questions.ask("certificates", "AUDIT-BUNDLE-CERTIFICATE", judge):
        return Verdict(tuple(questions.checks), {})
    return _Verification(claims, rings[0], questions).run(anchors, now, stamps)


def original_of(raw: bytes, anchors: Anchors, now: datetime) -> tuple[OriginalRecord, Keyring]:
    """Return the record of a bundle that holds, and all keys to check an opening of one of its fields with.

    Raises:
        VerificationError: the bundle is bad.
        CouldNotCheck: it could not be checked.
    """
    verdict = verify_bundle(raw, anchors, now)
    if verdict.state is State.BAD:
        raise VerificationError("the bundle does not hold", verdict.findings)
    if verdict.state is State.UNCHECKED:
        raise CouldNotCheck("the bundle could not be checked", verdict.findings)
    claims = reading.read_claims(read_bundle(raw))
    keyring = reading.make_keyring(claims, anchors, now, more=True)
    original = OriginalRecord(
        batch=claims.batch,
        statement_digest=statement.statement_digest(claims),
        position=claims.bundle.record.position,
        release=unpack_release(claims.bundle.record.record),
    )
    return original, keyring


class _Verification:
    """One bundle under verification; the lists receive what is proved on the way."""

    def __init__(self, claims: Claims, ring: Ring, questions: Questions) -> None:
        self.claims = claims
        self.ring = ring
        self.bundle: Bundle = claims.bundle
        self.ask = questions.ask
        self.questions = questions
        self.agreements: list[Agreement] = []
        self.releases: list[Release] = []
        self.logs: list[Signed] = []
        self.seen: list[Signed] = []
        self.stamps: list[Stamp] = []

    def run(self, anchors: Anchors, now: datetime, stamps: Rules | None) -> Verdict:
        """Ask everything."""
        claims, ring, bundle = self.claims, self.ring, self.bundle
        received = self._receipt()
        at = claims.received_at if received and claims.received_at else claims.created_at
        self.ask("statement", "AUDIT-BUNDLE-STATEMENT", lambda: statement.check_statement(claims, ring, at))
        self.ask(
            "agreement",
            "AUDIT-BUNDLE-AGREEMENT",
            lambda: statement.check_agreement(claims, ring, self.agreements),
        )
        self._under_agreement()
        self.ask("record", "AUDIT-BUNDLE-RECORD", lambda: statement.check_record(claims))
        self.ask("sequence", "AUDIT-BUNDLE-SEQUENCE", lambda: statement.check_sequence(claims))
        self.ask("log", "AUDIT-BUNDLE-LOG", lambda: log.check_log(claims, ring, bundle.log, self.logs))
        self._partner()
        self._continuity()
        self._cosignatures()
        self._stamp(now, stamps)
        self.ask(
            "signing keys",
            "AUDIT-BUNDLE-CERTIFICATE",
            lambda: reading.check_certificates(ring, ["valid and not revoked then"]),
        )
        self.ask("trust", "AUDIT-BUNDLE-TRUST", lambda: reading.check_anchors(claims, anchors))
        verdict = Verdict(tuple(self.questions.checks), {})
        if verdict.state is State.BAD:
            return verdict
        return Verdict(verdict.checks, self._facts())

    def _receipt(self) -> bool:
        """Ask about the receipt; say whether it proves its time."""
        if self.claims.attested is not None:
            self.questions.add_absent("receipt", f"none; the partner's answer is {NOT_SIGNED}")
            self.ask("attestation", "AUDIT-BUNDLE-RECEIPT", lambda: check_attestation(self.claims, self.ring))
            return False
        if self.bundle.receipt is None:
            self.questions.add_absent("receipt", "no receipt is held; the signing time is the sender's word")
            return False
        return self.ask(
            "receipt", "AUDIT-BUNDLE-RECEIPT", lambda: receipt.check_receipt(self.claims, self.ring)
        )

    def _under_agreement(self) -> None:
        """Ask what the agreement decides."""
        if not self.agreements:
            self.questions.skip("treatment", "the agreement")
            self.questions.skip("release", "the agreement")
            return
        agreement = self.agreements[0]
        self.ask(
            "treatment",
            "AUDIT-BUNDLE-TREATMENT",
            lambda: statement.check_treatments(self.claims, agreement),
        )
        self.ask(
            "release",
            "AUDIT-BUNDLE-RELEASE",
            lambda: statement.check_released(self.claims, agreement, self.releases),
        )

    def _partner(self) -> None:
        """Ask about the log of the other side."""
        part, text = self.bundle.partner_log, self.bundle.partner_checkpoint
        if part is None:
            self.questions.add_absent("partner's log", "its entry is not held here")
        else:
            self.ask("partner's log", "AUDIT-BUNDLE-PARTNER-LOG", self._partner_log)
        if text is None:
            self.questions.add_absent("partner's checkpoint", "none is held")
        else:
            self.ask("partner's checkpoint", "AUDIT-BUNDLE-PARTNER-LOG", self._partner_checkpoint)

    def _partner_log(self) -> str:
        """Check the entry in the other side's log."""
        part = self.bundle.partner_log
        if part is None or log.owner_of(self.claims, part) == log.owner_of(self.claims, self.bundle.log):
            raise VerificationError("both entries are of one log")
        return log.check_log(self.claims, self.ring, part, self.seen)

    def _partner_checkpoint(self) -> str:
        """Check the newest checkpoint that is held of the other side's log."""
        owner = log.owner_of(self.claims, self.bundle.log)
        other = self.claims.ends[self.claims.ends[0] == owner]
        signed = log.check_checkpoint(self.claims, self.ring, self.bundle.partner_checkpoint or "", other)
        self.seen.append(signed)
        return log.check_seen(self.claims, signed, other)

    def _continuity(self) -> None:
        """Ask whether the logs continue what the recipient has signed for."""
        if self.bundle.log.consistency is None:
            self.questions.add_absent("continuity", "the receipt names no state of this log up to here")
        elif not self.logs:
            self.questions.skip("continuity", "the log")
        else:
            self.ask(
                "continuity",
                "AUDIT-BUNDLE-CONTINUITY",
                lambda: log.check_continuity(self.claims, self.bundle.log, self.logs[0]),
            )
        part = self.bundle.partner_log
        if part is not None and part.consistency is not None and self.seen:
            self.ask(
                "partner's continuity",
                "AUDIT-BUNDLE-CONTINUITY",
                lambda: log.check_continuity(self.claims, part, self.seen[0]),
            )

    def _cosignatures(self) -> None:
        """Say who has cosigned; a cosignature that does not hold has refused its checkpoint already."""
        names = [(one.checkpoint.origin, who) for one in (*self.logs, *self.seen) for who in one.witnesses]
        if names:
            says = ", ".join(f"{origin} by {who}" for origin, who in names)
            self.ask("cosignatures", "AUDIT-BUNDLE-LOG", lambda: says)
        else:
            self.questions.add_absent("cosignatures", "no checkpoint is cosigned")

    def _stamp(self, now: datetime, rules: Rules | None) -> None:
        """Ask before which time the entry existed."""
        part = self.bundle.anchor
        if part is None:
            self.questions.add_absent("time stamp", "not stamped")
            return
        self.ask(
            "time stamp",
            "AUDIT-BUNDLE-STAMP",
            lambda: check_stamp(self.claims, self.ring, part, rules=rules, now=now, found=self.stamps),
        )

    def _facts(self) -> dict[str, object]:
        """Return what is proved, in plain values."""
        said, bundle = self.claims.batch, self.bundle
        facts: dict[str, object] = {
            "sender": said.sender,
            "recipient": said.recipient,
            "channel": said.channel,
            "batch_id": said.batch_id,
            "sequence": said.sequence,
            "previous_digest": said.previous_digest.hex(),
            "position": bundle.record.position,
            "count": said.count,
            "created_at": self.claims.created_at.isoformat(),
            "statement_digest": statement.statement_digest(self.claims).hex(),
            "outcome": receipt.outcome(self.claims),
            "received_at": self.claims.received_at.isoformat() if self.claims.received_at else "",
            "logs": [
                {
                    "origin": one.checkpoint.origin,
                    "size": one.checkpoint.size,
                    "root": one.checkpoint.root.hex(),
                    "witnesses": list(one.witnesses),
                }
                for one in (*self.logs, *self.seen)
            ],
            "log_index": bundle.log.index,
        }
        if self.claims.attested is not None:
            facts["outcome_is"] = NOT_SIGNED
            facts["answers"] = [one.status for one in self.claims.attested.exchanges]
        for stamp in self.stamps:
            facts["existed_before"], facts["stamped_by"] = stamp.at.isoformat(), stamp.authority
        for agreement in self.agreements:
            facts["agreement"] = f"{agreement.id} version {agreement.version}"
            facts["legal_basis"] = agreement.legal_basis
        for release in self.releases:
            facts["reference"], facts["version"] = release.reference, release.version
            facts["function"] = str(release.function)
            facts["fields"] = {path: str(value) for path, value in leaf_values(release.item)}
            facts["committed"] = {one.path: one.digest.hex() for one in release.commitments}
        return facts
