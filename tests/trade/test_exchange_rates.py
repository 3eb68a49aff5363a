# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rates hold from a day to a day; a file that leaves doubt is refused."""

import pytest

from gateway.errors import ConfigError
from gateway.trade.exchange_rates import load_rates

HEAD = 'title = "t"\nsource = "s"\nstatus = "unverified"\ncurrency = "CNY"\n'


def rates(tmp_path, *rows):
    """Return the rates of a file with these rows."""
    path = tmp_path / "rates.toml"
    path.write_text(HEAD + "".join(f"[[rates]]\n{row}\n" for row in rows), "utf-8")
    return load_rates(str(path))


def row(first, until, rate, currency="USD"):
    """Return one rate."""
    return f'currency = "{currency}"\nfrom = {first}\nuntil = {until}\nrate = "{rate}"'


def test_the_packaged_rates_say_that_they_are_a_sample() -> None:
    """Nobody takes the invented rates for published ones."""
    about = load_rates().about
    assert about.status == "sample"
    assert "SAMPLE" in about.title
    assert len(about.sha256) == 64


def test_a_rate_holds_from_its_first_to_its_last_day(tmp_path) -> None:
    """Outside its days, and of another currency, there is no rate; the own currency is worth one."""
    found = rates(tmp_path, row("2026-11-10", "2026-11-20", "7.12345678"))
    assert found.scaled("USD", 20261110) == found.scaled("USD", 20261120) == 712345678
    assert (
        found.scaled("USD", 20261109)
        is found.scaled("USD", 20261121)
        is found.scaled("EUR", 20261115)
        is None
    )
    assert found.scaled("CNY", 20261109) == 10**8


def test_a_month_within_which_a_rate_changes_is_known(tmp_path) -> None:
    """A change at the first of a month is none within it."""
    found = rates(tmp_path, row("2026-10-01", "2026-11-14", "7"), row("2026-11-15", "2026-12-31", "8"))
    assert [found.changes_within(month) for month in (202609, 202610, 202611, 202612, 202701)] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert found.of_period("USD", 202612) == 8 * 10**8


@pytest.mark.parametrize(
    "rows",
    [
        [row("2026-11-10", "2026-11-20", "7"), row("2026-11-20", "2026-11-30", "8")],
        [row("2026-11-10", "2026-11-09", "7")],
        [row("2026-11-10", "2026-11-20", "0")],
        [row("2026-11-10", "2026-11-20", "-7")],
        [row("2026-11-10", "2026-11-20", "NaN")],
        [row("2026-11-10", "2026-11-20", "7.123456789")],
        [row("2026-11-10", "2026-11-20", "7", "usd")],
        [row("2026-11-10", "2026-11-20", "7") + "\nextra = 1"],
    ],
)
def test_rates_that_leave_doubt_are_refused(tmp_path, rows) -> None:
    """Two rates for a day, a span that ends first, no positive exact number, an unknown key."""
    with pytest.raises(ConfigError):
        rates(tmp_path, *rows)


def test_an_absent_file_is_a_configuration_error(tmp_path) -> None:
    """A node does not fall back to the sample when its own rates are missing."""
    with pytest.raises(ConfigError, match="cannot read"):
        load_rates(str(tmp_path / "none.toml"))
