# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Groups that may be absent, groups that must repeat, and groups that share an item."""

from decimal import Decimal

import pytest

from gateway.errors import ConfigError
from gateway.mapping import CompiledTable, compile_table, load_table
from gateway.model import ContentPiece, Item, Mass, Party

HEAD = """
[message]
name = "SYN2"
version = "1"
kind = ""
editions = ["1"]
source = "made for tests"
"""
GROUP = """
[[group]]
name = "{name}"
min = {low}
max = {high}
target = "{target}"

[[group.field]]
outside = "{outside}"
path = "{path}"
type = "{type}"
{limit}
required = true
rule = "{name}-1"
cite = "clause"
"""


def group(name, low, high, target, outside, path, kind="C", limit="length = [1, 9]"):  # noqa: PLR0917 - reads as a row
    """Return a group with one mandatory field."""
    return GROUP.format(
        name=name, low=low, high=high, target=target, outside=outside, path=path, type=kind, limit=limit
    )


@pytest.fixture(name="parts")
def _parts() -> CompiledTable:
    text = (
        HEAD
        + group("", 1, 1, "", "no", "tracking_number")
        + group("To", 0, 1, "addressee", "name", "name")
        + group("Weight", 0, 1, "gross_mass", "kg", "value", "N", "digits = [3, 3]")
        + group("Line", 1, 2, "content[]", "what", "description")
    )
    return compile_table(load_table(text.encode()), "1")


def told(findings):
    """Return what findings are about, for comparison."""
    return sorted((one.code, one.path) for one in findings)


def test_groups_share_one_item(parts):
    """Each group fills its own place; a nameless group is the document itself."""
    document = {
        "": [{"no": "R1"}],
        "To": [{"name": "Ada"}],
        "Weight": [{"kg": "0.125"}],
        "Line": [{"what": "cup"}],
    }
    item, found = parts.decode(document)
    assert found == []
    assert item == Item(
        tracking_number="R1",
        addressee=Party(name="Ada"),
        gross_mass=Mass(value=Decimal("0.125")),
        content=(ContentPiece(description="cup"),),
    )
    assert parts.encode(item) == (document, [], [])


def test_an_absent_group_asks_for_nothing(parts):
    """Mandatory fields count only inside a group that is there, in both directions."""
    document = {"": [{"no": "R1"}], "Line": [{"what": "cup"}]}
    item, found = parts.decode(document)
    assert (item.addressee, found) == (None, [])
    assert parts.encode(item) == (document, [], [])
    assert told(parts.decode({**document, "To": [{}]})[1]) == [("SCHEMA-MISSING", "To/name")]


def test_a_mandatory_repeating_group_must_be_there(parts):
    """Its absence is told in both directions, by the group's name."""
    item, found = parts.decode({"": [{"no": "R1"}]})
    assert told(found) == [("SCHEMA-MISSING", "Line")]
    assert told(parts.encode(item)[2]) == [("SCHEMA-MISSING", "Line")]


def test_a_field_of_the_document_itself_has_a_bare_path(parts):
    """Findings in a nameless group name the field alone."""
    assert told(parts.decode({"": [{}], "Line": [{"what": "cup"}]})[1]) == [("SCHEMA-MISSING", "no")]


def test_a_number_of_decimal_places_only_is_judged_exactly(parts):
    """Where all digits may be decimal places, a whole number does not fit."""
    for text, codes in (("0.125", []), (".5", []), ("1.5", []), ("1.125", ["SCHEMA-FORMAT"])):
        document = {"": [{"no": "R1"}], "Weight": [{"kg": text}], "Line": [{"what": "cup"}]}
        assert [one.code for one in parts.decode(document)[1]] == codes


def test_content_without_a_group_is_a_loss(table):
    """Lines that a message cannot hold are named leaf by leaf."""
    text = HEAD + group("", 1, 1, "", "no", "tracking_number")
    flat = compile_table(load_table(text.encode()), "1")
    item = Item(tracking_number="R1", content=(ContentPiece(number=1, hs="6911"), ContentPiece(number=2)))
    assert [(one.path, one.detail) for one in flat.encode(item)[1]] == [
        ("content[].number", "SYN2 has no field for it, 2 values"),
        ("content[].hs", "SYN2 has no field for it"),
    ]


def test_a_group_without_fields_is_refused():
    """A group says something or is left out."""
    with pytest.raises(ConfigError, match="at least one"):
        load_table((HEAD + '[[group]]\nname = "A"\nmin = 1\nmax = 1\ntarget = ""\n').encode())
