# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the values of a registration must be, and the files that hold registrations."""

from datetime import date

import msgspec
import pytest

from gateway.errors import InputError
from gateway.trade.enterprise import ROLES, Credit, check
from gateway.trade.enterprise_file import COLUMNS, read_enterprises
from tests.enterprise_stage import FIRST, code_of, registration, told

HISTORY = "ordinary@2020-01-01..2023-12-31;advanced@2024-01-01"
CSV = (
    """\ufeffuscc,customs_code,name,roles,valid_from,source,credit,areas
{first},4403000001,样例电商,e-commerce; platform,2024-01-01,filing,{credit},
{second},4403000002,"Sample, Ltd",agent,2024-02-01,filing,,zone A;zone B
""".replace("{first}", code_of(1))
    .replace("{second}", code_of(2))
    .replace("{credit}", HISTORY)
)


def credit(level, first=FIRST, until=None):
    """Return a period."""
    return Credit(level=level, first=first, until=until)


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"uscc": code_of(1)[:-1] + ("A" if code_of(1)[-1] != "A" else "B")}, "ENTERPRISE-USCC", "uscc"),
        ({"uscc": code_of(1).lower() + " "}, "ENTERPRISE-USCC", "uscc"),
        ({"uscc": ""}, "ENTERPRISE-USCC", "uscc"),
        ({"customs_code": "440300001"}, "ENTERPRISE-CODE", "customs_code"),
        ({"customs_code": "44O3000001"}, "ENTERPRISE-CODE", "customs_code"),
        ({"name": ""}, "ENTERPRISE-FORM", "name"),
        ({"name": "x" * 201}, "ENTERPRISE-FORM", "name"),
        ({"name": "a\nb"}, "ENTERPRISE-FORM", "name"),
        ({"source": " "}, "ENTERPRISE-FORM", "source"),
        ({"roles": ()}, "ENTERPRISE-FORM", "roles"),
        ({"roles": ("agent", "agent")}, "ENTERPRISE-FORM", "roles"),
        ({"roles": ("agent", "buyer")}, "ENTERPRISE-ROLE", "roles[1]"),
        ({"areas": ("a", "a")}, "ENTERPRISE-FORM", "areas"),
        ({"areas": ("",)}, "ENTERPRISE-FORM", "areas[0]"),
        ({"credit": (credit("Gold"),)}, "ENTERPRISE-CREDIT", "credit[0].level"),
        ({"credit": (credit("x" * 41),)}, "ENTERPRISE-CREDIT", "credit[0].level"),
        ({"credit": (credit("ordinary", until=date(2020, 1, 1)),)}, "ENTERPRISE-DATES", "credit[0].until"),
        ({"credit": (credit("ordinary"), credit("advanced"))}, "ENTERPRISE-DATES", "credit[1].from"),
        (
            {"credit": (credit("ordinary", until=date(2024, 6, 1)), credit("advanced", date(2024, 6, 1)))},
            "ENTERPRISE-DATES",
            "credit[1].from",
        ),
    ],
)
def test_a_wrong_value_is_one_finding(fields, code, path) -> None:
    """Each fault is found once, under its own code and place."""
    assert [(one.code, one.path) for one in check(registration(**fields))] == [(code, path)]


def test_a_right_registration_has_no_finding() -> None:
    """All roles together, letters in a customs code and a history without gaps are in order."""
    history = (credit("ordinary", until=date(2024, 5, 31)), credit("advanced", date(2024, 6, 1)))
    assert check(registration(roles=ROLES, customs_code="44039K0AB1", credit=history)) == []


def test_csv_and_json_say_the_same() -> None:
    """The same enterprises read from CSV and from JSON are equal."""
    rows = read_enterprises(CSV.encode(), "csv")
    assert read_enterprises(msgspec.json.encode(rows), "json") == rows
    assert [one.roles for one in rows] == [("e-commerce", "platform"), ("agent",)]
    assert rows[0].credit[1] == credit("advanced", date(2024, 1, 1))
    assert (rows[1].name, rows[1].areas) == ("Sample, Ltd", ("zone A", "zone B"))


@pytest.mark.parametrize(
    ("raw", "form", "expected"),
    [
        (b"", "csv", [("ENTERPRISE-FILE", "", "")]),
        (b"uscc,name\n1,2\n", "csv", [("ENTERPRISE-FILE", "", "")]),
        (f"{','.join(COLUMNS)},extra\n".encode(), "csv", [("ENTERPRISE-FILE", "", "")]),
        (b"\xff\xfe", "csv", [("ENTERPRISE-FILE", "", "")]),
        (b"{}", "json", [("ENTERPRISE-FILE", "", "")]),
        (b"[" * 100_000, "json", [("ENTERPRISE-FILE", "", "")]),
        (b"[1]", "json", [("ENTERPRISE-FORM", "", "row 1")]),
        (b"[{}]", "json", [("ENTERPRISE-FORM", "", "row 1")]),
        (f"{','.join(COLUMNS)}\na,b,c\n".encode(), "csv", [("ENTERPRISE-FORM", "", "row 1")]),
        (
            f"{','.join(COLUMNS)}\na,b,c,agent,soon,x,,\na,b,c,agent,2024-01-01,x,gold,\n".encode(),
            "csv",
            [("ENTERPRISE-FORM", "valid_from", "row 1"), ("ENTERPRISE-FORM", "credit[0].from", "row 2")],
        ),
        (b" " * (16 * 1024 * 1024 + 1), "json", [("ENTERPRISE-FILE", "", "")]),
        (b"[" + b"1," * 10_001 + b"1]", "json", [("ENTERPRISE-FILE", "", "")]),
    ],
)
def test_a_bad_file_is_refused(raw, form, expected) -> None:
    """A file that cannot be read is one finding; rows that cannot are named by their numbers."""
    with pytest.raises(InputError) as raised:
        read_enterprises(raw, form)
    assert told(raised) == expected
