# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Witness and anchor log with two kinds of keys: Ed25519 for C2SP witnesses of today, ML-DSA-44 beside it."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from types import ModuleType

import pytest

import gateway.envelope.keys
import gateway.evidence.log
import gateway.exchange.witness
from gateway.audit import Event, KeyType, NoteKey, Outcome, Request, cosignatures
from gateway.audit.note import read_note, signature_line
from gateway.audit.witness import format_request
from gateway.clock import milliseconds
from gateway.envelope.identity import OPTIONAL, KeySet
from gateway.envelope.keys import verify_ml_dsa_44
from gateway.errors import CouldNotCheck, GatewayError, VerificationError
from gateway.exchange.anchor import Anchor
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.witness import cosignature_lines
from gateway.store import open_store
from tests.partner_messages import agreement
from tests.partner_simulator import Gateway

ANCHOR, OURS = "alpha/anchor", "alpha/beta"


def without_second_keys(own, folder):
    """Return the keys of an organisation as they were before the optional ones."""
    shutil.copytree(own.folder, folder)
    for name in OPTIONAL:
        for suffix in (".key", ".pem"):
            (folder / f"{name}{suffix}").unlink()
    return KeySet.load(folder)


async def logged(gateway, partner):
    """Let a gateway log something; return the published checkpoint of its log about a partner."""
    now = milliseconds(gateway.clock())
    await gateway.store.transact(
        lambda tx: gateway.journal.record_event(
            tx, partner, Event.ACCESS, statement=b"statement", subject="decision:1", now=now
        )
    )
    await gateway.publisher.publish_all()
    return gateway.checkpoints.newest(f"{gateway.name}/{partner}").note


async def anchored(gateway):
    """Let a gateway log something about beta and anchor it; return the published anchor checkpoint."""
    await logged(gateway, "beta")
    anchor = Anchor(
        store=gateway.store,
        clock=gateway.clock,
        journal=gateway.journal,
        checkpoints=gateway.checkpoints,
        seconds=60,
    )
    assert await anchor.anchor() == 1
    await gateway.publisher.publish_all()
    return gateway.checkpoints.newest(ANCHOR).note


def types_of(note, keys):
    """Return the types of the keys that have cosigned a note."""
    return [one.key.kind for one in cosignatures(read_note(note), keys, ml_dsa_44=verify_ml_dsa_44)]


def lines_of(note, keys, *kinds):
    """Return the lines of the keys of some types."""
    read, found = read_note(note), b""
    for key in keys:
        for one in read.signatures:
            if (one.name, one.key_hash) == (key.name, key.hash) and key.kind in kinds:
                found += signature_line(key, one.value)
    return found


async def test_both_logs_are_cosigned_with_both_keys(pair):
    """A partner cosigns our log and our anchor log with 0x04 and 0x06, and each line counts by itself."""
    await anchored(pair.alpha)
    await logged(pair.beta, "alpha")
    await pair.alpha.gossip(pair.beta).round()
    keys = pair.alpha.note_keys.witness_keys("beta", pair.alpha.clock())
    assert [one.kind for one in keys] == [KeyType.COSIGNATURE, KeyType.ML_DSA_44]
    for log in (OURS, ANCHOR):
        note = pair.alpha.store.tables.cosignatures[log, "beta"].note
        assert types_of(note, keys) == [KeyType.COSIGNATURE, KeyType.ML_DSA_44]
        plain = pair.alpha.checkpoints.newest(log).note
        for kind in (KeyType.COSIGNATURE, KeyType.ML_DSA_44):
            line = lines_of(note, keys, kind)
            assert types_of(cosignature_lines(plain, keys, line), keys) == [kind]
    assert pair.beta.store.tables.contradictions == pair.alpha.store.tables.contradictions == {}


async def test_partner_from_before_the_second_keys_still_works(keys, tmp_path):
    """Without ML-DSA-44 keys a gateway signs, cosigns and is cosigned with Ed25519 as before."""
    old = without_second_keys(keys["alpha"], tmp_path / "alpha")
    assert old.log_mldsa44 is None
    assert old.witness_mldsa44 is None
    mixed = keys | {"alpha": old}
    alpha, beta = (Gateway(one, mixed, [agreement()], seed=n) for n, one in enumerate(("alpha", "beta")))
    note = await anchored(alpha)
    assert len(read_note(note).signatures) == 1
    request = format_request(Request(0, (), note))
    answer = await beta.witness.add_checkpoint("alpha", request)
    assert answer.outcome is Outcome.COSIGN
    assert len(answer.line.splitlines()) == 2
    back = await alpha.witness.add_checkpoint(
        "beta", format_request(Request(0, (), await logged(beta, "alpha")))
    )
    assert (back.outcome, len(back.line.splitlines())) == (Outcome.COSIGN, 1)
    known = alpha.note_keys.witness_keys("beta", alpha.clock())
    assert types_of(cosignature_lines(note, known, answer.line), known) == [
        KeyType.COSIGNATURE,
        KeyType.ML_DSA_44,
    ]


async def test_anchor_without_its_second_signature_is_not_cosigned(pair):
    """A hybrid anchor checkpoint has both signatures; stripped or forged, a witness refuses it."""
    note = await anchored(pair.alpha)
    assert len(read_note(note).signatures) == 2
    assert len(read_note(pair.alpha.checkpoints.newest(OURS).note).signatures) == 1
    body, first, second = note.partition(b"\n\n")[0], *note.splitlines(keepends=True)[-2:]
    faults = {
        body + b"\n\n" + first: "AUDIT-KEY",
        body + b"\n\n" + second: "AUDIT-KEY",
        note.replace(b"alpha/anchor\n1\n", b"alpha/anchor\n2\n"): "AUDIT-SIGNATURE",
    }
    for fault, code in faults.items():
        answer = await pair.beta.witness.add_checkpoint("alpha", format_request(Request(0, (), fault)))
        assert (answer.outcome, [one.code for one in answer.findings]) == (Outcome.BAD_SIGNATURE, [code])
    answer = await pair.beta.witness.add_checkpoint("alpha", format_request(Request(0, (), note)))
    assert answer.outcome is Outcome.COSIGN


async def test_self_audit_checks_the_second_signature(keys, tmp_path):
    """`fsck` refuses an anchor checkpoint whose second signature is wrong, and takes one that has none."""
    path = tmp_path / "alpha.sqlite"
    alpha = Gateway("alpha", keys, [agreement()], store=open_store(f"sqlite:///{path}"))
    note = await anchored(alpha)
    second = NoteKey.of(ANCHOR, alpha.own.log_mldsa44.public_key, KeyType.ML_DSA_44)
    first = b"".join(note.splitlines(keepends=True)[:-1])
    forged = first + signature_line(second, (1).to_bytes(8, "big") + bytes(2420))
    found = []
    for one in (note, forged, first):
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            words = "update log set checkpoint = ? where name = ?"
            assert connection.execute(words, (one, ANCHOR)).rowcount == 1
        report = await alpha.store.read(lambda tx: SelfAudit("alpha", alpha.keyring).run(tx, ANCHOR))
        found.append([one.code for one in report.found.findings])
    await alpha.store.close()
    assert found == [[], ["AUDIT-FSCK-CHECKPOINT"], []]


def mutated(module, check, remains):
    """Return a copy of a module in which one check is replaced."""
    text = Path(module.__file__).read_text("utf-8")
    assert text.count(check) == 1, f"{check!r} stands {text.count(check)} times in {module.__name__}"
    made = ModuleType(module.__name__)
    made.__file__ = module.__file__
    exec(compile(text.replace(check, remains), module.__file__, "exec"), made.__dict__)
    return made


@pytest.mark.parametrize(
    ("check", "remains"),
    [(", 1, ml_dsa_44=verify_ml_dsa_44", ", 1"), ("keys, 1, ml_dsa_44=verify", "[], 0, ml_dsa_44=verify")],
    ids=["no check of ML-DSA-44", "no quorum"],
)
async def test_witness_without_its_check_is_caught(pair, monkeypatch, check, remains):
    """Taking the check of cosignatures out of the exchange fails what the first test of this file asks."""
    note = await anchored(pair.alpha)
    answer = await pair.beta.witness.add_checkpoint("alpha", format_request(Request(0, (), note)))
    keys = pair.alpha.note_keys.witness_keys("beta", pair.alpha.clock())
    second = lines_of(note + answer.line, keys, KeyType.ML_DSA_44)
    forged = signature_line(keys[1], (1).to_bytes(8, "big") + bytes(2420))

    def attack(take):
        assert take(note, keys, second)
        with pytest.raises(VerificationError):
            take(note, keys, forged)

    attack(cosignature_lines)
    copy = mutated(gateway.exchange.witness, check, remains)
    with pytest.raises((GatewayError, pytest.fail.Exception)):
        attack(copy.cosignature_lines)


def test_signature_check_that_is_taken_out_is_caught(pair):
    """Taking the signature check out of the function that production passes lets a forgery through."""
    key = pair.alpha.note_keys.witness_keys("beta", pair.alpha.clock())[1]

    def attack(check):
        with pytest.raises(VerificationError):
            check(key.public_key, b"message", bytes(2420))

    attack(verify_ml_dsa_44)
    text = "    verify(ml_dsa_44(public_key), message, signature)\n"
    copy = mutated(gateway.envelope.keys, text, "    ml_dsa_44(public_key)\n")
    with pytest.raises(pytest.fail.Exception):
        attack(copy.verify_ml_dsa_44)


def test_known_type_needs_its_check(pair):
    """Production code that forgot to pass the check would say "could not check", never good."""
    key = pair.alpha.note_keys.witness_keys("beta", pair.alpha.clock())[1]
    body = pair.alpha.journal.name("beta").encode() + b"\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    raw = body + b"\n" + signature_line(key, (1).to_bytes(8, "big") + bytes(2420))
    with pytest.raises(CouldNotCheck):
        cosignatures(read_note(raw), [key])
