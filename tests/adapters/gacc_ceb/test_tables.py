# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from adapters.gacc_ceb import adapter
from adapters.gacc_ceb.catalogue import MESSAGES, compiled


@pytest.mark.parametrize(
    ("name", "group", "count"),
    [
        ("CEB603", "InventoryHead", 48),
        ("CEB603", "InventoryList", 19),
        ("CEB621", "InventoryHead", 47),
        ("CEB621", "InventoryList", 20),
        ("CEB303", "OrderHead", 14),
        ("CEB303", "OrderList", 11),
        ("CEB213", "InvtRefundHead", 28),
        ("CEB213", "InvtRefundList", 11),
        ("CEB625", "InvtRefundList", 6),
    ],
)
def test_a_group_has_as_many_fields_as_the_schema(name, group, count) -> None:
    """The tables hold all fields of the published groups, no more and no fewer."""
    assert len(compiled(name).fields(group)) == count


def test_every_message_has_a_table_of_its_own_name() -> None:
    """The adapter offers one table per request message."""
    tables = adapter.tables()
    assert set(tables) == set(MESSAGES)
    assert all(table.name == name for name, table in tables.items())


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_opening_fields_come_first(name) -> None:
    """The fields guid, appType, appTime and appStatus open every document but those that customs push."""
    if MESSAGES[name].pushed:
        assert compiled(name).fields(MESSAGES[name].head)[0] == "guid"
        return
    assert compiled(name).fields(MESSAGES[name].head)[:4] == ("guid", "appType", "appTime", "appStatus")


@pytest.mark.parametrize(
    ("name", "most"),
    [("CEB213", 100), ("CEB303", 100), ("CEB603", 100), ("CEB311", 99), ("CEB621", 99), ("CEB625", 99)],
)
def test_lines_are_limited_by_direction(name, most) -> None:
    """An export document has up to 100 lines, an import document up to 99."""
    assert adapter.tables()[name].groups[-1].max == most


def test_the_destination_of_an_export_line_is_the_origin_of_an_import_line() -> None:
    """The same element name country has different meanings in CEB603 and CEB621."""
    export = {row.outside: row.path for row in adapter.tables()["CEB603"].groups[1].rows}
    arriving = {row.outside: row.path for row in adapter.tables()["CEB621"].groups[1].rows}
    assert export["country"] == "content[].destination_country"
    assert arriving["country"] == "content[].origin_country"


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_table_and_catalogue_agree(name) -> None:
    """Table and catalogue say the same of what a message becomes, and name fields that are there."""
    message, table = MESSAGES[name], adapter.tables()[name]
    assert table.kind == (message.kind or "")
    assert tuple(group.name for group in table.groups) == message.groups
    unmapped = {row.outside for row in table.groups[0].rows if row.outside and not row.path}
    assert set(message.carried) <= unmapped
    assert {message.own_number} - {""} <= unmapped
    assert set(message.named) - {""} <= set(compiled(name).fields(message.head))


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_no_field_about_a_person_is_carried_as_a_statement(name) -> None:
    """Names, numbers, telephones and addresses of people have canonical places or none."""
    people = ("buyer", "payer", "consignee", "telephone")
    assert not [one for one in MESSAGES[name].carried if one.lower().startswith(people)]


@pytest.mark.parametrize("name", ["CEB213", "CEB215"])
def test_returns_of_exports_came_with_the_edition_of_2022(name) -> None:
    """The edition of 2018 has neither CEB213 nor CEB215."""
    assert adapter.tables()[name].editions == ("2022",)
