# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read files of enterprises, CSV or JSON; a row that cannot be read is a finding with its number.

CSV (RFC 4180, UTF-8) has one column for each field: `roles` and `areas` are parted by `;`, so are periods of
`credit`, each `<level>@<from>` or `<level>@<from>..<until>`. JSON is a list of objects as in the HTTP face.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any, TypeVar

import msgspec

from gateway.errors import InputError
from gateway.finding import Finding, finding
from gateway.trade.enterprise import Amendment, Registration
from gateway.trade.enterprise_acts import at_row
from gateway.trade.enterprises import MOST_ROWS

MAX_BYTES = 16 * 1024 * 1024
COLUMNS = ("uscc", "customs_code", "name", "roles", "valid_from", "source", "credit", "areas")
T = TypeVar("T")
_OPTIONAL = {"credit", "areas"}


def read_enterprises(raw: bytes, form: str) -> list[Registration]:
    """Return the rows of a file; `form` is csv or json.

    Raises:
        InputError: the file cannot be read, or with a finding for every row that cannot.
    """
    if len(raw) > MAX_BYTES:
        raise _unreadable(f"at most {MAX_BYTES} bytes")
    rows, problems = [], []
    for number, fields in enumerate(_csv(raw) if form == "csv" else _json(raw), 1):
        if number > MOST_ROWS:
            raise _unreadable(f"at most {MOST_ROWS} rows")
        try:
            rows.append(as_registration(fields))
        except InputError as error:
            problems += at_row(error.findings, number)
    if problems:
        raise InputError("rows that cannot be read", tuple(problems))
    return rows


def as_registration(fields: Any) -> Registration:
    """Return plain values as a registration.

    Raises:
        InputError: something is absent, unknown or of the wrong form.
    """
    return _converted(fields, Registration)


def as_amendment(fields: Any) -> Amendment:
    """Return plain values as a change.

    Raises:
        InputError: something is absent, unknown or of the wrong form.
    """
    return _converted(fields, Amendment)


def as_day(text: str, path: str = "valid_from") -> date:
    """Return a day.

    Raises:
        InputError: it is not one.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = finding("ENTERPRISE-FORM", path=path, expected="YYYY-MM-DD", actual=text)
        raise InputError("no day", (found,)) from None


def _converted(fields: Any, kind: type[T]) -> T:
    """Return plain values as a record."""
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise InputError("not what the register needs", (form_finding(error),)) from None


def form_finding(error: msgspec.MsgspecError) -> Finding:
    """Return what the decoder says as a finding; its texts name places and types, never values."""
    what, _, path = str(error).partition(" - at `$")
    return finding("ENTERPRISE-FORM", path=path.strip(".`"), expected=what)


def _csv(raw: bytes) -> Iterator[dict[str, Any]]:
    """Yield the fields of each row."""
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        names = tuple(reader.fieldnames or ())
        if set(names) - set(COLUMNS) or set(COLUMNS) - _OPTIONAL - set(names) or len(set(names)) < len(names):
            raise _unreadable(f"the columns {', '.join(COLUMNS)}")
        for row in reader:
            yield _fields(row)
    except (UnicodeDecodeError, csv.Error):
        raise _unreadable("UTF-8 text of comma-separated values") from None


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of CSV in the form of JSON; a row with too many or few columns stays wrong."""
    if None in row or None in row.values():
        return {}
    fields: dict[str, Any] = {name: text.strip() for name, text in row.items()}
    for name in ("roles", "areas", "credit"):
        fields[name] = [one.strip() for one in fields.get(name, "").split(";") if one.strip()]
    fields["credit"] = [credit_period(one) for one in fields["credit"]]
    return fields


def credit_period(text: str) -> dict[str, str]:
    """Return `<level>@<from>` or `<level>@<from>..<until>` in the form of JSON."""
    level, _, days = text.partition("@")
    first, dots, until = days.partition("..")
    return {"level": level, "from": first} | ({"until": until} if dots else {})


def _json(raw: bytes) -> list[Any]:
    """Return the elements of a JSON list."""
    try:
        return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=list[Any])
    except (msgspec.MsgspecError, RecursionError):
        raise _unreadable("a list of JSON objects") from None


def _unreadable(expected: str) -> InputError:
    return InputError("not a file of enterprises", (finding("ENTERPRISE-FILE", expected=expected),))
