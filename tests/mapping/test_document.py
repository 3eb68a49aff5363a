# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a table says to people."""

import pytest

from gateway.errors import ConfigError
from gateway.mapping import compile_table, document_table, explain, explain_outside


def test_the_documentation_has_every_row_and_citation(table):
    """Each rule id, field, canonical path, citation and note stands in the Markdown."""
    text = document_table(table)
    for row in table.rules.values():
        (line,) = [one for one in text.splitlines() if one.startswith(f"| {row.rule} |")]
        assert row.cite in line
        assert row.note in line
        assert row.path in line
        assert row.limits in line
        assert line.count(" | ") == 9
    assert table.digest in text
    assert "old: length 1 to 20" in text
    assert "unknown codes kept as" in text


def test_a_canonical_path_is_explained(table):
    """Rows are found by leaf or by the record above it."""
    assert [row.rule for row in explain(table, "content[].value.amount")] == ["L-04"]
    assert [row.rule for row in explain(table, "content")] == [f"L-0{number}" for number in range(1, 8)]
    assert [row.rule for row in explain(table, "sender")] == ["H-04", "H-05", "H-C1"]
    assert explain(table, "note_") == ()
    assert "Line/total <-> content[].value.amount" in str(explain(table, "content[].value.amount")[0])


def test_an_outside_field_is_explained(table):
    """Rows are found by the field's name, alone or with its group."""
    assert [row.rule for row in explain_outside(table, "cur")] == ["L-02", "L-03"]
    assert [row.rule for row in explain_outside(table, "Head/Party/Name")] == ["H-04"]


def test_an_unknown_edition_is_refused(table):
    """Only the editions of the table can be compiled."""
    with pytest.raises(ConfigError, match="it has old, new"):
        compile_table(table, "2030")
