# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Inclusion and consistency proofs: made as in RFC 6962 2.1, checked as in RFC 9162 2.1.3.2 and 2.1.4.2.

Pure functions. A maker is given `read(level, index)`, which returns the hash of the complete subtree of
2**level leaves that starts at leaf index * 2**level. A checker takes index and sizes from signed data only.
A consistency proof from the empty tree says nothing and is refused here; the witness protocol, which needs
it, treats that case itself.
"""

from collections.abc import Callable, Sequence

from gateway.audit.tree import HASH_LENGTH, node_hash
from gateway.errors import InputError, VerificationError
from gateway.finding import Finding, finding

Read = Callable[[int, int], bytes]


class RootMismatch(VerificationError):
    """A proof leads to another root than the signed one."""

    def __init__(self, what: str, expected: bytes, computed: bytes) -> None:
        """Keep both roots; neither is secret."""
        found = finding("AUDIT-ROOT", path=what, expected=expected.hex(), actual=computed.hex())
        super().__init__(f"{what}: computed root {computed.hex()}, signed root {expected.hex()}", (found,))
        self.expected = expected
        self.computed = computed


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """Return the path from leaf `index` to the root of the tree of `size` leaves, lowest hash first.

    Precondition: 0 <= index < size.

    Raises:
        InputError: the precondition does not hold.
    """
    if not 0 <= index < size:
        raise InputError("no such leaf", (_range(f"0 <= index < {size}", f"index {index}"),))
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(middle, high, read))
            high = middle
        else:
            path.append(_subtree(low, middle, read))
            low = middle
    path.reverse()
    return path


def consistency(old: int, new: int, read: Read) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is the beginning of the tree of `new` leaves.

    Precondition: 0 < old <= new. For equal sizes the proof is empty.

    Raises:
        InputError: the precondition does not hold.
    """
    if not 0 < old <= new:
        raise InputError("no such tree sizes", (_range(f"0 < old <= {new}", f"old size {old}"),))
    proof: list[bytes] = []
    low, high = 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_subtree(middle, high, read))
            high = middle
        else:
            proof.append(_subtree(low, middle, read))
            low = middle
    if low:
        proof.append(_subtree(low, high, read))
    proof.reverse()
    return proof


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at `index` of the tree with this size and root.

    Precondition: `size` and `root` come from a verified checkpoint, or from another signed statement.

    Raises:
        RootMismatch: the path leads to another root; carries both.
        VerificationError: the index is outside the tree, or the proof has the wrong length.
    """
    if not 0 <= index < size:
        raise VerificationError("no such leaf", (_range(f"0 <= index < {size}", f"index {index}"),))
    _check_hashes(proof, leaf_hash, root)
    node, last, computed = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise _length("more hashes than the path has")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _length("fewer hashes than the path has")
    if computed != root:
        raise RootMismatch("inclusion proof", root, computed)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree with the old size and root is the beginning of the new one.

    Precondition: 0 < old <= new, both sizes and roots from verified checkpoints.

    Raises:
        RootMismatch: the proof leads to another root; carries both.
        VerificationError: the sizes are out of order, or the proof has the wrong length.
    """
    if not 0 < old <= new:
        raise VerificationError("no such tree sizes", (_range(f"0 < old <= {new}", f"old size {old}"),))
    _check_hashes(proof, old_root, new_root)
    if old == new:
        if proof:
            raise _length("trees of equal size need no hashes")
        if old_root != new_root:
            raise RootMismatch("equal sizes", old_root, new_root)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise _length("fewer hashes than the path has")
    computed_old, computed_new = _climb(old, new, path)
    if computed_old != old_root:
        raise RootMismatch("old root", old_root, computed_old)
    if computed_new != new_root:
        raise RootMismatch("new root", new_root, computed_new)


def _climb(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Compute the old and the new root from a consistency path (RFC 9162 2.1.4.2 steps 3 to 6)."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    computed_old = computed_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _length("more hashes than the path has")
        if node & 1 or node == last:
            computed_old = node_hash(sibling, computed_old)
            computed_new = node_hash(sibling, computed_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed_new = node_hash(computed_new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise _length("fewer hashes than the path has")
    return computed_old, computed_new


def _split(width: int) -> int:
    """Return the largest power of two below a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)


def _subtree(low: int, high: int, read: Read) -> bytes:
    """Return the root over leaves low..high-1; `low` is a multiple of a power of two >= the width."""
    parts: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(read(level, low >> level))
        low += 1 << level
    current = parts.pop()
    while parts:
        current = node_hash(parts.pop(), current)
    return current


def _range(expected: str, actual: str) -> Finding:
    """Return the finding of an index or size outside the tree."""
    return finding("AUDIT-RANGE", expected=expected, actual=actual)


def _length(detail: str) -> VerificationError:
    """Return the error of a proof with the wrong number of hashes."""
    return VerificationError(
        f"proof of wrong length: {detail}", (finding("AUDIT-PROOF-LENGTH", actual=detail),)
    )


def _check_hashes(proof: Sequence[bytes], *others: bytes) -> None:
    """Refuse hashes that do not have the length of a hash."""
    if any(len(one) != HASH_LENGTH for one in (*proof, *others)):
        raise _length("a hash does not have 32 bytes")
