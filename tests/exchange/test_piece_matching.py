# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The quick answers of merging are those of the rules, written out slowly, whatever the sources say."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.merge import PRECEDENCE, in_order, merge
from gateway.model import ContentPiece, ContributionKind, pack_item
from tests.partner_messages import said

MERGED = [kind for kind in ContributionKind if kind.record == "item"]
PIECES = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, "", "a", "b"])), max_size=4
)


def pieces(drawn, **more):
    """Return goods lines with these numbers and item numbers; `more` is what marks the place of each."""
    return tuple(
        ContentPiece(number=number, item_number=item_number, **dict.fromkeys(more, f"{place}"))
        for place, (number, item_number) in enumerate(drawn)
    )


def numbered(base, content):
    """Return which piece of the other source has the number of each piece."""
    last = {piece.number: place for place, piece in enumerate(content)}
    return [None if piece.number is None else last.get(piece.number) for piece in base]


def item_numbered(base, content):
    """Return which piece of the other source is meant by each piece, by rule 3 of `merge`."""
    found = []
    for piece, by_number in zip(base, numbered(base, content), strict=True):
        own = piece.item_number
        same = [place for place, one in enumerate(content) if own is not None and one.item_number == own]
        if len(same) == 1 and [one.item_number for one in base].count(own) == 1:
            found.append(same[0])
            continue
        theirs = None if by_number is None else content[by_number].item_number
        found.append(by_number if own is None or theirs is None or theirs == own else None)
    return found


@pytest.mark.parametrize(("kind", "slow"), [("supplement", numbered), ("order", item_numbered)])
@given(first=PIECES, second=PIECES, same=st.booleans())
def test_pieces_match_as_the_rule_says(kind, slow, first, second, same):
    """Equal, shuffled, repeated or absent numbers: each piece is filled from the one that the rule names."""
    base, content = pieces(first), pieces(first if same else second, note=True)
    if not base:
        return
    merged, _ = merge(in_order([said("list", content=base), said(kind, content=content)]))
    expected = [None if place is None else f"{place}" for place in slow(base, content)]
    assert [piece.note for piece in merged.content] == expected


@given(st.lists(st.sampled_from(MERGED), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_sources_are_heard_by_kind_whatever_came_first(kinds, chance):
    """The order is that of the kinds, and the same for every order of arrival."""
    words = [said(kind.value, note=f"{number}") for number, kind in enumerate(kinds)]
    heard = in_order(words)
    assert all(PRECEDENCE[one.kind] <= PRECEDENCE[other.kind] for one, other in itertools.pairwise(heard))
    assert sorted(pack_item(one.item) for one in heard) == sorted(pack_item(one.item) for one in words)
    chance.shuffle(words)
    assert in_order(words) == heard
