# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ways to bend an evidence bundle, each with the finding that must refuse it."""

from datetime import timedelta

import msgspec

from gateway.agreement import countersign, sign
from gateway.audit import node_hash
from gateway.audit.entry import Event, leaf, salted_digest
from gateway.envelope import archive, dsse
from gateway.envelope.seal import seal
from gateway.evidence.bundle import material_part
from gateway.wire.convert import (
    pack_envelope,
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.statement import BATCH_TYPE, RECEIPT_TYPE
from tests.evidence.conftest import TEXT

change = msgspec.structs.replace


def change_time(world, **span):
    """Return a moment away from now, in milliseconds."""
    return int((world.now + timedelta(**span)).timestamp() * 1000)


def merged(world):
    """Return the certificates of both bundles."""
    materials = [world.keys[one].material() for one in ("alpha", "beta")]
    ids = {
        archive.key_of(pem)
        for bundle in (world.sent, world.received)
        for part in bundle.materials
        for pems in part.certificates.values()
        for pem in pems
    }
    return tuple(material_part(one) for one in archive.needed(materials, ids))


def without(world, bundle, purpose):
    """Return the certificates of a bundle less those of a purpose."""
    return tuple(
        change(part, certificates={name: pems for name, pems in part.certificates.items() if name != purpose})
        for part in bundle.materials
    )


def batch_statement(bundle, **changes):
    """Return the bytes of a statement with other contents."""
    said = parse_batch_statement(unpack_envelope(bundle.envelope).statement)
    for name, value in changes.items():
        setattr(said, name, value)
    return said.SerializeToString(deterministic=True)


def resealed(world, statement, who="alpha"):
    """Return an envelope over a statement with real keys."""
    return pack_envelope(seal(BATCH_TYPE, statement, world.keys[who].seal))


def receipt(world, **changes):
    """Return a receipt with other contents, sealed by the recipient."""
    said = parse_receipt_statement(unpack_envelope(world.sent.receipt).statement)
    for name, value in changes.items():
        if name == "records":
            said.records.extend(value)
        else:
            setattr(said, name, value)
    return pack_envelope(
        seal(RECEIPT_TYPE, said.SerializeToString(deterministic=True), world.keys["beta"].receipt)
    )


def other_batch(world):
    """Return the envelope of the first batch."""
    return min(world.alpha.store.tables.batches.values(), key=lambda one: one.sequence).envelope


def relogged(world, **parts):
    """Return the log part with an entry of our own making."""
    statement = unpack_envelope(world.sent.envelope).statement
    fields = {"event": Event.SENT, "salt": world.sent.log.salt, "root": world.sent.log.entry[34:66]} | parts
    return leaf(fields["event"], salted_digest(fields["salt"], statement), fields["root"])


def drop_signature(raw, algorithm_place):
    """Return an envelope without one of its signatures."""
    envelope = unpack_envelope(raw)
    kept = [one for place, one in enumerate(envelope.signatures) if place != algorithm_place]
    return pack_envelope(dsse.Envelope(envelope.payload_type, envelope.statement, tuple(kept)))


def foreign_agreement():
    """Return the text of an agreement with another treatment."""
    return TEXT.replace(
        b'paths = ["sender.name"]\ntreatment = "commit"', b'paths = ["sender.name"]\ntreatment = "pass"'
    )


def countersigned(world, text):
    """Return an agreement file signed by both."""
    return countersign(sign(text, world.keys["alpha"].seal), world.keys["beta"].seal)


def record(bundle, **changes):
    """Return a bundle with another record part."""
    return change(bundle, record=change(bundle.record, **changes))


def log(bundle, **changes):
    """Return a bundle with another log part."""
    return change(bundle, log=change(bundle.log, **changes))


def material(bundle, place, **changes):
    """Return a bundle with other certificates of one side."""
    parts = list(bundle.materials)
    parts[place] = change(parts[place], **changes)
    return change(bundle, materials=tuple(parts))


def forged_authority(world):
    """Return the sent bundle with alpha's keys and authority replaced by gamma's."""
    gamma = world.keys["gamma"].material()
    parts = [change(world.sent.materials[0], authorities=tuple(gamma.authorities)), *world.sent.materials[1:]]
    return change(world.sent, materials=tuple(parts))


FLIPPED = bytes(32)
MANIPULATIONS = {
    "cut": (lambda w: w.files["sent"][:-40], "AUDIT-BUNDLE-CUT"),
    "empty": (lambda _: b"", "AUDIT-BUNDLE-CUT"),
    "not JSON": (lambda _: b"{]", "AUDIT-BUNDLE-FORM"),
    "too large": (lambda w: w.files["sent"] + b" " * (8 << 20), "AUDIT-BUNDLE-SIZE"),
    "trailing bytes": (lambda w: w.files["sent"] + b"\n", "AUDIT-BUNDLE-FORM"),
    "reordered fields": (
        lambda w: msgspec.json.encode(dict(reversed(msgspec.json.decode(w.files["sent"]).items()))),
        "AUDIT-BUNDLE-FORM",
    ),
    "unknown field": (
        lambda w: w.files["sent"].replace(b'"version": 1,', b'"version": 1,\n "extra": 1,', 1),
        "AUDIT-BUNDLE-FORM",
    ),
    "other version": (
        lambda w: w.files["sent"].replace(b'"version": 1,', b'"version": 2,', 1),
        "AUDIT-BUNDLE-VERSION",
    ),
    "oversized path": (lambda w: record(w.sent, path=(FLIPPED,) * 64), "AUDIT-BUNDLE-FORM"),
    "unreadable envelope": (lambda w: change(w.sent, envelope=b"\xff"), "AUDIT-BUNDLE-STATEMENT"),
    "statement edited": (
        lambda w: change(w.sent, envelope=w.sent.envelope.replace(b"alpha-beta", b"alpha-bexa")),
        "AUDIT-BUNDLE-STATEMENT",
    ),
    "signature stripped": (
        lambda w: change(w.sent, envelope=drop_signature(w.sent.envelope, 1)),
        "AUDIT-BUNDLE-STATEMENT",
    ),
    "sealed by somebody else": (
        lambda w: change(w.sent, envelope=resealed(w, unpack_envelope(w.sent.envelope).statement, "beta")),
        "AUDIT-BUNDLE-STATEMENT",
    ),
    "other batch": (lambda w: change(w.sent, envelope=other_batch(w)), "AUDIT-BUNDLE-RECORD"),
    "record edited": (
        lambda w: record(w.sent, record=w.sent.record.record.replace(b"A. Example", b"A. Exampel")),
        "AUDIT-BUNDLE-RECORD",
    ),
    "record unreadable": (lambda w: record(w.sent, record=b"\xff"), "AUDIT-BUNDLE-RELEASE"),
    "salt edited": (lambda w: record(w.sent, salt=FLIPPED), "AUDIT-BUNDLE-RECORD"),
    "salt short": (lambda w: record(w.sent, salt=b"s"), "AUDIT-BUNDLE-RECORD"),
    "position moved": (lambda w: record(w.sent, position=1), "AUDIT-BUNDLE-RECORD"),
    "position beyond": (lambda w: record(w.sent, position=2), "AUDIT-BUNDLE-RECORD"),
    "position negative": (lambda w: record(w.sent, position=-1), "AUDIT-BUNDLE-RECORD"),
    "path cut": (lambda w: record(w.sent, path=()), "AUDIT-BUNDLE-RECORD"),
    "path longer": (lambda w: record(w.sent, path=(*w.sent.record.path, FLIPPED)), "AUDIT-BUNDLE-RECORD"),
    "path edited": (lambda w: record(w.sent, path=(FLIPPED,)), "AUDIT-BUNDLE-RECORD"),
    "entry edited": (lambda w: log(w.sent, entry=relogged(w, root=FLIPPED)), "AUDIT-BUNDLE-LOG"),
    "entry of another event": (
        lambda w: log(w.sent, entry=relogged(w, event=Event.REFUSED)),
        "AUDIT-BUNDLE-LOG",
    ),
    "entry of the other side": (
        lambda w: log(w.sent, entry=relogged(w, event=Event.RECEIVED)),
        "AUDIT-BUNDLE-LOG",
    ),
    "entry no entry": (lambda w: log(w.sent, entry=b"entry"), "AUDIT-BUNDLE-LOG"),
    "entry salt": (lambda w: log(w.sent, salt=FLIPPED), "AUDIT-BUNDLE-LOG"),
    "index moved": (lambda w: log(w.sent, index=3), "AUDIT-BUNDLE-LOG"),
    "log path swapped": (lambda w: log(w.sent, path=tuple(reversed(w.sent.log.path))), "AUDIT-BUNDLE-LOG"),
    "log of the other side": (
        lambda w: change(w.sent, log=change(w.received.log, consistency=None)),
        "AUDIT-BUNDLE-CERTIFICATE",
    ),
    "checkpoint resized": (
        lambda w: log(w.sent, checkpoint=w.sent.log.checkpoint.replace("\n4\n", "\n5\n")),
        "AUDIT-BUNDLE-LOG",
    ),
    "checkpoint of another log": (
        lambda w: log(w.sent, checkpoint=w.received.log.checkpoint),
        "AUDIT-BUNDLE-LOG",
    ),
    "checkpoint no note": (lambda w: log(w.sent, checkpoint="alpha/beta\n4\n"), "AUDIT-BUNDLE-LOG"),
    "stranger's line under a checkpoint": (
        lambda w: log(w.sent, checkpoint=w.sent.log.checkpoint + "\u2014 eve AAAAAAAA\n"),
        "AUDIT-BUNDLE-LOG",
    ),
    "continuity forged": (
        lambda w: log(w.received, consistency=(node_hash(FLIPPED, FLIPPED),)),
        "AUDIT-BUNDLE-CONTINUITY",
    ),
    "continuity without a state": (lambda w: log(w.sent, consistency=(FLIPPED,)), "AUDIT-BUNDLE-CONTINUITY"),
    "partner's log is ours": (
        lambda w: change(w.sent, partner_log=w.sent.log),
        "AUDIT-BUNDLE-PARTNER-LOG",
    ),
    "partner's checkpoint is ours": (
        lambda w: change(w.sent, partner_checkpoint=w.sent.log.checkpoint),
        "AUDIT-BUNDLE-PARTNER-LOG",
    ),
    "receipt edited": (
        lambda w: change(w.sent, receipt=w.sent.receipt.replace(b"beta/alpha", b"beta/alphb")),
        "AUDIT-BUNDLE-RECEIPT",
    ),
    "receipt stripped": (
        lambda w: change(w.sent, receipt=drop_signature(w.sent.receipt, 0)),
        "AUDIT-BUNDLE-RECEIPT",
    ),
    "receipt of another batch": (
        lambda w: change(w.sent, receipt=receipt(w, batch_id="other")),
        "AUDIT-BUNDLE-RECEIPT",
    ),
    "receipt of another count": (
        lambda w: change(w.sent, receipt=receipt(w, count=9)),
        "AUDIT-BUNDLE-RECEIPT",
    ),
    "receipt contradicts itself": (
        lambda w: change(w.sent, receipt=receipt(w, outcome=2)),
        "AUDIT-BUNDLE-RECEIPT",
    ),
    "receipt names another entry": (
        lambda w: change(w.received, receipt=receipt(w, log_index=7)),
        "AUDIT-BUNDLE-LOG",
    ),
    "receipt months later": (
        lambda w: change(w.sent, receipt=receipt(w, received_at_ms=change_time(w, days=40))),
        "AUDIT-BUNDLE-SEQUENCE",
    ),
    "statement for receipt": (lambda w: change(w.sent, receipt=w.sent.envelope), "AUDIT-BUNDLE-STATEMENT"),
    "agreement edited": (
        lambda w: change(w.sent, agreement=w.sent.agreement.replace(b'"payload":"', b'"payload":"A')),
        "AUDIT-BUNDLE-AGREEMENT",
    ),
    "agreement of another text": (
        lambda w: change(w.sent, agreement=countersigned(w, foreign_agreement())),
        "AUDIT-BUNDLE-AGREEMENT",
    ),
    "agreement of one party": (
        lambda w: change(w.sent, agreement=sign(TEXT, w.keys["alpha"].seal)),
        "AUDIT-BUNDLE-AGREEMENT",
    ),
    "agreement not in force": (
        lambda w: change(
            w.sent,
            envelope=resealed(w, batch_statement(w.sent, created_at_ms=change_time(w, days=60))),
        ),
        "AUDIT-BUNDLE-AGREEMENT",
    ),
    "treatments edited": (
        lambda w: change(w.sent, treatments=w.sent.treatments.replace(b"commit", b"omitte")),
        "AUDIT-BUNDLE-TREATMENT",
    ),
    "treatments unbound": (
        lambda w: change(w.sent, envelope=resealed(w, batch_statement(w.sent, treatment_digest=FLIPPED))),
        "AUDIT-BUNDLE-TREATMENT",
    ),
    "sequence zero": (
        lambda w: change(w.sent, envelope=resealed(w, batch_statement(w.sent, sequence=0))),
        "AUDIT-BUNDLE-SEQUENCE",
    ),
    "chain cut": (
        lambda w: change(w.sent, envelope=resealed(w, batch_statement(w.sent, previous_digest=b""))),
        "AUDIT-BUNDLE-SEQUENCE",
    ),
    "certificates swapped": (
        lambda w: material(w.sent, 0, organisation="beta"),
        "AUDIT-BUNDLE-CERTIFICATE",
    ),
    "certificates gone": (lambda w: change(w.sent, materials=()), "AUDIT-BUNDLE-AGREEMENT"),
    "certificate idle": (
        lambda w: change(w.sent, materials=merged(w)),
        "AUDIT-BUNDLE-CERTIFICATE",
    ),
    "stranger's certificates": (
        lambda w: change(w.sent, materials=(*w.sent.materials, material_part(w.keys["gamma"].material()))),
        "AUDIT-BUNDLE-CERTIFICATE",
    ),
    "authority forged": (forged_authority, "AUDIT-BUNDLE-CERTIFICATE"),
    "revocation list of another": (
        lambda w: material(
            w.sent, 0, revocation_lists=("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",)
        ),
        "AUDIT-BUNDLE-CERTIFICATE",
    ),
}
