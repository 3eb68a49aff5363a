# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Dates and times as UN/EDIFACT data elements 2379/2380 write them, and those of the service segments."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping

_MONTH_DAY = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_SHORT_DAY = f"([0-9]{{2}}){_MONTH_DAY}"
_LONG_DAY = f"([0-9]{{4}}){_MONTH_DAY}"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
_FORMS: Mapping[str, Callable[[str], re.Match[str] | None]] = {
    code: re.compile(form).fullmatch
    for code, form in {
        "101": _SHORT_DAY,
        "102": _LONG_DAY,
        "201": _SHORT_DAY + _TIME,
        "203": _LONG_DAY + _TIME,
        "204": _LONG_DAY + _TIME + "[0-5][0-9]",
        "303": f"{_LONG_DAY}{_TIME}(?:[A-Z]{{3}}|[+-][0-9]{{2,4}})",
        "304": f"{_LONG_DAY}{_TIME}[0-5][0-9](?:[A-Z]{{3}}|[+-][0-9]{{2,4}})",
        "401": _TIME,
        "402": _TIME + "[0-5][0-9]",
        "602": "[0-9]{4}",
        "610": "[0-9]{4}(?:0[1-9]|1[0-2])",
    }.items()
}
# The codes of 2379 that are checked; 303 and 304 carry a time zone after the time.
FORMATS: Mapping[str, str] = {
    "101": "YYMMDD",
    "102": "CCYYMMDD",
    "201": "YYMMDDHHMM",
    "203": "CCYYMMDDHHMM",
    "204": "CCYYMMDDHHMMSS",
    "303": "CCYYMMDDHHMMZZZ",
    "304": "CCYYMMDDHHMMSSZZZ",
    "401": "HHMM",
    "402": "HHMMSS",
    "602": "CCYY",
    "610": "CCYYMM",
}
_EVERY_MONTH = "28"  # the last day that every month has


def is_date(text: str, code: str) -> bool:
    """Say whether a text is a real date or time in a format; formats not listed here are not judged."""
    form = _FORMS.get(code)
    if form is None:
        return True
    match = form(text)
    if match is None:
        return False
    if match.re.groups and match[3] > _EVERY_MONTH:
        return int(match[3]) <= monthrange(int(match[1]) or 2000, int(match[2]))[1]
    return True
