# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Random records in the shape of items: tidy ones that a document can carry, and untidy ones as life is.

Values are drawn row by row from a mapping table, so that every mapped leaf is filled sooner or later; an
untidy record has more: texts too long, line breaks, five decimals, leaves that no row takes.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec

from adapters.uk_cds.catalogue import table
from gateway.sdk import Item, leaf_types

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEXT = _LETTERS + "abcdefghij 0123456789.,-&<>\"'äßЖ中"
_DERIVED = ("assessment.outcome", "assessment.phase", "content[].commodity_code", "content[].hs")


def item(name: str, draw: random.Random, *, tidy: bool) -> Item:  # noqa: C901 - one step per kind of group
    """Return a random record for the document DEC or RES."""
    made: dict = {}
    density = draw.random()
    for group in table(name).groups:
        rows = [row for row in group.rows if row.path and not (tidy and row.path in _DERIVED)]
        if not group.target.endswith("[]"):
            _fill(made, rows, draw, density, tidy, "")
            continue
        if group.parent:
            continue
        pieces = _place(made, group.target.removesuffix("[]"))
        inner = [one for one in table(name).groups if one.parent == group.name]
        for number in range(draw.randint(1, 3)):
            piece: dict = {}
            _fill(piece, rows, draw, density, tidy, group.target + ".")
            if group.target == "content[]":
                piece["number"] = number + 1
            for one in inner:
                below = _place(piece, one.target.removeprefix(group.target + ".").removesuffix("[]"))
                for _ in range(draw.randint(0, 2)):
                    below.append(_filled(one.rows, draw, tidy, one.target + "."))
            if piece:
                pieces.append(piece)
    if not tidy:
        _more(made, draw, name)
    elif name == "RES":
        made["mrn"] = "26GB7XEXAMPLE001R2"
        made["assessment"].setdefault("decision_code", "01")
    return msgspec.convert(_repaired(made, draw, tidy), Item)


def _repaired(made: dict, draw: random.Random, tidy: bool) -> dict:
    """Give codes the form their rules want, and take empty groups away."""
    for piece in made.get("content", ()):
        filing = piece.get("filing", {})
        codes = [one for one in filing.get("tariff_codes", ()) if one.get("scheme") not in {"TSP", "TRC"}]
        digits = "".join(draw.choice("123456789") for _ in range(10))
        if tidy:
            pair = [{"scheme": "TSP", "code": digits[:8]}, {"scheme": "TRC", "code": digits[8:]}]
            filing["tariff_codes"] = pair[: draw.randint(1, 2)] + codes
            piece["commodity_code"] = digits if len(filing["tariff_codes"]) > len(codes) + 1 else digits[:8]
            piece["hs"] = digits[:6]
            piece["filing"] = filing
        elif filing or draw.random() < 0.5:
            piece["commodity_code"] = digits[: draw.choice((6, 8, 10))]
        if tidy and filing.get("procedure") and not filing.get("previous_procedure"):
            filing["procedure"] = draw.choice(("10", "40", "42"))
        if tidy and not filing.get("procedure") and filing.get("previous_procedure"):
            filing.pop("previous_procedure")
        if tidy:
            for one in filing.get("additional_procedures", ()):
                one["code"] = "1" + draw.choice(("H7", "00", "A1"))
    if tidy and made.get("filing", {}).get("declared_at"):
        made.pop("declared_on", None)
    return _without_empty(made)


def _without_empty(value):
    if isinstance(value, dict):
        kept = {key: _without_empty(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in ({}, [], None)}
    if isinstance(value, list):
        return [made for one in value if (made := _without_empty(one)) not in ({}, [], None)]
    return value


def _filled(rows, draw, tidy, prefix) -> dict:
    made: dict = {}
    _fill(made, rows, draw, 0.7, tidy, prefix)
    if not made:
        _fill(made, rows[:1], draw, 1, tidy, prefix)
    return made


def _fill(made: dict, rows, draw, density: float, tidy: bool, prefix: str) -> None:  # noqa: PLR0917 - private
    for row in rows:
        if not row.path or (draw.random() > density and not row.required):
            continue
        *way, last = row.path.removeprefix(prefix).split(".")
        at = made
        for name in way:
            at = at.setdefault(name, {})
        at[last] = _value(row, draw, tidy)
        if last == "unit":
            at.setdefault("value", Decimal(draw.randint(1, 999)))
        if last == "value" and "mass" in row.path:
            at["unit"] = "KGM"
        if last == "currency":
            at.setdefault("amount", Decimal(draw.randint(1, 999)))


def _value(row, draw, tidy):  # noqa: C901, PLR0911 - one line per kind of value
    kind = leaf_types(Item)[row.path]
    if kind is Decimal:
        places = row.digits[1] if tidy else row.digits[1] + 2
        return Decimal(draw.randint(1000, 10**9)).scaleb(-draw.randint(0, min(places, 5)))
    if kind is int:
        return draw.randint(1, 9999)
    if kind is date:
        return date(2001, 1, 1) + timedelta(days=draw.randint(0, 30000))
    if kind is datetime:
        return datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=draw.randint(0, 10**9))
    if row.path == "assessment.decision_code":
        return draw.choice(("01", "02", "03", "05", "06", "07", "08", "09", "10", "16", "18"))
    if row.path == "assessment.requests[].path":
        return draw.choice(("content[1].description", "mrn", "wco:42A[1]/67A/99Z.D006", "goods_value.amount"))
    if row.converter in {"alpha2", "alpha3", "letters3"}:
        return "".join(draw.choice(_LETTERS) for _ in range(row.length[1]))
    if row.converter == "digit":
        return draw.choice("123456789")
    if row.converter == "nature":
        return str(draw.randint(10, 99))
    most = min(row.length[1], 600)
    if row.path.endswith("declaration_office"):
        most = 8
    size = draw.randint(1, most)
    if not tidy and row.overflow == "truncate":
        size += draw.choice((0, 0, 30, 200))
    text = "".join(draw.choice(_TEXT) for _ in range(size)).strip() or "X"
    if not tidy and draw.random() < 0.1:
        at = draw.randint(0, len(text))
        text = draw.choice((text[:at] + "\n" + text[at:], f"{text}\r\n", f" {text}", f"\t{text}"))
    return text if row.overflow == "truncate" else text[:most]


def _more(made: dict, draw, name: str) -> None:
    """Add leaves that the document has no place for."""
    made["note"] = "a note"
    made["posting_date"] = "2026-01-02"
    made["postal"] = {"mail_class": "U"}
    if name == "DEC":
        made.setdefault("sender", {})["telephone"] = "+86 755 0000 0000"
        for piece in made.get("content", ()):
            if draw.random() < 0.5:
                piece["quantity"] = {"value": "2", "unit": "NAR"}
                piece["hs"] = "610910"


def _place(made: dict, path: str) -> list:
    *way, last = path.split(".")
    for name in way:
        made = made.setdefault(name, {})
    return made.setdefault(last, [])
