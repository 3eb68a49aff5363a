# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Each fault of a table is found when it is loaded, and all faults are named at once."""

import hashlib

import pytest

from gateway.errors import ConfigError
from gateway.mapping import Plain, load_table

HEAD_2 = 'rule = "H-02"'

MUTATIONS = {
    "not TOML": ("[message]", "[message"),
    "unknown top key": ("[message]", "x = 1\n[message]"),
    "unknown message key": ('name = "SYN1"', 'name = "SYN1"\nnmae = "x"'),
    "missing version": ('version = "1"\n', ""),
    "empty name": ('name = "SYN1"', 'name = ""'),
    "unknown kind": ('kind = "list"', 'kind = "lists"'),
    "no editions": ('editions = ["old", "new"]', "editions = []"),
    "edition twice": ('editions = ["old", "new"]', 'editions = ["new", "new"]'),
    "version as number": ('version = "1"', "version = 1"),
    "unknown group key": ('name = "Line"', 'name = "Line"\nmaximum = 3'),
    "group twice": ('name = "Line"', 'name = "Head"'),
    "min above max": ("min = 0\nmax = 3", "min = 4\nmax = 3"),
    "max zero": ("min = 0\nmax = 3", "min = 0\nmax = 0"),
    "min as truth": ("min = 0\nmax = 3", "min = true\nmax = 3"),
    "unknown target": ('target = "content[]"', 'target = "contents[]"'),
    "target inside a repetition": ('target = "content[]"', 'target = "content[].value"'),
    "repeated group that is not last": ("min = 1\nmax = 1", "min = 1\nmax = 2"),
    "unknown row key": (HEAD_2, HEAD_2 + "\nlenght = [1, 2]"),
    "no rule": (HEAD_2 + "\n", ""),
    "rule twice": (HEAD_2, 'rule = "H-01"'),
    "empty rule": (HEAD_2, 'rule = ""'),
    "no citation": ('cite = "clause 2"\n', ""),
    "unknown path": ('path = "tracking_number"', 'path = "trackingnumber"'),
    "path twice": ('path = "trade_mode"', 'path = "tracking_number"'),
    "neither outside nor constant": ('outside = "no"\n', ""),
    "pathless without note": ('note = "Kept on the contribution."\n', ""),
    "unknown type": ('type = "D8"', 'type = "D6"'),
    "type clash": ('path = "posting_date"', 'path = "order_number"'),
    "C without length": ("length = [4, 4]\n", ""),
    "length reversed": ("length = [4, 4]", "length = [5, 4]"),
    "length of three": ("length = [4, 4]", "length = [1, 4, 5]"),
    "length as text": ("length = [4, 4]", 'length = "4"'),
    "length for a number": ("digits = [4, 0]", "digits = [4, 0]\nlength = [1, 2]"),
    "digits for a text": ("length = [4, 4]", "length = [4, 4]\ndigits = [4, 0]"),
    "fraction of an integer": ("digits = [4, 0]", "digits = [4, 1]"),
    "fraction above total": ("digits = [9, 3]", "digits = [2, 3]"),
    "no digits": ("digits = [9, 3]\n", ""),
    "override of an unknown edition": ("length_old = [1, 20]", "length_odd = [1, 20]"),
    "faulty override": ("length_old = [1, 20]", "length_old = [20, 1]"),
    "override of the wrong kind": ("length_old = [1, 20]", "digits_old = [20, 1]"),
    "unknown converter": ('converter = "upper"', 'converter = "uper"'),
    "converter and code list": ('codelist = "unit"', 'codelist = "unit"\nconverter = "upper"'),
    "unknown code list": ('codelist = "unit"', 'codelist = "units"'),
    "code list that is no map": ('codelist = "unit"\nunknown = "keep:SYN"', 'codelist = "upper"'),
    "codes and code list": ('codelist = "unit"', 'codelist = "unit"\ncodes = ["007"]'),
    "empty codes": ('codes = ["AA", "BB"]', "codes = []"),
    "code twice": ('codes = ["AA", "BB"]', 'codes = ["AA", "AA"]'),
    "code too long": ('codes = ["AA", "BB"]', 'codes = ["AA", "BBB"]'),
    "unknown without a code map": ('converter = "upper"', 'converter = "upper"\nunknown = "keep:SYN"'),
    "unknown in another form": ('unknown = "keep:SYN"', 'unknown = "SYN"'),
    "unknown overflow": ('overflow = "truncate"', 'overflow = "cut"'),
    "truncated date": ('type = "D8"', 'type = "D8"\noverflow = "truncate"'),
    "signed text": ("length = [4, 4]", "length = [4, 4]\nsigned = true"),
    "keep_empty and required": ("keep_empty = true", "keep_empty = true\nrequired = true"),
    "keep_empty and converter": ("keep_empty = true", 'keep_empty = true\nconverter = "upper"'),
    "required as text": ("required = true", 'required = "yes"'),
    "unknown edition": ('edition = "new"', 'edition = "newer"'),
    "empty constant": ('constant = "syn"', 'constant = ""'),
    "constant and outside": ('constant = "syn"', 'constant = "syn"\noutside = "x"'),
    "constant with type": ('constant = "syn"', 'constant = "syn"\ntype = "C"'),
    "constant without path": ('constant = "syn"\npath = "sender.identifier_scheme"', 'constant = "syn"'),
    "constant for a number": ('path = "gross_mass.unit"', 'path = "net_mass.value"'),
    "idle constant": ('path = "gross_mass.unit"', 'path = "net_mass.unit"'),
    "same field, other limits": (
        'length = [3, 3]\ncodelist = "currency"\nrule = "L-03"',
        'length = [3, 4]\ncodelist = "currency"\nrule = "L-03"',
    ),
}


def test_the_table_itself_is_faultless(table, text):
    """The table that the mutations start from loads, and its digest is that of its bytes."""
    assert table.name == "SYN1"
    assert table.digest == hashlib.sha256(text.encode()).hexdigest()
    assert [group.name for group in table.groups] == ["Head", "Line"]
    assert table.rules["L-04"].path == "content[].value.amount"


@pytest.mark.parametrize("fault", MUTATIONS)
def test_a_fault_is_found(fault, text, converters):
    """A table with one fault is refused with a MAPPING-TABLE finding that says where."""
    old, new = MUTATIONS[fault]
    assert old in text
    with pytest.raises(ConfigError) as caught:
        load_table(text.replace(old, new, 1).encode(), converters)
    assert caught.value.findings
    assert {one.code for one in caught.value.findings} == {"MAPPING-TABLE"}
    assert all(one.path for one in caught.value.findings)


def test_all_faults_are_named_at_once(text, converters):
    """The error lists every fault, not the first, and proposes the nearest known name."""
    wrong = text.replace('path = "trade_mode"', 'path = "trade_mod"').replace('type = "D8"', 'type = "D9"')
    wrong = wrong.replace('converter = "upper"', 'converter = "uper"').replace('kind = "list"', 'kind = "x"')
    with pytest.raises(ConfigError) as caught:
        load_table(wrong.encode(), converters)
    assert len(caught.value.findings) == 4
    assert "nearest trade_mode" in str(caught.value)
    assert "nearest upper" in str(caught.value)
    assert "group[1].field[3] (H-03)" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "message = 1\ngroup = 1",
        "[message]\n[[group]]\n[[group.field]]",
        "group = [1]",
        "[[group]]\nfield = [1]",
        "\x00",
    ],
)
def test_a_table_of_another_shape_is_refused_without_surprise(body):
    """Whatever the TOML holds, the answer is a ConfigError."""
    with pytest.raises(ConfigError):
        load_table(body.encode())


def test_a_file_may_be_named(tmp_path, text, converters):
    """A path is read; bytes are taken as they are."""
    (tmp_path / "t.toml").write_text(text, encoding="utf-8")
    assert load_table(tmp_path / "t.toml", converters) == load_table(text.encode(), converters)


def test_a_converter_of_another_type_is_refused(text, converters):
    """A converter must yield the type of the canonical leaf."""
    with pytest.raises(ConfigError, match="yields str"):
        load_table(text.encode(), {**converters, "upper": Plain("upper", int, int, str)})
