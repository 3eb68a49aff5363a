# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks on those who watch a log: comparison, witness, reconciliation, treatments."""

import itertools
from dataclasses import replace

from tests.audit.attacks.room import ORIGIN, SIGNER, refused

SIZES = (0, 1, 3, 4, 5, 9)


def heads(room, kind=b""):
    """Return the heads of one log at some sizes."""
    leaves = room.leaves(9, kind)
    return {size: room.compare.Head(size, room.tree.tree_root(leaves[:size]), b"%d" % size) for size in SIZES}


def path(room, old, new, kind=b""):
    """Return a consistency proof of that log."""
    return tuple(room.proof.consistency(old, new, room.read(room.leaves(9, kind))))


def judged(room, verdict, code, *arguments, **more):
    """Check a verdict against a log, its one finding, and that the last head stays."""
    seen = room.compare.compare(*arguments, **more)
    assert (seen.verdict, [one.code for one in seen.findings]) == (verdict, [code])
    assert seen.head == arguments[0]
    return seen


def same_size_other_root(room):
    """Two roots of one size are a split view, and both notes are kept."""
    one, two = heads(room)[5], heads(room, b"x")[5]
    for proof in (None, (), (bytes(32),)):
        seen = judged(room, "split-view", "AUDIT-SPLIT-VIEW", one, two, proof)
        assert seen.evidence == (b"5", b"5")


def other_root_than_in_history(room):
    """A size seen before with another root is a split view, although it looks merely late or new."""
    log, other = heads(room), heads(room, b"x")
    for last, new in ((log[5], other[3]), (log[3], other[5])):
        judged(room, "split-view", "AUDIT-SPLIT-VIEW", last, new, history=lambda size: log[size].root)


def smaller_tree(room):
    """A smaller tree that nothing explains is a rollback, the empty tree and a failing proof included."""
    log, other = heads(room), heads(room, b"x")
    for new, proof in (
        (log[3], None),
        (log[0], None),
        (log[0], ()),
        (log[4], ()),
        (other[4], path(room, 4, 9, b"x")),
    ):
        judged(room, "rollback", "AUDIT-ROLLBACK", log[9], new, proof, history=lambda size: None)


def larger_tree_without_proof(room):
    """A larger tree is not taken on trust."""
    log = heads(room)
    judged(room, "needs-proof", "AUDIT-NEEDS-PROOF", log[3], log[5])
    judged(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[3], log[5], ())
    judged(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[3], log[5], path(room, 3, 9))


def rewritten_entry(room):
    """A log that rewrote an entry convicts itself with its own proof."""
    log, other = heads(room), heads(room, b"x")
    seen = judged(room, "split-view", "AUDIT-SPLIT-VIEW", log[5], other[9], path(room, 5, 9, b"x"))
    assert seen.evidence == (b"5", b"9")


def proof_that_leads_nowhere(room):
    """A proof that anybody could have made up convicts nobody."""
    log = heads(room)
    judged(room, "bad-proof", "AUDIT-ROOT", log[5], log[9], tuple(bytes(32) for _ in path(room, 5, 9)))


def proof_where_none_belongs(room):
    """From the empty tree, and between equal sizes, there is nothing to prove."""
    log = heads(room)
    judged(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[0], log[5], (bytes(32),))
    judged(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[5], log[5], (bytes(32),))


def empty_tree_with_another_root(room):
    """The empty tree has one root, and no other tree has it."""
    log = heads(room)
    for last in (log[0], log[5]):
        judged(room, "split-view", "AUDIT-EMPTY-ROOT", last, replace(log[0], root=bytes(32)))
        judged(room, "split-view", "AUDIT-EMPTY-ROOT", last, replace(log[5], root=log[0].root))


def asked(room, outcome, code, state, request, keys=None, **more):  # noqa: PLR0917 - as the tests read them
    """Check a decision of the witness that leads to no cosignature and leaves the state as it is."""
    decision = room.witness.consider(state, request, [room.key()] if keys is None else keys, **more)
    assert (decision.outcome, [one.code for one in decision.findings]) == (outcome, [code])
    assert decision.state == state
    assert decision.body == b""
    return decision


def request(room, old, new, kind=b"", proof=None):
    """Return a request to cosign one of the heads."""
    head = heads(room, kind)[new]
    made = path(room, old, new, kind) if proof is None and 0 < old < new else proof or ()
    return room.witness.Request(old, tuple(made), room.signed(head.size, head.root))


def witness_of_unknown_log(room):
    """Only known logs are witnessed, and the key of a witness is no log."""
    state = room.compare.Head()
    asked(room, "unknown-log", "AUDIT-WITNESS-UNKNOWN", state, request(room, 0, 3), [])
    keys = [room.key("customs-cn/customs-de"), room.witness_key(ORIGIN)]
    asked(room, "unknown-log", "AUDIT-WITNESS-UNKNOWN", state, request(room, 0, 3), keys)


def witness_of_forged_checkpoint(room):
    """A checkpoint that its log has not signed is not cosigned."""
    good = request(room, 0, 3)
    body = good.checkpoint.rpartition(b"\n\n")[0] + b"\n"
    state = room.compare.Head()
    forged = body + b"\n" + room.note.signature_line(room.key(), bytes(64))
    asked(room, "bad-signature", "AUDIT-SIGNATURE", state, replace(good, checkpoint=forged))
    foreign = body + b"\n" + room.note.signature_line(room.witness_key(), bytes(72))
    asked(room, "bad-signature", "AUDIT-KEY", state, replace(good, checkpoint=foreign))


def witness_of_half_forged_checkpoint(room):
    """During a rotation one good line does not excuse a wrong one of the log's other key."""
    good = request(room, 0, 3)
    other = room.note.NoteKey(ORIGIN, room.witness_key().public_key)
    mixed = good.checkpoint + room.note.signature_line(other, bytes(64))
    state, keys = room.compare.Head(), [room.key(), other]
    asked(room, "bad-signature", "AUDIT-SIGNATURE", state, replace(good, checkpoint=mixed), keys)


def witness_of_no_checkpoint(room):
    """What is no note or no checkpoint is a bad request."""
    state = room.compare.Head()
    asked(room, "bad-request", "AUDIT-NOTE-FORM", state, room.witness.Request(0, (), b"text"))
    text = room.note.sign_note(b"text\n", room.key(), SIGNER)
    asked(room, "bad-request", "AUDIT-CHECKPOINT-FORM", state, room.witness.Request(0, (), text))


def witness_of_sizes_out_of_order(room):
    """The old size is neither negative nor above the new one."""
    state = heads(room)[5]
    asked(room, "bad-request", "AUDIT-WITNESS-REQUEST", state, request(room, 9, 5))
    asked(room, "bad-request", "AUDIT-WITNESS-REQUEST", state, request(room, -1, 5))


def witness_of_stale_size(room):
    """A proof from another size than the known one is stale, even a good one."""
    state = heads(room)[5]
    for old in (0, 3, 9):
        decision = asked(room, "stale", "AUDIT-WITNESS-STALE", state, request(room, old, 9))
        assert decision.state.size == 5
    asked(room, "stale", "AUDIT-WITNESS-STALE", state, request(room, 3, 5))


def witness_of_late_request(room):
    """A smaller checkpoint that was cosigned before is late, not a rollback."""
    log = heads(room)
    late, history = request(room, 1, 3), lambda size: log[size].root
    asked(room, "stale", "AUDIT-WITNESS-STALE", log[5], late, history=history)
    decision = asked(room, "rollback", "AUDIT-ROLLBACK", log[5], late)
    assert decision.evidence == (b"5", late.checkpoint)


def witness_of_split_view(room):
    """Another root of the known size is told as a split view, whatever old size is stated."""
    state = heads(room)[5]
    for old in (0, 3, 5):
        other = request(room, old, 5, b"x")
        decision = asked(room, "split-view", "AUDIT-SPLIT-VIEW", state, other)
        assert decision.evidence == (b"5", other.checkpoint)


def witness_of_rewritten_log(room):
    """A larger tree that grew from another root is a split view that the proof itself shows."""
    other = request(room, 5, 9, b"x")
    decision = asked(room, "split-view", "AUDIT-SPLIT-VIEW", heads(room)[5], other)
    assert decision.evidence == (b"5", other.checkpoint)


def witness_of_unproven_growth(room):
    """Growth without a good proof is not cosigned, from size zero with one neither."""
    log = heads(room)
    asked(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[5], request(room, 5, 9, proof=()))
    asked(room, "bad-proof", "AUDIT-PROOF-LENGTH", log[0], request(room, 0, 9, proof=(bytes(32),)))
    wrong = tuple(bytes(32) for _ in path(room, 5, 9))
    asked(room, "bad-proof", "AUDIT-ROOT", log[5], request(room, 5, 9, proof=wrong))


def witness_request_of_another_form(room):
    """A request has one form."""
    good = room.witness.format_request(request(room, 3, 9))
    first = good.split(b"\n")[1]
    faults = (
        good.replace(b"old 3", b"old 03"),
        good.replace(b"old 3", b"old -3"),
        good.replace(b"old 3", b"old  3"),
        good.replace(b"old 3", b"size 3"),
        good.replace(b"old 3\n", b"old 3\r\n"),
        good.replace(b"old 3\n", b""),
        good.replace(b"old 3", b"old 9999999999999999999"),
        good.replace(first, first[:-4]),
        good.replace(first, first + b" "),
        good.replace(first, first[:-2] + bytes([first[-2] + 1]) + b"="),
        good.replace(first, b"\n".join([first] * 64)),
        good[: good.index(b"\n\n") + 2],
        good[: good.index(b"\n\n")],
        good + b"x" * 80_000,
        b"",
    )
    for fault in faults:
        refused("AUDIT-WITNESS-REQUEST", room.witness.parse_request, fault)


def reconcile_answers(room, change):
    """Run a comparison in which the other side changes its answers, told the number of the round."""
    side = room.reconcile.Side(room.leaves(11))
    other = room.reconcile.Side(room.leaves(11, b"x"))
    rounds = []

    def ask(asked):
        rounds.append(asked)
        return change(len(rounds), other.answer(asked))

    room.reconcile.find_difference(side, other.size, other.root, ask)


def reconcile_with_other_subtrees(room):
    """Answers that agree with each other but not with the stated root are refused."""
    side, other, third = (room.reconcile.Side(room.leaves(11, kind)) for kind in (b"", b"x", b"y"))
    run = room.reconcile.find_difference
    refused("AUDIT-RECONCILE-ANSWER", run, side, other.size, other.root, third.answer)


def reconcile_with_other_children(room):
    """Children that do not lead to their parent are refused."""
    for one in (2, 3, 4):
        turned = lambda number, got, one=one: got[::-1] if number == one else got  # noqa: E731 - two arms
        refused("AUDIT-RECONCILE-ANSWER", reconcile_answers, room, turned)


def reconcile_with_answers_of_another_form(room):
    """Too few and too many answers, and a border moved between two of them, are refused in every round."""

    def moved(got):
        return [got[0][:-1], got[0][-1:] + got[1], *got[2:]]

    changes = (lambda got: got[:-1], lambda got: [*got, bytes(32)], moved)
    for one, change in itertools.product((1, 2, 3, 4), changes):
        answer = lambda number, got, one=one, change=change: change(got) if number == one else got  # noqa: E731 - two arms
        refused("AUDIT-RECONCILE-ANSWER", reconcile_answers, room, answer)


def reconcile_with_impossible_head(room):
    """A size below zero, an empty list with a root and a short root are refused."""
    side = room.reconcile.Side(room.leaves(3))
    for size, root in ((-1, bytes(32)), (0, bytes(32)), (1, bytes(31))):
        refused("AUDIT-RECONCILE-ANSWER", room.reconcile.find_difference, side, size, root, list)


ROWS = (
    ("item.party[0].name", "commit", "R-1", "7(2)", bytes(32)),
    ("item.value", "pass", "R-2", "7(1)", None),
)


def treatments_that_were_not_bound(room):
    """Other treatments than those bound are refused."""
    raw = room.withheld.canonical(ROWS)
    other = room.withheld.canonical(ROWS[:1])
    refused("AUDIT-TREATMENT-DIGEST", room.withheld.verify_treatments, other, room.withheld.digest(raw))


def treatments_of_another_form(room):
    """The record of treatments has one form, and a digest over another one does not help it."""
    raw = room.withheld.canonical(ROWS)
    first, second = room.withheld.canonical(ROWS[:1])[30:], room.withheld.canonical(ROWS[1:])[30:]
    head = raw[:30]
    faults = (
        raw[:-1],
        raw + b"\x00",
        b"x" + raw[1:],
        head + second + first,
        head + first + first,
        raw[:-1] + b"\x02",
        head[:-1] + b"\x03" + raw[30:],
        head[:-4] + b"\xff\xff\xff\xff" + raw[30:],
        b"",
    )
    assert raw == head + first + second
    for fault in faults:
        digest = room.withheld.digest(fault)
        refused("AUDIT-TREATMENT-FORM", room.withheld.verify_treatments, fault, digest)


def opening_of_another_field(room):
    """A field opens under its own path, salt and value only."""
    made = room.commitment.commit(bytes(32), b"value")
    raw = room.withheld.canonical([(*ROWS[0][:4], made), ROWS[1]])
    bound = room.withheld.digest(raw)
    opens = room.withheld.open_field
    opens(raw, bound, ROWS[0][0], bytes(32), b"value")
    refused("AUDIT-COMMITMENT", opens, raw, bound, ROWS[0][0], bytes(32), b"other")
    refused("AUDIT-TREATMENT-PATH", opens, raw, bound, ROWS[1][0], bytes(32), b"value")
    refused("AUDIT-TREATMENT-PATH", opens, raw, bound, "item.other", bytes(32), b"value")
