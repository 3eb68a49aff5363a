# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Guides: checked whole at load, overridable by folder."""

import pytest

from gateway.errors import ConfigError
from gateway.formats.edifact import Identity, load_guide, load_guides, own_guides

GOOD = """
[message]
name = "TEST"
version = "1"
release = "0"
agency = "ZZ"
title = "Test"
source = "our own"
[segment.BGM]
element = [{ id = "1001", format = "an..3", mandatory = true }]
[segment.GID]
element = [{ id = "1496", format = "n..5" }]
[[part]]
segment = "BGM"
min = 1
[[part]]
group = "item"
max = 9
[[part.part]]
segment = "GID"
min = 1
"""


def faults_of(text):
    """Return path and text of every fault of a guide."""
    with pytest.raises(ConfigError) as caught:
        load_guide(text.encode())
    assert {one.code for one in caught.value.findings} == {"EDIFACT-GUIDE"}
    return [one.path for one in caught.value.findings]


def test_a_good_guide_loads():
    """A guide knows its identity and its segments in order, with their groups."""
    guide = load_guide(GOOD.encode())
    assert guide.identity == Identity("TEST", "1", "0", "ZZ")
    assert [(path, use.tag) for path, use in guide.uses()] == [((), "BGM"), (("item",), "GID")]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('format = "an..3"', 'format = "an-3"', "segment.BGM.element[1].format"),
        ('format = "an..3"', 'format = "an..3", codes = "none"', "segment.BGM.element[1].codes"),
        ('format = "an..3"', 'format = "an..3", pattern = "["', "segment.BGM.element[1].pattern"),
        ('format = "an..3"', 'format = "an..3", date = "999"', "segment.BGM.1001.date"),
        ('format = "an..3"', 'format = "an..3", colour = "red"', "segment.BGM.element[1].colour"),
        ('{ id = "1496", format = "n..5" }', '{ composite = "C999" }', "segment.GID.element[1].composite"),
        ('segment = "BGM"', 'segment = "XXX"', "part[1].segment"),
        ("max = 9", "max = 0", "part[2]"),
        ('segment = "GID"\nmin = 1', 'segment = "GID"', "part[2].part[1]"),
        ('title = "Test"', "title = 1", "message.title"),
        ("[segment.GID]", "[segment.UNH]\n[segment.GID]", "segment.UNH"),
        ("[segment.GID]", "[segment.toolong]\n[segment.GID]", "segment.toolong"),
        ('group = "item"', 'group = "BGM"', "part"),
        ('group = "item"', 'group = "a/b"', "part"),
        ("[message]", "[extra]\n[message]", "extra"),
    ],
)
def test_faults_are_found_at_load(old, new, place):
    """Each fault of a guide is named with its place."""
    assert old in GOOD
    assert place in faults_of(GOOD.replace(old, new, 1))


def test_all_faults_are_listed_at_once():
    """A guide with three faults is refused with three findings."""
    text = GOOD.replace("an..3", "q").replace("n..5", "w").replace("max = 9", "max = -1")
    assert len(faults_of(text)) == 3


def test_neighbours_must_differ():
    """Two neighbours of one tag need qualifiers that tell them apart."""
    again = '[[part]]\nsegment = "BGM"\nname = "other"\n'
    assert faults_of(GOOD.replace("[[part]]\ngroup", again + "[[part]]\ngroup", 1)) == ["part"]


def test_conditions_name_known_parts():
    """A condition about a component that is not there is refused, and so is an unknown kind."""
    text = GOOD.replace(
        "[segment.GID]", '[segment.GID]\ncondition = [{ rule = "R", kind = "maybe", of = ["nothing"] }]', 1
    )
    assert faults_of(text) == ["segment.GID.condition[1].kind", "segment.GID.condition[1]"]


def test_what_is_not_toml_is_refused():
    """A file that is no TOML is one fault."""
    assert faults_of("[[[") == ["(file)"]


def test_a_folder_overrides(tmp_path):
    """A guide in a folder replaces the one of the same identity, and stands beside all others."""
    (tmp_path / "a.toml").write_text(GOOD)
    later = tmp_path / "later"
    later.mkdir()
    (later / "b.toml").write_text(GOOD.replace("Test", "Better"))
    guides = load_guides([tmp_path, later], own_guides())
    found = guides.find(Identity("TEST", "1", "0", "ZZ"))
    assert found is not None
    assert found.title == "Better"
    assert len(guides) == len(own_guides()) + 1


def test_a_folder_cannot_say_a_message_twice(tmp_path):
    """Two files of one folder about the same message are refused, with every other fault."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GOOD)
    (tmp_path / "c.toml").write_text("[[[")
    with pytest.raises(ConfigError, match="both describe TEST:1:0:ZZ") as caught:
        load_guides([tmp_path])
    assert len(caught.value.findings) == 2
