# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The recipient's check: what the sender's treatment makes is accepted, everything wider is named."""

from decimal import Decimal

import msgspec
import pytest

from gateway.agreement import check_release, compile_treatment, parse
from gateway.model import ContentPiece, FieldCommitment, Item, Party, Release, ReleaseFunction, leaf_types
from tests.agreement.samples import REST, VALUES, build, field, small

SECRET = bytes(range(32))
KEY = b"k" * 32
LEAVES = leaf_types()


def release(item, commitments=(), function=ReleaseFunction.ORIGINAL):
    """Return a release of an item."""
    return Release(reference="r", version=1, function=function, item=item, commitments=tuple(commitments))


def found(agreement, *args, **kwargs):
    """Return (code, path) of every finding about a release."""
    return [(one.code, one.path) for one in check_release(agreement, release(*args, **kwargs))]


@pytest.mark.parametrize("name", ["export", "returns"])
def test_treated_item_is_accepted(name, full, request):
    """What the sender's own treatment makes of a full item has no findings, whatever the treatment."""
    agreement = request.getfixturevalue(name)
    treated = compile_treatment(agreement, KEY)(full, SECRET)
    assert found(agreement, treated.item, treated.commitments) == []


def test_untreated_item_is_refused_leaf_by_leaf(export, full):
    """Of an untreated full item, every leaf without a leaving treatment is forbidden, with its index."""
    refused = {path for code, path in found(export, full) if code == "AGREEMENT-FORBIDDEN-FIELD"}
    kinds = {path: one.kind for path, one in export.fields.items()}
    expected = {path for path in LEAVES if kinds.get(path, "omit") in {"omit", "commit"}}
    assert {path.replace("[0]", "[]").replace("[1]", "[]") for path in refused} == expected
    assert "content[1].unit_price.amount" in refused


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_forbidden_leaf_is_found(leaf):
    """Whichever single leaf is not agreed, its presence is found."""
    agreement = parse(small(field([one for one in LEAVES if one != leaf], "pass")))
    item = build({leaf: VALUES[LEAVES[leaf]]}, pieces=1)
    assert found(agreement, item) == [("AGREEMENT-FORBIDDEN-FIELD", leaf.replace("[]", "[0]"))]


@pytest.mark.parametrize(
    ("leaf", "treatment", "parameters", "good", "bad"),
    [
        ("sender.name", "truncate", {"length": 4}, "abcd", "abcde"),
        ("content[].hs", "generalise", {"rule": "hs6"}, "620520", "62052000"),
        ("content[].hs", "generalise", {"rule": "hs6"}, "6205", "shirts"),
        ("goods_value.amount", "generalise", {"rule": "band:50"}, Decimal("100.0"), Decimal("90.00")),
        ("sender.name", "pseudonymise", {"length": 16}, "A" * 16, "Sample Sender Ltd"),
        ("sender.name", "pseudonymise", {"length": 16}, "B234567" + "C" * 9, "A" * 15),
    ],
)
def test_wider_values_are_found(leaf, treatment, parameters, good, bad):
    """A value that its treatment could not have made is too wide; one that it could is accepted."""
    agreement = parse(small(field([leaf], treatment, **parameters)))
    assert found(agreement, build({leaf: good}, pieces=1)) == []
    assert found(agreement, build({leaf: bad}, pieces=1)) == [
        ("AGREEMENT-TOO-WIDE", leaf.replace("[]", "[0]"))
    ]


def test_findings_hold_no_values(export, full):
    """What is wrong is said without repeating the value."""
    for one in check_release(export, release(full)):
        assert str(VALUES[str]) not in one.actual + one.expected


def test_commitments_must_have_their_form():
    """A commitment is 32 bytes, about a committed field of a piece that is there, and stands once."""
    fields = [
        field(["content[].unit_price.amount", "ucr"], "commit"),
        field(["content[].hs", "note"], "pass"),
    ]
    agreement = parse(small(*fields))
    item = Item(content=(ContentPiece(hs="620520"),))
    digest = bytes(32)
    good = [FieldCommitment(path=path, digest=digest) for path in ("content[0].unit_price.amount", "ucr")]
    assert found(agreement, item, good) == []
    for path in (
        "content[1].unit_price.amount",
        "note",
        "unknown",
        "content[].hs",
        "content[x].hs",
        "content[00].hs",
        "",
    ):
        bad = FieldCommitment(path=path, digest=digest)
        assert found(agreement, item, [*good, bad]) == [("AGREEMENT-COMMITMENT-FORM", path)]
    assert found(agreement, item, [*good, good[1]]) == [("AGREEMENT-COMMITMENT-FORM", "ucr")]
    short = FieldCommitment(path="ucr", digest=bytes(31))
    assert found(agreement, item, [short]) == [("AGREEMENT-COMMITMENT-FORM", "ucr")]


@pytest.mark.parametrize(
    ("then", "code"), [("drop", "AGREEMENT-REQUIRED-MISSING"), ("send", "AGREEMENT-INCOMPLETE")]
)
def test_required_fields(then, code):
    """An absent required field is an error, or a warning where it may; a cancellation needs none."""
    required = ["tracking_number", "content[].value.amount", "ucr"]
    rest = REST.replace("required = []", f"required = {required!r}").replace('"drop"', f'"{then}"')
    fields = [
        field(["tracking_number", "content[].hs"], "pass"),
        field(["content[].value.amount", "ucr"], "commit"),
    ]
    agreement = parse(small(*fields, rest=rest))
    item = build({"tracking_number": "LP123456785CN", "content[].hs": "620520"})
    paths = ["ucr", "content[0].value.amount", "content[1].value.amount"]
    commitments = [FieldCommitment(path=path, digest=bytes(32)) for path in paths]
    assert found(agreement, item, commitments) == []
    assert found(agreement, item, commitments[:2]) == [(code, "content[].value.amount")]
    assert found(agreement, Item()) == [(code, path) for path in required]
    assert found(agreement, Item(), function=ReleaseFunction.CANCELLATION) == []


def test_empty_groups_and_texts_are_harmless(export):
    """A group or text without content is no field."""
    item = Item(payer=Party(name=""), note="")
    assert [code for code, _ in found(export, item) if code != "AGREEMENT-INCOMPLETE"] == []


def test_check_is_the_same_after_the_wire(export, full):
    """A released item that was written and read again is still accepted."""
    treated = compile_treatment(export, KEY)(full, SECRET)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(treated.item), type=Item)
    assert found(export, again, treated.commitments) == []
