# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A record of which a table knows nothing but what repeats inside it."""

from gateway.mapping import CompiledTable, compile_table, load_table
from gateway.model import Filing, Item, Statement

TABLE = """
[message]
name = "SYN3"
version = "1"
kind = ""
editions = ["1"]
source = "made for tests"

[[group]]
name = ""
min = 1
max = 1
target = ""

[[group.field]]
outside = "no"
path = "tracking_number"
length = [1, 9]
rule = "1"
cite = "clause"

[[group]]
name = "Said"
min = 0
max = 9
target = "filing.statements[]"

[[group.field]]
outside = "text"
path = "text"
length = [1, 9]
rule = "2"
cite = "clause"
"""


def test_a_record_of_repetitions_only_is_there_if_one_is() -> None:
    """The record appears with its first repetition, goes without any, and comes back as it was."""
    table: CompiledTable = compile_table(load_table(TABLE.encode()), "1")
    full = {"": [{"no": "R1"}], "Said": [{"text": "one"}, {"text": "two"}]}
    item = Item(
        tracking_number="R1", filing=Filing(statements=(Statement(text="one"), Statement(text="two")))
    )
    assert table.decode(full) == (item, [])
    assert table.encode(item) == (full, [], [])
    assert table.decode({"": [{"no": "R1"}]}) == (Item(tracking_number="R1"), [])
