# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The slow road of writing one value: whatever the generated test did not wave through is judged here."""

import sys
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from gateway.mapping.converters import Converter, UnknownCode, number_fits
from gateway.mapping.table import Row

Note = Callable[[tuple[Any, ...]], None]
Put = Callable[[Any, Note, int], str]


def put(number: int, row: Row, converter: Converter) -> Put:
    """Return the function that writes a value of a row; it returns an empty text after noting a fault."""
    encode = converter.encode
    low, high = _lengths(row)

    def write(value: Any, bad: Note, index: int) -> str:
        try:
            text = encode(value)
        except UnknownCode as error:
            text = _kept(row, value)
            if not text:
                bad(("code", number, value, index, str(error)))
                return ""
        except ValueError as error:
            bad(("format", number, value, index, str(error)))
            return ""
        if low <= len(text) <= high:
            return text
        fault = _fault(row, text)
        if not fault:
            return text
        if row.overflow == "truncate":
            cut = _rounded(row, text) if row.type == "N" else _cut(row, text) if fault == "length" else ""
            if cut:
                kind = "rounded" if row.type == "N" else "truncated"
                bad((kind, number, value, index, f"{len(text)} to {len(cut)} characters"))
                return cut
        bad((fault, number, value, index))
        return ""

    return write


def _lengths(row: Row) -> tuple[int, int]:
    """Return the lengths of a text about which there is no more to ask; none of a number or a listed code."""
    if row.type in {"N", "I"} or (row.type == "C" and row.codes):
        return 1, 0
    return row.length if row.type == "C" else (0, sys.maxsize)


def _kept(row: Row, value: Any) -> str:
    """Return the code inside a value that was kept under the row's mark on reading, else an empty text."""
    mark = f"{row.unknown}:"
    return str(value).removeprefix(mark) if row.unknown and str(value).startswith(mark) else ""


def _fault(row: Row, text: str) -> str:
    if row.type in {"N", "I"}:
        total, fraction = row.digits
        return "" if number_fits(text, total, fraction, signed=row.signed) else "format"
    if row.type != "C":
        return ""
    if not row.length[0] <= len(text) <= row.length[1]:
        return "length"
    return "code" if row.codes and text not in row.codes else ""


def _cut(row: Row, text: str) -> str:
    """Return the text cut to the row's length, empty if it was too short or would become so."""
    low, high = row.length
    cut = text[:high].rstrip()
    return cut if len(text) > high and len(cut) >= low else ""


def _rounded(row: Row, text: str) -> str:
    """Return the number rounded half to even to the row's decimal places.

    Empty if even that does not fit, or if a value would become nothing.
    """
    total, fraction = row.digits
    with localcontext() as context:
        context.prec = len(text) + 1
        exact = Decimal(text)
        result = exact.quantize(Decimal(1).scaleb(-fraction), ROUND_HALF_EVEN)
    if exact and not result:
        return ""
    rounded = format(result, "f")
    return rounded if number_fits(rounded, total, fraction, signed=row.signed) else ""
