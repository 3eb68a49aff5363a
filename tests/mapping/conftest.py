# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A synthetic message that uses every feature of a table."""

from collections.abc import Mapping

import pytest

from gateway.mapping import CompiledTable, Converter, code_map, compile_table, load_table

TABLE = """
[message]
name = "SYN1"
version = "1"
kind = "list"
editions = ["old", "new"]
source = "made for tests"

[[group]]
name = "Head"
min = 1
max = 1
target = ""

[[group.field]]
outside = "guid"
type = "C"
length = [4, 4]
required = true
rule = "H-01"
cite = "clause 1"
note = "Kept on the contribution."

[[group.field]]
outside = "no"
path = "tracking_number"
type = "C"
length = [1, 13]
length_old = [1, 20]
required = true
rule = "H-02"
cite = "clause 2"

[[group.field]]
outside = "mode"
path = "trade_mode"
type = "C"
length = [2, 2]
codes = ["AA", "BB"]
rule = "H-03"
cite = "clause 3"

[[group.field]]
outside = "Party/Name"
path = "sender.name"
type = "C"
length = [1, 10]
overflow = "truncate"
rule = "H-04"
cite = "clause 4"

[[group.field]]
outside = "Party/@scheme"
path = "sender.identifier"
type = "C"
length = [2, 5]
converter = "upper"
rule = "H-05"
cite = "clause 5"

[[group.field]]
constant = "syn"
path = "sender.identifier_scheme"
rule = "H-C1"
cite = "a fact of the message"

[[group.field]]
constant = "export"
path = "direction"
rule = "H-C2"
cite = "a fact of the message"

[[group.field]]
outside = "posted"
path = "posting_date"
type = "D8"
rule = "H-06"
cite = "clause 6"

[[group.field]]
outside = "left"
path = "transport.departed_at"
type = "T14"
rule = "H-07"
cite = "clause 7"

[[group.field]]
outside = "packages"
path = "package_count"
type = "I"
digits = [4, 0]
rule = "H-08"
cite = "clause 8"

[[group.field]]
outside = "gross"
path = "gross_mass.value"
type = "N"
digits = [9, 3]
overflow = "truncate"
rule = "H-09"
cite = "clause 9"

[[group.field]]
constant = "KGM"
path = "gross_mass.unit"
rule = "H-C3"
cite = "a fact of the message"

[[group.field]]
outside = "remark"
path = "note"
type = "C"
length = [0, 30]
keep_empty = true
rule = "H-10"
cite = "clause 10"

[[group.field]]
outside = "bill"
path = "transport.bill_number"
type = "C"
length = [1, 9]
edition = "new"
rule = "H-11"
cite = "clause 11"

[[group]]
name = "Line"
min = 0
max = 3
target = "content[]"

[[group.field]]
outside = "num"
path = "number"
type = "I"
digits = [3, 0]
required = true
rule = "L-01"
cite = "clause 20"

[[group.field]]
outside = "cur"
path = "value.currency"
type = "C"
length = [3, 3]
codelist = "currency"
rule = "L-02"
cite = "clause 21"

[[group.field]]
outside = "cur"
path = "unit_price.currency"
type = "C"
length = [3, 3]
codelist = "currency"
rule = "L-03"
cite = "clause 21"

[[group.field]]
outside = "total"
path = "value.amount"
type = "N"
digits = [7, 2]
signed = true
rule = "L-04"
cite = "clause 22"

[[group.field]]
outside = "price"
path = "unit_price.amount"
type = "N"
digits = [7, 2]
rule = "L-05"
cite = "clause 23"

[[group.field]]
outside = "qty"
path = "quantity.value"
type = "N"
digits = [7, 2]
required = true
rule = "L-06"
cite = "clause 24"

[[group.field]]
outside = "unit"
path = "quantity.unit"
type = "C"
length = [3, 3]
codelist = "unit"
unknown = "keep:SYN"
rule = "L-07"
cite = "clause 25"
"""


@pytest.fixture(name="converters")
def _converters() -> Mapping[str, Converter]:
    return {
        "currency": code_map("currency", {"142": "CNY", "300": "EUR"}),
        "unit": code_map("unit", [("007", "C62"), ("011", "C62"), ("035", "KGM")]),
    }


@pytest.fixture(name="text")
def _text() -> str:
    return TABLE


@pytest.fixture(name="table")
def _table(converters):
    return load_table(TABLE.encode(), converters)


@pytest.fixture(name="syn")
def _syn(table) -> CompiledTable:
    return compile_table(table, "new")


@pytest.fixture(name="head")
def _head() -> dict[str, str]:
    return {
        "guid": "G001",
        "no": "RR123",
        "mode": "AA",
        "Party/Name": "Kiln",
        "Party/@scheme": "AB1",
        "posted": "20260301",
        "left": "20260302030405",
        "packages": "2",
        "gross": "1.250",
        "remark": "as agreed",
        "bill": "B1",
    }


@pytest.fixture(name="line")
def _line() -> dict[str, str]:
    return {
        "num": "1",
        "cur": "142",
        "total": "10.50",
        "price": "5.25",
        "qty": "2",
        "unit": "007",
    }
