# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where two ordered lists of leaves part, found with few questions: subtree roots are compared from the top.

Both sides build the RFC 6962 tree over their list. One asks for hashes of the other's complete subtrees,
one round per level, and goes down only where they differ: for k different leaves among n at most
2 (k + 1) (log2 n + 1) + log2 n hashes in log2 n + 2 rounds. Answers are checked against the other side's root
and against each other, so a root that was signed makes every answer a signed one.

Lists are compared place by place. Where something can be absent in the middle, as a batch of a day can,
`slots` gives every sequence number its place. Knows nothing of how questions travel.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.audit.tree import EMPTY_ROOT, HASH_LENGTH, leaf_hash, node_hash, root
from gateway.errors import InputError, VerificationError
from gateway.finding import finding

# Level and index of a complete subtree.
Question: TypeAlias = tuple[int, int]
# The same with the hash the other side says it has.
_Node: TypeAlias = tuple[int, int, bytes]

ABSENT = leaf_hash(b"")


class Side:
    """One side's list of leaf hashes with the hashes of its complete subtrees."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Hash the whole tree; takes 64 bytes and a microsecond a leaf."""
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])
        self.size = len(leaves)
        self.root = root([self.hash(*one) for one in frontier(self.size)]) if leaves else EMPTY_ROOT

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of 2**level leaves.

        Raises:
            InputError: the list has no such subtree.
        """
        if level < 0 or index < 0 or level >= len(self._levels) or index >= len(self._levels[level]):
            found = finding("AUDIT-RANGE", expected=f"size {self.size}", actual=f"level {level}, {index}")
            raise InputError("no such complete subtree", (found,))
        return self._levels[level][index]

    def answer(self, questions: Sequence[Question]) -> list[bytes]:
        """Return the hashes that the other side asks for, in its order.

        Raises:
            InputError: the list has no such subtree.
        """
        return [self.hash(level, index) for level, index in questions]


@dataclass(frozen=True, slots=True)
class Difference:
    """Places where both have a leaf but not the same, with the other's hash; places that one side lacks."""

    differing: tuple[tuple[int, bytes], ...]
    we_lack: range
    they_lack: range


@dataclass(frozen=True, slots=True)
class Missing:
    """The same in sequence numbers of slots."""

    differing: tuple[int, ...]
    we_lack: tuple[int, ...]
    they_lack: tuple[int, ...]


def frontier(size: int) -> list[Question]:
    """Return the complete subtrees that make up a tree, largest first."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def reconcile(
    ours: Side, their_size: int, their_root: bytes
) -> Generator[tuple[Question, ...], Sequence[bytes], Difference]:
    """Yield rounds of questions to the other side, take its answers by send, and return the difference.

    Precondition: their size and root come from a verified statement of theirs.

    Raises:
        VerificationError: answers contradict each other, the root or the form.
    """
    if their_size < 0 or len(their_root) != HASH_LENGTH or (not their_size and their_root != EMPTY_ROOT):
        raise _contradiction("a size and the root of that size")
    suspects: list[_Node] = []
    if (their_size, their_root) != (ours.size, ours.root) and their_size:
        top = frontier(their_size)
        # The root of a perfect tree is its only subtree; there is nothing to ask.
        hashes = [their_root] if len(top) == 1 else _checked((yield tuple(top)), len(top))
        if root(hashes) != their_root:
            raise _contradiction("subtrees that lead to the stated root")
        suspects = _differing(ours, [(*one, value) for one, value in zip(top, hashes, strict=True)])
    differing: list[tuple[int, bytes]] = []
    while suspects:
        differing += [(index, value) for level, index, value in suspects if not level]
        parents = [one for one in suspects if one[0]]
        if not parents:
            break
        asked = tuple((level - 1, 2 * index + side) for level, index, _ in parents for side in (0, 1))
        hashes = _checked((yield asked), len(asked))
        for number, (_, _, value) in enumerate(parents):
            if node_hash(hashes[2 * number], hashes[2 * number + 1]) != value:
                raise _contradiction("children that lead to the subtree above them")
        suspects = _differing(ours, [(*one, value) for one, value in zip(asked, hashes, strict=True)])
    return Difference(tuple(sorted(differing)), range(ours.size, their_size), range(their_size, ours.size))


def find_difference(
    ours: Side,
    their_size: int,
    their_root: bytes,
    ask: Callable[[Sequence[Question]], Sequence[bytes]],
) -> Difference:
    """Run `reconcile` with a function that asks the other side.

    Raises:
        VerificationError: see `reconcile`.
    """
    rounds = reconcile(ours, their_size, their_root)
    try:
        questions = next(rounds)
        while True:
            questions = rounds.send(ask(questions))
    except StopIteration as end:
        difference: Difference = end.value
        return difference


def slots(numbers: range, digests: Mapping[int, bytes]) -> list[bytes]:
    """Return one leaf hash per sequence number; a number without a digest has the hash `ABSENT`."""
    return [
        leaf_hash(number.to_bytes(8, "big") + digests[number]) if number in digests else ABSENT
        for number in numbers
    ]


def missing(numbers: range, ours: Side, difference: Difference) -> Missing:
    """Say in sequence numbers what a difference between two lists of `slots` over `numbers` means."""
    differing, we_lack, they_lack = [], [], []
    for place, theirs in difference.differing:
        if theirs == ABSENT:
            they_lack.append(numbers[place])
        elif ours.hash(0, place) == ABSENT:
            we_lack.append(numbers[place])
        else:
            differing.append(numbers[place])
    return Missing(tuple(differing), tuple(we_lack), tuple(they_lack))


def _differing(ours: Side, nodes: Sequence[_Node]) -> list[_Node]:
    """Return those subtrees of the other side that reach into our list and are not the same there."""
    found: list[_Node] = []
    for level, index, value in nodes:
        whole = (index + 1) << level <= ours.size
        if index << level < ours.size and not (whole and ours.hash(level, index) == value):
            found.append((level, index, value))
    return found


def _checked(answers: Sequence[bytes], count: int) -> Sequence[bytes]:
    """Return answers of the right number and length."""
    if len(answers) != count or any(len(one) != HASH_LENGTH for one in answers):
        raise _contradiction(f"{count} hashes of 32 bytes")
    return answers


def _contradiction(expected: str) -> VerificationError:
    """Return the error of answers that cannot be true."""
    found = finding("AUDIT-RECONCILE-ANSWER", expected=expected)
    return VerificationError("the other side contradicts itself", (found,))
