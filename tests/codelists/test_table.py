# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Loading, translating and overriding code lists."""

from datetime import date
from pathlib import Path

import pytest

from gateway.codelists import Status, load, names, packaged_rows
from gateway.errors import ConfigError

DAY = date(2026, 11, 22)
HEAD = '\n[list]\ntitle = "t"\nsource = "s"\nstatus = "unverified"\n'


def write(folder: Path, rows: str, name: str = "own") -> Path:
    """Write a list of an operator."""
    (folder / f"{name}.toml").write_text(f"rows = [{rows}]\n{HEAD}", "utf-8")
    return folder


# Lists that exist and whose values are not public: the file is there to be filled by operators.
NOT_PUBLIC = {"handling_class", "customs_treatment", "accompanying_document"}


@pytest.mark.parametrize("name", names())
def test_every_list_loads(name: str) -> None:
    """Each packaged list is sound, has sources, and every way back leads there again."""
    table = load(name, on=DAY)
    assert table.rows or name in NOT_PUBLIC
    assert all(row.source for row in table.rows.values())
    assert all(table.get(code) == value for value, code in table.backward.items())


@pytest.mark.parametrize(
    ("code", "country"),
    [("110", "HK"), ("116", "JP"), ("142", "CN"), ("303", "GB"), ("304", "DE"), ("305", "FR"), ("502", "US")],
)
def test_ceb_countries_known_from_the_source(code: str, country: str) -> None:
    """The rows that the message package shows are verified and lead both ways."""
    table = load("ceb_country", on=DAY)
    assert table.get(code) == country
    assert table.reverse(country) == code
    assert table.rows[code].status is Status.VERIFIED


def test_ceb_countries_are_assigned_iso_codes() -> None:
    """Every counterpart is an ISO code, none stands twice, and at least 200 destinations are known."""
    table = load("ceb_country", on=DAY)
    assert set(table.backward) <= set(load("iso_country", on=DAY).rows)
    assert len(table.backward) == len(table.forward) >= 200


def test_ceb_currencies_are_iso_codes() -> None:
    """Every counterpart is a currency in force."""
    assert set(load("ceb_currency", on=DAY).backward) <= set(load("iso_currency", on=DAY).rows)


def test_way_back_prefers_the_marked_row() -> None:
    """Many measure words count pieces; the way back is the preferred one, and keeps says who is lost."""
    units = load("ceb_unit", on=DAY)
    assert units.get("001") == units.get("007") == "C62"
    assert units.reverse("C62") == "007"
    assert (units.keeps("007"), units.keeps("001"), units.keeps("999")) == (True, False, False)


def test_way_back_without_mark_is_the_lowest_code(tmp_path: Path) -> None:
    """The order of rows in the file does not matter."""
    write(tmp_path, '{code = "2", value = "X"}, {code = "1", value = "X"}')
    assert load("own", tmp_path, on=DAY).reverse("X") == "1"


def test_transport_digits_collide() -> None:
    """CEB 4 is road and 5 air, where Recommendation 19 has 3 and 4."""
    table = load("ceb_transport", on=DAY)
    assert (table.get("4"), table.get("5")) == ("3", "4")


def test_unknown_code_is_none() -> None:
    """Neither way guesses, and a code without counterpart stays visible as a row."""
    table = load("ceb_transport", on=DAY)
    assert table.get("Q") is None
    assert table.reverse("Q") is None
    assert table.get("W") is None
    assert table.rows["W"].name


def test_rows_hold_in_their_time(tmp_path: Path) -> None:
    """Two rows of one code follow each other by date, both days included."""
    write(
        tmp_path,
        '{code = "1", value = "OLD", valid_until = 2025-12-31},'
        '{code = "1", value = "NEW", valid_from = 2026-01-01}',
    )
    assert load("own", tmp_path, on=date(2025, 12, 31)).get("1") == "OLD"
    assert load("own", tmp_path, on=date(2026, 1, 1)).get("1") == "NEW"


def test_operator_rows_replace_and_add(tmp_path: Path) -> None:
    """An operator's row wins over the packaged one, new codes are added, all others stay."""
    write(tmp_path, '{code = "317", value = "AX"}, {code = "142", value = "ZZ"}', "ceb_country")
    table = load("ceb_country", tmp_path, on=DAY)
    assert (table.get("317"), table.get("142"), table.get("502")) == ("AX", "ZZ", "US")


def test_unknown_list_names_the_known_ones() -> None:
    """A list that does not exist is a configuration error."""
    with pytest.raises(ConfigError, match="ceb_country"):
        load("ceb_planet", on=DAY)


def test_name_is_no_path(tmp_path: Path) -> None:
    """A name cannot climb out of the folder."""
    inner = tmp_path / "inner"
    inner.mkdir()
    write(tmp_path, '{code = "1"}')
    with pytest.raises(ConfigError, match="no code list"):
        load("../own", inner, on=DAY)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ('{code = "1", value = "A"}, {code = "1", value = "B"}', "CODELIST-TWICE"),
        (
            '{code = "1", value = "A", preferred = true}, {code = "2", value = "A", preferred = true}',
            "CODELIST-PREFERRED",
        ),
        ("{code = 1}", "CODELIST-FORM"),
        ('{code = ""}', "CODELIST-FORM"),
        ('{value = "A"}', "CODELIST-FORM"),
        ('{code = "1", colour = "red"}', "CODELIST-FORM"),
        ('{code = "1", status = "certain"}', "CODELIST-FORM"),
        ('{code = "1", valid_from = 2026-01-02, valid_until = 2026-01-01}', "CODELIST-FORM"),
        ("7", "CODELIST-FORM"),
    ],
)
def test_faulty_rows_are_refused(tmp_path: Path, rows: str, code: str) -> None:
    """Every fault of a list is a finding of the error."""
    write(tmp_path, rows)
    with pytest.raises(ConfigError) as caught:
        load("own", tmp_path, on=DAY)
    assert [one.code for one in caught.value.findings] == [code]


@pytest.mark.parametrize(
    "text", ["rows = 7\n" + HEAD, "colour = 1\nrows = []\n" + HEAD, "rows = []\n", "rows = [", b"\xff"]
)
def test_faulty_files_are_refused(tmp_path: Path, text: str | bytes) -> None:
    """A file that is not TOML, lacks its head or holds more is refused with findings."""
    (tmp_path / "own.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load("own", tmp_path, on=DAY)
    assert {one.code for one in caught.value.findings} == {"CODELIST-FORM"}


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Three wrong rows give three findings."""
    write(tmp_path, '{code = 1}, {code = ""}, {name = "x"}')
    with pytest.raises(ConfigError) as caught:
        load("own", tmp_path, on=DAY)
    assert len(caught.value.findings) == 3


def test_absent_packaged_list_is_refused() -> None:
    """Asking for all rows of a list that does not exist names the file."""
    with pytest.raises(ConfigError, match=r"ceb_planet\.toml"):
        packaged_rows("ceb_planet")
