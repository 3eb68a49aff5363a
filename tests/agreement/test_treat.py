# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Field treatment: deny by default over every leaf of the model, each treatment, and determinism."""

import string
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement import committed_bytes, compile_treatment, parse, salt_label
from gateway.agreement.check import present
from gateway.audit import derive_salt, open_commitment
from gateway.errors import VerificationError
from gateway.model import Item, leaf_types, pack_item
from tests.agreement.samples import VALUES, build, field, small

SECRET = bytes(range(32))
KEY = b"k" * 32
LEAVES = leaf_types()
TEXT = [path for path, kind in LEAVES.items() if kind is str]
GENERAL = {str: "prefix:3", int: "band:10", Decimal: "band:5", date: "month", datetime: "day"}
TURNS = 16  # every leaf is withheld in one of these, beside a sixteenth of the others
LEAVING = ("pass", "truncate", "generalise", "pseudonymise")
STRATEGIES = {
    str: st.text(max_size=12) | st.sampled_from(["6205200099", "NL"]),
    int: st.integers(-(2**40), 2**40),
    Decimal: st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
    ),
    date: st.dates(),
    # Converters take no time whose moment in UTC lies outside the years 1 to 9999.
    datetime: st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - the strategy gives the zone
        datetime(9999, 12, 30),  # noqa: DTZ001 - the same
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    ),
}


@st.composite
def items(draw):
    """Draw an item with random leaves, random values and up to three content pieces."""
    paths = draw(st.lists(st.sampled_from(list(LEAVES)), max_size=25, unique=True))
    pieces = draw(st.integers(0, 3))
    return build({path: draw(STRATEGIES[LEAVES[path]]) for path in paths}, pieces=pieces)


@st.composite
def agreements(draw):
    """Draw an agreement with a random treatment for random leaves."""
    paths = draw(st.lists(st.sampled_from(list(LEAVES)), min_size=1, max_size=25, unique=True))
    fields = []
    for path in paths:
        kinds = ["pass", "generalise", "commit", "omit"]
        if path in ("sender.name", "note", "addressee.address.lines", "content[].description"):
            kinds += ["truncate", "pseudonymise"]
        kind = draw(st.sampled_from(kinds))
        parameters = {"generalise": {"rule": GENERAL[LEAVES[path]]}, "truncate": {"length": 3}}.get(kind, {})
        fields.append(field([path], kind, **parameters))
    return parse(small(*fields))


def treat(text, item, secret=SECRET):
    """Treat an item under a small agreement with these fields."""
    return compile_treatment(parse(small(*text)), KEY)(item, secret)


@pytest.mark.parametrize("leaf", LEAVES)
def test_only_the_named_leaf_leaves(leaf, full):
    """Of an item with a value in every leaf, an agreement about one leaf lets out that leaf and no other."""
    treated = treat([field([leaf], "pass")], full)
    assert {path for _, path, _ in present(treated.item)} == {leaf}
    assert {value for _, _, value in present(treated.item)} == {VALUES[LEAVES[leaf]]}
    assert not treated.commitments


@pytest.mark.parametrize("kind", ["omit", "commit", "absent"])
def test_no_leaf_leaves_unless_it_is_named(kind, full):
    """Leaves that are omitted, committed or not named stay, and every other one that may pass leaves."""
    for first in range(TURNS):
        kept = list(LEAVES)[first::TURNS]
        others = field([one for one in LEAVES if one not in kept], "pass")
        own = [] if kind == "absent" else [field(kept, kind)]
        treated = treat([others, *own], full)
        assert {path for _, path, _ in present(treated.item)} == set(LEAVES) - set(kept)
        assert bool(treated.commitments) == (kind == "commit")


@given(agreements(), items())
def test_deny_by_default(agreement, item):
    """Of random items under random agreements only leaves with a leaving treatment come out, never wider."""
    treated = compile_treatment(agreement, KEY)(item, SECRET)
    before = {path: value for path, _, value in present(item)}
    for path, leaf, value in present(treated.item):
        assert agreement.fields[leaf].kind in LEAVING
        if agreement.fields[leaf].kind == "pass":
            assert value == before[path]
    named = {path for path, _, _ in present(item, "", "") if _kind(agreement, path) == "commit"}
    assert {one.path for one in treated.commitments} == named


def _kind(agreement, path):
    """Return the treatment kind of a path with indexes."""
    leaf = path.replace("[0]", "[]").replace("[1]", "[]").replace("[2]", "[]")
    return agreement.fields[leaf].kind if leaf in agreement.fields else None


@given(agreements(), items())
def test_treatment_is_deterministic(agreement, item):
    """Same item, secret, agreement and key give the same bytes, also when compiled anew."""
    one = compile_treatment(agreement, KEY)(item, SECRET)
    other = compile_treatment(agreement, KEY)(item, SECRET)
    assert pack_item(one.item) == pack_item(other.item)
    assert one == other


def test_nothing_of_a_group_leaves_if_nothing_in_it_does():
    """A group without released values is absent, so that not even its existence is told."""
    item = build({"sender.telephone": "1", "sender.address.city": "2", "content[].note": "3"})
    treated = treat([field(["sender.name", "sender.address.country", "transport.mode"], "pass")], item)
    assert treated.item == Item()


def test_pieces_keep_their_places():
    """A content piece whose values are all absent stays, so that indexes mean the same on both sides."""
    item = build({"content[].hs": "620520"}, pieces=2)
    treated = treat([field(["content[].note"], "pass")], item)
    assert len(treated.item.content) == 2
    assert list(present(treated.item)) == []


def test_truncate_cuts_and_says_so():
    """A text is cut to its length, with a finding that names the field and not the text."""
    item = build({"content[].description": "0123456789", "sender.name": "0123"})
    treated = treat([field(["content[].description", "sender.name"], "truncate", length=4)], item)
    assert treated.item.content[1].description == "0123"
    assert treated.item.sender.name == "0123"
    assert [(one.code, one.path, one.actual) for one in treated.findings] == [
        ("AGREEMENT-TRUNCATED", "content[0].description", ""),
        ("AGREEMENT-TRUNCATED", "content[1].description", ""),
    ]


def test_what_cannot_be_generalised_is_withheld():
    """A value without the form of its rule does not leave, and the finding does not hold it."""
    item = build({"content[].hs": "textile", "border_date": date(2026, 11, 22)}, pieces=1)
    fields = [
        field(["content[].hs"], "generalise", rule="hs6"),
        field(["border_date"], "generalise", rule="month"),
    ]
    treated = treat(fields, item)
    assert treated.item.content[0].hs is None
    assert treated.item.border_date == date(2026, 11, 1)
    assert [(one.code, one.path, one.actual) for one in treated.findings] == [
        ("AGREEMENT-NOT-GENERALISED", "content[0].hs", "")
    ]


def test_commitments_open_with_salt_and_value(full):
    """Every committed value opens under the salt of its own path, and under no other."""
    agreement = parse(small(field(list(LEAVES), "commit")))
    treated = compile_treatment(agreement, b"")(full, SECRET)
    assert treated.item == Item()
    values = {path: value for path, _, value in present(full)}
    assert {one.path for one in treated.commitments} == set(values)
    assert len({one.digest for one in treated.commitments}) == len(values)
    for one in treated.commitments:
        salt = derive_salt(SECRET, salt_label("small", one.path))
        open_commitment(one.digest, salt, committed_bytes(values[one.path]))
        with pytest.raises(VerificationError):
            open_commitment(one.digest, derive_salt(SECRET, one.path), committed_bytes(values[one.path]))


def test_erased_item_commits_to_nothing(full):
    """Without its secret an item cannot be committed to; nothing predictable is made instead."""
    with pytest.raises(ValueError, match="32 bytes"):
        treat([field(["note"], "commit")], full, secret=b"")


@given(st.text(min_size=1, max_size=80))
def test_pseudonym_is_keyed_and_fits(name):
    """A pseudonym has the agreed length, one value has one, and key, field and value change it."""
    agreement = parse(small(field(["sender.name", "addressee.name"], "pseudonymise", length=20)))
    item = build({"sender.name": name, "addressee.name": name})
    mine = compile_treatment(agreement, KEY)(item, SECRET).item
    again = compile_treatment(agreement, KEY)(item, bytes(32)).item
    other = compile_treatment(agreement, b"x" * 32)(item, SECRET).item
    assert mine == again
    assert len({mine.sender.name, mine.addressee.name, other.sender.name, other.addressee.name}) == 4
    assert len(mine.sender.name) == 20
    assert set(mine.sender.name) <= set(string.ascii_uppercase + "234567")


def test_short_pseudonym_key_is_refused():
    """A key that could be guessed is refused, but only where pseudonyms are made."""
    with pytest.raises(ValueError, match="32 bytes"):
        compile_treatment(parse(small(field(["sender.name"], "pseudonymise"))), b"short")
    compile_treatment(parse(small(field(["sender.name"], "pass"))), b"")


def test_empty_text_counts_as_absent():
    """An empty text is neither sent nor pseudonymised nor committed to."""
    item = build({"note": "", "sender.name": "", "addressee.name": ""})
    fields = [
        field(["note"], "pass"),
        field(["sender.name"], "pseudonymise"),
        field(["addressee.name"], "commit"),
    ]
    treated = treat(fields, item)
    assert treated.item == Item()
    assert treated.commitments == ()
