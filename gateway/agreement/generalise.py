# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that make a value coarser.

A rule maps a value to a coarser one, and a value that is already coarse enough to itself; so a value obeys a
rule exactly if the rule leaves it unchanged. A value without the form that the rule needs maps to `None`: it
is withheld, never passed on fine.

    hs2 hs4 hs6     leading digits of a commodity code (text)
    country         country of an ISO 3166-2 subdivision code (text)
    prefix:<n>      first n characters, for example of a postcode (text)
    year month day  first moment of it, UTC (date, time)
    band:<n>        upper end of its band of width n, so that nothing above zero becomes zero (numbers)
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

Rule = Callable[[Any], Any]

# Wide enough for every amount and mass of a declaration; a context of its own, so that results never depend
# on the settings of the calling thread.
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_SUBDIVISION = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?", re.ASCII)
_MAX_PREFIX = 70


def rule(text: str, kind: type) -> Rule:
    """Return the rule of that name for values of a type.

    Raises:
        ValueError: there is no such rule, its parameter is wrong, or it does not suit the type; says which.
    """
    name, _, parameter = text.partition(":")
    makers = _MAKERS.get(kind, {})
    if name not in makers or (":" in text) != (name in _WITH_PARAMETER):
        raise ValueError(" ".join(_names(kind)) or f"another treatment; no rule suits {kind.__name__}")
    return makers[name](parameter)


def _names(kind: type) -> list[str]:
    """Return the rules that suit a type, as they are written."""
    return [f"{one}:<n>" if one in _WITH_PARAMETER else one for one in _MAKERS.get(kind, {})]


def _digits(length: int) -> Callable[[str], Rule]:
    """Make the maker of a rule that keeps leading digits."""

    def coarser(value: str) -> str | None:
        return value[:length] if value.isascii() and value.isdigit() else None

    return lambda _: coarser


def _country(_: str) -> Rule:
    """Make the rule that keeps the country of a subdivision."""

    def coarser(value: str) -> str | None:
        found = _SUBDIVISION.fullmatch(value)
        return found[1] if found else None

    return coarser


def _prefix(parameter: str) -> Rule:
    """Make the rule that keeps the first characters."""
    length = int(parameter) if parameter.isascii() and parameter.isdigit() else 0
    if not 1 <= length <= _MAX_PREFIX:
        raise ValueError(f"prefix:<1 to {_MAX_PREFIX}>")
    return lambda value: value[:length]


def _date(month: bool) -> Callable[[str], Rule]:
    """Make the maker of a rule that keeps year and month of a date, or the year alone."""

    def coarser(value: dt.date) -> dt.date:
        return value.replace(day=1) if month else value.replace(month=1, day=1)

    return lambda _: coarser


def _time(month: int | None, day: int | None) -> Callable[[str], Rule]:
    """Make the maker of a rule that sets the fine parts of a time, in UTC, to their start."""

    def coarser(value: dt.datetime) -> dt.datetime | None:
        if value.tzinfo is None:
            return None
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:
            return None
        date = dt.date(value.year, month or value.month, day or value.day)
        return dt.datetime.combine(date, dt.time(), dt.UTC)

    return lambda _: coarser


def _decimal_band(parameter: str) -> Rule:
    """Make the rule that rounds a decimal up to a multiple."""
    try:
        width = Decimal(parameter)
    except InvalidOperation:
        width = Decimal(0)
    if not width.is_finite() or width <= 0:
        raise ValueError("band:<number above zero>")

    def coarser(value: Decimal) -> Decimal | None:
        if not value.is_finite():
            return None
        try:
            rest = _CONTEXT.remainder(value, width)
        except InvalidOperation:
            return None
        if not rest:
            return value
        return _CONTEXT.add(_CONTEXT.subtract(value, rest), width if value > 0 else -width)

    return coarser


def _integer_band(parameter: str) -> Rule:
    """Make the rule that rounds a whole number up to a multiple."""
    width = int(parameter) if parameter.isascii() and parameter.isdigit() else 0
    if width <= 0:
        raise ValueError("band:<whole number above zero>")
    return lambda value: -(-value // width) * width


_WITH_PARAMETER = frozenset({"prefix", "band"})
_MAKERS: Mapping[type, Mapping[str, Callable[[str], Rule]]] = {
    str: {
        "hs2": _digits(2),
        "hs4": _digits(4),
        "hs6": _digits(6),
        "country": _country,
        "prefix": _prefix,
    },
    dt.date: {"year": _date(month=False), "month": _date(month=True)},
    dt.datetime: {"year": _time(1, 1), "month": _time(None, 1), "day": _time(None, None)},
    Decimal: {"band": _decimal_band},
    int: {"band": _integer_band},
}
