# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks on proofs, entries, commitments and proof files."""

from dataclasses import replace

from tests.audit.attacks.room import ORIGIN, SIGNER, refused


def inclusion_of_index_at_size(room):
    """An index at the size of the tree is no leaf, even where the path is right."""
    leaves = room.leaves(2)
    root = room.tree.tree_root(leaves)
    for index in (2, -1):
        refused("AUDIT-RANGE", room.proof.verify_inclusion, leaves[1], index, 2, [leaves[0]], root)


def inclusion_in_empty_tree(room):
    """Nothing is in the tree of size zero."""
    empty = room.tree.EMPTY_ROOT
    refused("AUDIT-RANGE", room.proof.verify_inclusion, empty, 0, 0, [], empty)


def inclusion_with_moved_border(room):
    """A leaf hash cut shorter and a sibling made longer hash to the same node."""
    left, right = room.leaves(2)
    root = room.tree.node_hash(left, right)
    verify = room.proof.verify_inclusion
    refused("AUDIT-PROOF-LENGTH", verify, left[:31], 0, 2, [left[31:] + right], root)


def inclusion_of_inner_node(room):
    """The root itself is no leaf of a larger tree."""
    leaves = room.leaves(4)
    root = room.tree.tree_root(leaves)
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_inclusion, root, 0, 4, [], root)


def inclusion_below_a_leaf(room):
    """What was hashed into a leaf's place is not itself a leaf of the tree."""
    below = room.leaves(2)
    root = room.tree.node_hash(*below)
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_inclusion, below[1], 0, 1, [below[0]], root)


def inclusion_of_another_leaf(room):
    """A leaf that is not there has no path."""
    leaves = room.leaves(5)
    path, root = room.proof.inclusion(3, 5, room.read(leaves)), room.tree.tree_root(leaves)
    refused("AUDIT-ROOT", room.proof.verify_inclusion, leaves[2], 3, 5, path, root)


def inclusion_of_doubled_lone_leaf(room):
    """The lone last leaf, doubled, is not in the tree."""
    leaves = room.leaves(3)
    doubled, root = [*leaves, leaves[2]], room.tree.tree_root(leaves)
    path = room.proof.inclusion(3, 4, room.read(doubled))
    refused("AUDIT-RANGE", room.proof.verify_inclusion, leaves[2], 3, 3, path, root)
    refused("AUDIT-ROOT", room.proof.verify_inclusion, leaves[2], 3, 4, path, root)


def consistency_backwards(room):
    """A smaller tree does not continue a larger one, and the empty one proves nothing."""
    leaves = room.leaves(5)
    roots = [room.tree.tree_root(leaves[:size]) for size in range(6)]
    verify = room.proof.verify_consistency
    refused("AUDIT-RANGE", verify, 5, 4, [roots[4]], roots[5], roots[4])
    refused("AUDIT-RANGE", verify, 0, 0, [], roots[0], roots[0])


def consistency_with_moved_border(room):
    """An old root cut shorter and a sibling made longer hash to the same new root."""
    left, right = room.leaves(2)
    root = room.tree.node_hash(left, right)
    verify = room.proof.verify_consistency
    refused("AUDIT-PROOF-LENGTH", verify, 1, 2, [left[31:] + right], left[:31], root)


def consistency_of_equal_sizes_with_hashes(room):
    """Equal sizes need no hashes."""
    root = room.leaves(1)[0]
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_consistency, 1, 1, [root], root, root)


def consistency_of_equal_sizes_with_two_roots(room):
    """Equal sizes have equal roots."""
    one, two = room.leaves(2)
    refused("AUDIT-ROOT", room.proof.verify_consistency, 1, 1, [], one, two)


def consistency_without_hashes(room):
    """A tree that has grown needs hashes to show it."""
    one, two = room.leaves(2)
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_consistency, 3, 5, [], one, two)


def consistency_too_short(room):
    """The same root at a larger size is not continued by itself."""
    root = room.leaves(1)[0]
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_consistency, 1, 4, [], root, root)


def consistency_too_long(room):
    """Hashes above the top lead to a root of another, larger tree."""
    one, two, three = room.leaves(3)
    root = room.tree.node_hash(room.tree.node_hash(one, two), three)
    refused("AUDIT-PROOF-LENGTH", room.proof.verify_consistency, 1, 2, [two, three], one, root)


def consistency_from_another_old_root(room):
    """A proof of one history is none of another with the same new root."""
    leaves = room.leaves(5)
    path, root = room.proof.consistency(3, 5, room.read(leaves)), room.tree.tree_root(leaves)
    refused("AUDIT-ROOT", room.proof.verify_consistency, 3, 5, path, leaves[0], root)


def consistency_to_another_new_root(room):
    """A proof to one tree is none to another with the same old root."""
    leaves = room.leaves(5)
    path, old = room.proof.consistency(3, 5, room.read(leaves)), room.tree.tree_root(leaves[:3])
    refused("AUDIT-ROOT", room.proof.verify_consistency, 3, 5, path, old, leaves[0])


def entry_of_another_form(room):
    """An entry of another length, version or event is none."""
    good = room.entry.leaf(room.entry.Event.SENT, bytes(32))
    for raw in (good + b"\x00", b"\x02" + good[1:], good[:1] + b"\xff" + good[2:]):
        refused("AUDIT-ENTRY-FORM", room.entry.parse, raw)


def commitment_to_another_value(room):
    """A commitment opens to what was committed to and to nothing else."""
    made = room.commitment.commit(bytes(32), b"value")
    refused("AUDIT-COMMITMENT", room.commitment.open_commitment, made, bytes(32), b"other")


def commitment_with_another_salt_length(room):
    """A byte moved from the value into the salt does not open a commitment."""
    made = room.commitment.commit(bytes(32), b"value")
    refused("AUDIT-COMMITMENT", room.commitment.open_commitment, made, bytes(32) + b"v", b"alue")


def _proof_file(room):
    """Return a good proof file with what it is about."""
    leaves = room.leaves(5)
    path = room.proof.inclusion(3, 5, room.read(leaves))
    signed = room.signed(5, room.tree.tree_root(leaves))
    return room.proof_file.ProofFile(3, tuple(path), signed), leaves[3]


def proof_file_of_another_leaf(room):
    """A proof file proves one leaf."""
    made, _ = _proof_file(room)
    raw, other = room.proof_file.write(made), room.leaves(1)[0]
    refused("AUDIT-ROOT", room.proof_file.verify_proof_file, raw, other, room.key())


def proof_file_of_another_form(room):
    """A proof file has one form."""
    made, leaf = _proof_file(room)
    raw = room.proof_file.write(made)
    faults = (
        b"c2sp.org/tlog-proof@v2" + raw[22:],
        raw.replace(b"index 3", b"index 03"),
        room.proof_file.write(replace(made, hashes=(*made.hashes, b"short"))),
        room.proof_file.write(replace(made, hashes=(bytes(32),) * 64)),
        raw[: raw.index(b"\n\n") + 2],
    )
    for fault in faults:
        refused("AUDIT-PROOF-FORM", room.proof_file.verify_proof_file, fault, leaf, room.key())


def proof_file_with_unsigned_checkpoint(room):
    """A proof file is worth what the signature of its checkpoint is worth."""
    made, leaf = _proof_file(room)
    signed = room.signed(5, bytes(32)).rpartition(b"\n\n")[2]
    forged = made.checkpoint.rpartition(b"\n\n")[0] + b"\n\n" + signed
    raw = room.proof_file.write(replace(made, checkpoint=forged))
    refused("AUDIT-SIGNATURE", room.proof_file.verify_proof_file, raw, leaf, room.key())


def checkpoint_of_another_log(room):
    """A log cannot speak for another one, even with its own good signature."""
    body = room.checkpoint.format("customs-cn/customs-de", 1, bytes(32))
    signed = room.note.sign_note(body, room.key(ORIGIN), SIGNER)
    refused("AUDIT-ORIGIN", room.checkpoint.verify, signed, room.key(ORIGIN))
