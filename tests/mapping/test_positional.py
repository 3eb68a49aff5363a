# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from gateway.mapping.positional import WORTH

HEAD = {"guid": "ABCD", "no": "LX1", "posted": "20261102", "packages": "2", "gross": "0.125"}
LINE = {"num": "1", "cur": "142", "total": "10.50", "qty": "2", "unit": "007"}


def _read(table, head, *lines):
    """Read a document by place, the last of many in its order."""
    written = [(tuple(one), tuple(one.values())) for one in (head, *lines)]
    return [table.read(written[0], written[1:]) for _ in range(WORTH + 1)][-1]


def test_what_is_read_by_place_is_what_is_read_by_name(syn) -> None:
    """Fields that are there, constants beside them and lines give the same item on both ways."""
    item, found = syn.decode({"Head": [HEAD], "Line": [LINE, LINE]})
    assert not found
    assert _read(syn, HEAD, LINE, LINE) == item


def test_a_constant_alone_makes_no_record(syn) -> None:
    """A unit without its number, or a scheme without its identifier, is not in the item."""
    item = _read(syn, {"guid": "ABCD", "no": "LX1"})
    assert item == syn.decode({"Head": [{"guid": "ABCD", "no": "LX1"}]})[0]
    assert (item.gross_mass, item.sender) == (None, None)


@pytest.mark.parametrize(
    "head",
    [
        {"no": "LX1", "guid": "ABCD"},
        {"guid": "ABCD"},
        {"guid": "ABCD", "no": ""},
        {"guid": "ABCD", "no": " LX1"},
        {"guid": "ABCD", "no": "LX1", "other": "1"},
        {"guid": "ABCD", "no": "LX1", "mode": "CC"},
        {"guid": "ABCD", "no": "LX1", "posted": "20261302"},
        {"guid": "ABCD", "no": "LX1", "gross": "0.1255"},
    ],
)
def test_what_has_a_fault_is_left_to_the_full_way(syn, head) -> None:
    """Order, absence, blanks, unknown fields and values: the short way says nothing of them."""
    assert _read(syn, head) is None


def test_too_many_lines_are_left_to_the_full_way(syn) -> None:
    """A document with more lines than the table allows is not sound."""
    assert _read(syn, HEAD, *[LINE] * 3) is not None
    assert _read(syn, HEAD, *[LINE] * 4) is None


def test_an_order_that_comes_seldom_has_no_function(syn) -> None:
    """Documents in ever new orders are read by name; one that stays is read by place."""
    written = (tuple(HEAD), tuple(HEAD.values()))
    assert [syn.read(written, []) for _ in range(WORTH - 1)] == [None] * (WORTH - 1)
    assert syn.read(written, []) is not None
