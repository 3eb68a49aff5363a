# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Agreement texts: what is read, and that every fault is found at once with its place."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement import TreatmentKind, parse
from gateway.errors import ConfigError
from gateway.model import leaf_types
from tests.agreement.samples import HEAD, REST, SAMPLES, field, small

PASS = field(["tracking_number"], "pass")
UNTIL = "2027-01-01"
BAND = REST + '[[match.value]]\ncurrency = "EUR"\n'


def faults(raw):
    """Return (code, path) of every fault of a text."""
    with pytest.raises(ConfigError) as raised:
        parse(raw)
    return [(one.code, one.path) for one in raised.value.findings]


def test_samples_are_good_and_use_every_treatment(export, returns):
    """Both published samples are read; together they show all six treatments."""
    assert {one.kind for agreement in (export, returns) for one in agreement.fields.values()} == set(
        TreatmentKind
    )
    assert export.channel == "customs-cn/customs-nl/item"
    assert returns.channel == "customs-nl/customs-cn/item"
    assert export.digest == hashlib.sha256((SAMPLES / "cn-nl-export-v1.toml").read_bytes()).digest()


def test_dates_are_aware():
    """A plain date is its first moment in UTC, a time with offset is that moment."""
    agreement = parse(small(PASS, head=HEAD.replace("= 2027-01-01", "= 2027-01-01T00:00:00+08:00")))
    assert agreement.effective_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert agreement.effective_until == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_groups_are_expanded_to_leaves():
    """A group stands for exactly the leaves below it."""
    agreement = parse(small(field(["sender.address.*"], "pass")))
    assert list(agreement.fields) == [one for one in leaf_types() if one.startswith("sender.address.")]
    assert len(agreement.fields) == 7


def test_agreements_are_equal_by_their_text():
    """Two readings of one text are equal; a space more is another agreement."""
    assert parse(small(PASS)) == parse(small(PASS))
    assert hash(parse(small(PASS))) == hash(parse(small(PASS)))
    assert parse(small(PASS)) != parse(small(PASS) + b"\n")


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("tracking_nummer", "tracking_number"),
        ("sender.city", "sender.address.city"),
        ("content.hs", "content[].hs"),
        ("addresee.adress.*", "addressee.address.*"),
        ("content[].hscode", "content[].hs"),
        ("sender", "sender.name"),
        ("*", "content[].*"),
    ],
)
def test_unknown_path_names_the_nearest(path, nearest):
    """A path that is no leaf and no group is refused with a known path."""
    with pytest.raises(ConfigError) as raised:
        parse(small(field([path], "pass")))
    found = raised.value.findings[0]
    assert (found.code, found.path, found.actual) == ("AGREEMENT-UNKNOWN-PATH", "field[0].paths", path)
    if nearest != "content[].*" and path != "sender":
        assert found.expected == nearest
    assert found.expected


@pytest.mark.parametrize(
    ("treatment", "paths", "parameters", "key"),
    [
        ("truncate", ["goods_value.amount"], {"length": 5}, "treatment"),
        ("truncate", ["posting_date"], {"length": 5}, "treatment"),
        ("truncate", ["destination_country"], {"length": 1}, "treatment"),
        ("pseudonymise", ["package_count"], {}, "treatment"),
        ("pseudonymise", ["sender.address.country"], {}, "treatment"),
        ("pseudonymise", ["goods_value.currency"], {}, "treatment"),
        ("generalise", ["posting_date"], {"rule": "hs6"}, "rule"),
        ("generalise", ["posting_date"], {"rule": "day"}, "rule"),
        ("generalise", ["content[].hs"], {"rule": "band:10"}, "rule"),
        ("generalise", ["content[].hs"], {"rule": "hs5"}, "rule"),
        ("generalise", ["content[].hs"], {"rule": "hs6:1"}, "rule"),
        ("generalise", ["goods_value.amount"], {"rule": "band"}, "rule"),
        ("generalise", ["goods_value.amount"], {"rule": "band:0"}, "rule"),
        ("generalise", ["goods_value.amount"], {"rule": "band:-5"}, "rule"),
        ("generalise", ["goods_value.amount"], {"rule": "band:NaN"}, "rule"),
        ("generalise", ["package_count"], {"rule": "band:1.5"}, "rule"),
        ("generalise", ["sender.address.postcode"], {"rule": "prefix:0"}, "rule"),
        ("generalise", ["sender.address.postcode"], {"rule": "prefix:x"}, "rule"),
    ],
)
def test_treatment_must_suit_the_type(treatment, paths, parameters, key):
    """A treatment that the type of the field cannot bear is refused."""
    assert faults(small(field(paths, treatment, **parameters))) == [
        ("AGREEMENT-TREATMENT", f"field[0].{key}")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (small(PASS, head=HEAD.replace('id = "small"', 'id = "../x"')), ("AGREEMENT-VALUE", "id")),
        (small(PASS, head=HEAD.replace("version = 1", "version = 0")), ("AGREEMENT-VALUE", "version")),
        (small(PASS, head=HEAD.replace("version = 1", "version = true")), ("AGREEMENT-VALUE", "version")),
        (small(PASS, head=HEAD.replace("customs-nl", "customs-cn")), ("AGREEMENT-VALUE", "recipient")),
        (small(PASS, head=HEAD.replace("customs-nl", "a/b")), ("AGREEMENT-VALUE", "recipient")),
        (small(PASS, head=HEAD.replace('purpose = "test"', "")), ("AGREEMENT-MISSING-KEY", "purpose")),
        (small(PASS, head=HEAD.replace('"test"', '" "')), ("AGREEMENT-VALUE", "purpose")),
        (small(PASS, head=HEAD.replace("2027-01-01", "2025-01-01")), ("AGREEMENT-DATES", "effective_until")),
        (small(PASS, head=HEAD.replace(UNTIL, f"{UNTIL}T00:00:00")), ("AGREEMENT-VALUE", "effective_until")),
        (small(PASS, head=HEAD.replace('"push"', '"pull"')), ("AGREEMENT-VALUE", "trigger")),
        (small(PASS, head=HEAD.replace('"none"', '"named"')), ("AGREEMENT-VALUE", "onward_agencies")),
        (small(PASS, head=HEAD.replace("p256+mldsa65", "rsa")), ("AGREEMENT-VALUE", "policy")),
        (small(PASS, head=HEAD + "retention_day = 3\n"), ("AGREEMENT-UNKNOWN-KEY", "retention_day")),
        (small(PASS, rest=REST.replace('["NL"]', "[]")), ("AGREEMENT-VALUE", "match.destinations")),
        (small(PASS, rest=REST.replace('["NL"]', '"NL"')), ("AGREEMENT-VALUE", "match.destinations")),
        (small(PASS, rest=REST.replace("3600", "-1")), ("AGREEMENT-VALUE", "wait.limit_seconds")),
        (small(PASS, rest=REST.replace('"drop"', '"keep"')), ("AGREEMENT-VALUE", "wait.then")),
        (small(PASS, rest=REST.replace("[]", '["ucr"]')), ("AGREEMENT-REQUIRED-NOT-SHARED", "wait.required")),
        (small(PASS, rest=REST.replace("[]", '["sender.nam"]')), ("AGREEMENT-UNKNOWN-PATH", "wait.required")),
        (small(PASS, rest=REST.replace("[]", '["sender.*"]')), ("AGREEMENT-UNKNOWN-PATH", "wait.required")),
        (small(PASS, rest=REST + "[batch]\nsize = 257\n"), ("AGREEMENT-VALUE", "batch.size")),
        (small(PASS, rest=BAND + "minimum = 1.5\n"), ("AGREEMENT-VALUE", "match.value[0].minimum")),
        (small(PASS, rest=BAND + "minimum=9\nmaximum=1\n"), ("AGREEMENT-VALUE", "match.value[0].maximum")),
        (small(PASS, PASS), ("AGREEMENT-DUPLICATE-PATH", "field[1].paths")),
        (small(field(["sender.name", "sender.*"], "pass")), ("AGREEMENT-DUPLICATE-PATH", "field[0].paths")),
        (small(), ("AGREEMENT-MISSING-KEY", "field")),
        (small(field(["sender.name"], "encrypt")), ("AGREEMENT-VALUE", "field[0].treatment")),
        (small(field(["sender.name"], "truncate")), ("AGREEMENT-MISSING-KEY", "field[0].length")),
        (small(field(["sender.name"], "pass", length=3)), ("AGREEMENT-UNKNOWN-KEY", "field[0].length")),
        (small(field(["sender.name"], "pseudonymise", length=4)), ("AGREEMENT-VALUE", "field[0].length")),
        (small(field([], "pass")), ("AGREEMENT-VALUE", "field[0].paths")),
        (b"id = ", ("AGREEMENT-SYNTAX", "")),
        (b"\xff\xfe", ("AGREEMENT-SYNTAX", "")),
        (b"#" * 300_000, ("AGREEMENT-SYNTAX", "")),
    ],
)  # fmt: skip
def test_faults_have_code_and_place(text, expected):
    """Each fault has its own code and stands at its key."""
    assert expected in faults(text)


def test_every_fault_is_reported_at_once():
    """A text with several faults is refused with all of them, not with the first."""
    text = small(
        field(["sender.nam"], "pass"), field(["posting_date"], "truncate", length=1), rest=REST + "[bach]\n"
    )
    codes = {code for code, _ in faults(text)}
    assert codes == {"AGREEMENT-UNKNOWN-PATH", "AGREEMENT-TREATMENT", "AGREEMENT-UNKNOWN-KEY"}


def test_unknown_key_names_the_nearest():
    """The finding of an unknown key suggests a known one."""
    with pytest.raises(ConfigError) as raised:
        parse(small(PASS, head=HEAD + "retention_day = 3\n"))
    assert raised.value.findings[0].expected == "perhaps retention_days"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_refused_in_order(raw):
    """Arbitrary bytes never raise anything but a refusal with findings."""
    assert faults(raw)


RECORD_GROUPS = ("event", "dispatch", "assessment", "answer", "control")
ABOUT = REST.replace('destinations = ["NL"]', 'about = "either"')


@pytest.mark.parametrize("record", RECORD_GROUPS)
def test_records_hold_their_own_group_and_identification(record):
    """An agreement about a record names what identifies the item, and the group of that record alone."""
    head = HEAD.replace('record = "item"', f'record = "{record}"')
    own = field(["tracking_number", "posting_date", "mrn", "destination_country", f"{record}.*"], "pass")
    agreement = parse(small(own, head=head, rest=ABOUT))
    assert (agreement.record, agreement.match.about) == (record, "either")
    assert agreement.channel == f"customs-cn/customs-nl/{record}"
    assert {one for one in leaf_types() if one.startswith(f"{record}.")} < set(agreement.fields)
    others = [f"{one}.*" for one in RECORD_GROUPS if one != record]
    for path in (*others, "sender.name", "note"):
        found = faults(small(own, field([path], "pass"), head=head, rest=ABOUT))
        assert {code for code, _ in found} == {"AGREEMENT-RECORD-PATH"}


def test_unknown_record_is_one_fault():
    """A record that does not exist is named once, without a fault for each of its fields."""
    head = HEAD.replace('record = "item"', 'record = "parcel"')
    assert faults(small(PASS, head=head)) == [("AGREEMENT-VALUE", "record")]


def test_about_is_for_records_that_are_no_items():
    """Items are not about items, and only sent, received and either can be asked."""
    both = REST.replace('destinations = ["NL"]', 'destinations = ["NL"]\nabout = "sent"')
    assert faults(small(PASS, rest=both)) == [("AGREEMENT-VALUE", "match.about")]
    head = HEAD.replace('record = "item"', 'record = "event"')
    wrong = ABOUT.replace("either", "always")
    assert ("AGREEMENT-VALUE", "match.about") in faults(small(PASS, head=head, rest=wrong))
    assert parse(small(PASS, head=head)).match.about == ""
