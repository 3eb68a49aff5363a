# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What may name a person is masked, and nothing else is."""

from hypothesis import given

from gateway.model import MASK, Item, Party, is_personal, leaf_types, leaf_values, masked
from gateway.model.personal import FIRMS, personal_leaves
from tests.model.test_round_trip import SLOW, records


@SLOW
@given(records(Item))
def test_a_masked_item_names_nobody_and_says_all_else(item: Item) -> None:
    """Every text at a personal leaf is the mask, every other leaf is as it was, and none comes or goes."""
    before, after = dict(leaf_values(item)), dict(leaf_values(masked(item)))
    assert before.keys() == after.keys()
    for path, value in before.items():
        assert after[path] == (MASK if value and is_personal(path) else value)


def test_every_party_is_masked_but_those_that_are_firms_by_their_role() -> None:
    """Name, identifier, street, postcode, telephone and mail of a party are personal, its country is not."""
    roles = {path.removesuffix(".person_type") for path in leaf_types() if path.endswith(".person_type")}
    assert roles > FIRMS
    kept = {"identifier_scheme", "person_type", "address.country", "address.city", "address.subdivision"}
    for role in roles:
        personal = {leaf for leaf in leaf_types(Party) if is_personal(f"{role}.{leaf}")}
        assert personal == (set() if role in FIRMS else {*leaf_types(Party)} - kept), role


def test_personal_leaves_are_texts_of_the_model() -> None:
    """Each is a leaf of the item, and a text, so that the mask can stand in its place."""
    assert {leaf_types().get(one) for one in personal_leaves()} == {str}


def test_free_words_are_personal_wherever_they_stand() -> None:
    """Every note, text and mark of the model is masked, those of groups that come later too."""
    free = {path for path in leaf_types() if path.rpartition(".")[2] in {"note", "text", "marks"}}
    assert len(free) > 9
    assert free <= personal_leaves()


def test_a_leaf_of_a_repetition_is_known() -> None:
    """The third line's note is personal, its commodity code is not."""
    assert is_personal("content[2].note")
    assert not is_personal("content[2].hs")
