# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Groups inside repeating groups, and lists inside records that do not repeat."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.mapping import CompiledTable, compile_table, load_table
from gateway.model import ContentPiece, Document, Filing, Item, LineFiling, Money, Statement

TABLE = """
[message]
name = "SYN3"
version = "1"
kind = "filing"
editions = ["1"]
source = "made for tests"

[[group]]
name = "Head"
min = 1
max = 1
target = ""
[[group.field]]
outside = "no"
path = "tracking_number"
length = [1, 9]
rule = "H-1"
cite = "clause"
[[group.field]]
outside = "amount"
path = "goods_value.amount"
type = "N"
digits = [16, 3]
overflow = "truncate"
rule = "H-2"
cite = "clause"

[[group]]
name = "Head/Note"
min = 0
max = 3
target = "filing.statements[]"
[[group.field]]
outside = "text"
path = "text"
length = [1, 9]
rule = "N-1"
cite = "clause"

[[group]]
name = "Head/Line/Paper"
min = 0
max = 2
target = "content[].filing.documents[]"
[[group.field]]
outside = "no"
path = "number"
length = [1, 5]
required = true
overflow = "truncate"
rule = "P-1"
cite = "clause"

[[group]]
name = "Head/Line"
min = 0
max = 9
target = "content[]"
[[group.field]]
outside = "what"
path = "description"
length = [1, 9]
rule = "L-1"
cite = "clause"
[[group.field]]
outside = "how"
path = "filing.procedure"
length = [1, 9]
rule = "L-2"
cite = "clause"
"""
TEXT = st.text("abc", min_size=1, max_size=5)
PAPERS = st.lists(st.builds(Document, number=TEXT), max_size=2).map(tuple)
LINES = st.builds(
    lambda what, how, papers: ContentPiece(
        description=what, filing=LineFiling(procedure=how, documents=papers) if how or papers else None
    ),
    TEXT,
    st.none() | TEXT,
    PAPERS,
)


@pytest.fixture(name="nested", scope="module")
def _nested() -> CompiledTable:
    return compile_table(load_table(TABLE.encode()), "1")


@given(lines=st.lists(LINES, max_size=4), notes=st.lists(TEXT, max_size=3))
def test_lists_in_lists_come_back(nested, lines, notes) -> None:
    """Whatever stands in a group inside a repeating group comes back in its own repetition."""
    filing = Filing(statements=tuple(Statement(text=one) for one in notes)) if notes else None
    item = Item(tracking_number="A", content=tuple(lines), filing=filing)
    document, losses, found = nested.encode(item)
    assert not losses
    assert not found
    assert nested.decode(document) == (item, [])


def test_a_fault_names_both_numbers(nested) -> None:
    """The place of a fault says which paper of which line."""
    document = {
        "Head": [{"no": "A"}],
        "Head/Line": [{"what": "x"}, {"what": "y"}],
        "Head/Line/Paper": [(), [{"no": "1"}, {"no": "123456"}]],
    }
    item, found = nested.decode(document)
    assert [(one.code, one.path) for one in found] == [("SCHEMA-LENGTH", "Head/Line[2]/Paper[2]/no")]
    assert item.content[1].filing.documents == (Document(number="1"), Document())


def test_a_loss_names_both_numbers(nested) -> None:
    """A cut text inside a list of a list is told with its canonical place."""
    papers = (Document(number="1"), Document(number="1234567"))
    item = Item(content=(ContentPiece(filing=LineFiling(documents=papers)),))
    _, losses, found = nested.encode(item)
    assert [(one.kind, one.path) for one in losses] == [
        ("truncated", "content[1].filing.documents[2].number")
    ]
    assert [one.path for one in found] == ["Head/Line[1]/Paper[2]/no"]


def test_too_many_are_counted_in_their_line(nested) -> None:
    """The limit of an inner group holds for each repetition, both ways."""
    papers = tuple(Document(number=str(one)) for one in range(3))
    item = Item(content=(ContentPiece(description="x"), ContentPiece(filing=LineFiling(documents=papers))))
    document, _, found = nested.encode(item)
    assert [(one.code, one.path, one.actual) for one in found] == [
        ("SCHEMA-COUNT", "Head/Line[2]/Paper", "3")
    ]
    _, found = nested.decode(document)
    assert [(one.code, one.path) for one in found] == [("SCHEMA-COUNT", "Head/Line[2]/Paper")]


def test_what_an_inner_record_has_more_is_lost_and_said(nested) -> None:
    """A leaf without a row in an inner list is told like any other."""
    papers = (Document(number="1", kind="N935"),)
    _, losses, _ = nested.encode(Item(content=(ContentPiece(filing=LineFiling(documents=papers)),)))
    assert [(one.kind, one.path) for one in losses] == [("lost", "content[].filing.documents[].kind")]


def test_a_value_is_never_rounded_to_nothing(nested) -> None:
    """0.0004 with three places is refused, 0.0006 becomes 0.001, 0 stays 0."""
    for text, kept in (("0.0004", None), ("0.0006", "0.001"), ("0", "0"), ("0.0000", "0.000")):
        document, _, found = nested.encode(Item(goods_value=Money(amount=Decimal(text))))
        assert document["Head"][0].get("amount") in {kept, "0.0000" if kept == "0.000" else kept}
        assert [one.code for one in found if one.severity == "error"] == ([] if kept else ["SCHEMA-FORMAT"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "Head/Line/Paper"', 'name = "Paper"'),
        ('target = "content[].filing.documents[]"', 'target = "content[].filing"'),
        ('target = "content[]"\n', 'target = "documents[]"\n'),
    ],
)
def test_an_inner_group_needs_one_around_it(old, new) -> None:
    """Its name begins with that of the group around it, which must be there."""
    with pytest.raises(ConfigError):
        load_table(TABLE.replace(old, new).encode())


def test_items_without_the_lists_stay_equal(nested) -> None:
    """Empty lists are no values: nothing appears where nothing was."""
    item = Item(tracking_number="A", content=(ContentPiece(description="x"),))
    document, _, _ = nested.encode(item)
    assert set(document) == {"Head", "Head/Line"}
    assert msgspec.to_builtins(nested.decode(document)[0]) == msgspec.to_builtins(item)
