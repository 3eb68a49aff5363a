# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway errors`: every finding code is explained."""

from gateway.finding import catalogue


def test_all_codes_are_listed(gateway) -> None:
    """Without a code all are listed, each with meaning and remedy."""
    done = gateway("errors", "--json")
    assert done.code == 0
    assert [one["code"] for one in done.json] == sorted(catalogue())
    assert all(one["meaning"] and one["remedy"] for one in done.json)


def test_one_code_in_any_case(gateway) -> None:
    """A code is found however it is typed."""
    assert "SCHEMA-LENGTH" in gateway("errors", "schema-length").out


def test_unknown_code_names_the_nearest(gateway) -> None:
    """A mistyped code ends with 2 and the nearest known one."""
    done = gateway("errors", "SCHEMA-LENGHT")
    assert (done.code, done.out) == (2, "")
    assert "did you mean SCHEMA-LENGTH?" in done.err
