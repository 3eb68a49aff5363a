# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read what the faces are given about returns; whatever does not fit is a finding."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import msgspec

from gateway.errors import InputError
from gateway.finding import finding
from gateway.trade.return_case import Claim
from gateway.trade.returns import Arrived

LONGEST_NOTE = 500
LONGEST_NUMBER = 100
T = TypeVar("T")


class Application(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A return to announce; `number` is the submitter's own, and the same again changes it."""

    number: str
    claim: Claim


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decides, and why."""

    accept: bool
    note: str


def read(raw: bytes, kind: type[T]) -> T:
    """Return JSON as a record.

    Raises:
        InputError: something is absent, unknown or of the wrong form.
    """
    return _checked(lambda: msgspec.json.decode(raw, type=kind))


def convert(fields: Any, kind: type[T]) -> T:
    """Return plain values as a record.

    Raises:
        InputError: something is absent, unknown or of the wrong form.
    """
    return _checked(lambda: msgspec.convert(fields, kind))


def arrived(*, office: str, site: str = "", day: str = "", original: str = "") -> Arrived:
    """Return what an office says of a parcel; the day is YYYY-MM-DD or empty.

    Raises:
        InputError: the day is none, or there is no office.
    """
    if not office:
        raise bad("office", "the office that has the parcel", "")
    try:
        return Arrived(
            office=office, site=site, day=date.fromisoformat(day) if day else None, original=original
        )
    except ValueError:
        raise bad("day", "YYYY-MM-DD", day) from None


def check_text(path: str, text: str, longest: int) -> str:
    """Return a text that a person wrote.

    Raises:
        InputError: it is empty, too long or not printable.
    """
    if not 0 < len(text) <= longest or not text.isprintable():
        raise bad(path, f"1 to {longest} printable characters", f"{len(text)} characters")
    return text


def case_number(text: str) -> int:
    """Return the number of a case.

    Raises:
        InputError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(2**63))):
        raise bad("case", "a number", text)
    return min(int(text), 2**63 - 1)


def bad(path: str, expected: str, actual: str) -> InputError:
    """Return the error of a value of the wrong form."""
    return InputError(
        "not what the act needs", (finding("RETURN-FORM", path=path, expected=expected, actual=actual),)
    )


def _checked(work: Callable[[], T]) -> T:
    """Do the reading; the texts of the decoder name places and types, never values."""
    try:
        return work()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at `$")
        expected = what if isinstance(error, msgspec.MsgspecError) else "JSON in UTF-8"
        raise bad(path.strip(".`"), expected, "") from None
