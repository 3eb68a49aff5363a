# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Countries and currencies from our own tables."""

from datetime import date

import pytest

from gateway.identifiers import country, currency
from gateway.identifiers.exceptions import InvalidComponent


def test_country_is_found_in_any_case() -> None:
    """Validate compacts; is_valid wants capitals."""
    assert country.validate(" cn ") == country.Country("CN", "China")
    assert not country.is_valid("cn")


@pytest.mark.parametrize("text", ["", "C", "XX", "CHN", "EU"])
def test_unassigned_country_is_refused(text: str) -> None:
    """Only assigned codes count."""
    assert not country.is_valid(text)
    with pytest.raises(InvalidComponent):
        country.validate(text)


@pytest.mark.parametrize(("code", "exponent"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_currency_has_its_exponent(code: str, exponent: int) -> None:
    """The exponent of the minor unit comes from the table."""
    assert currency.validate(code).exponent == exponent
    assert str(currency.validate(code)) == code


def test_withdrawn_currency_is_valid_in_its_time() -> None:
    """The kuna ended with 2022; without a day it stays readable."""
    assert currency.is_valid("HRK")
    assert currency.is_valid("HRK", on=date(2022, 12, 31))
    with pytest.raises(InvalidComponent, match="2023-01-01"):
        currency.validate("HRK", on=date(2023, 1, 1))


@pytest.mark.parametrize("text", ["", "RMB", "XXX", "CN"])
def test_unknown_currency_is_refused(text: str) -> None:
    """Colloquial and test codes are no currency."""
    assert not currency.is_valid(text)
    with pytest.raises(InvalidComponent):
        currency.validate(text)
