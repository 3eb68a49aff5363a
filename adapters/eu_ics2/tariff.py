# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Subheadings and national digits: six digits of the Harmonized System and, where known, two of the CN.

A code is never padded. The two digits are written only where the record names a code of the scheme CN,
because the seventh and eighth digit of another country's tariff mean something else.
"""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.sdk import ContentPiece, Item, LineFiling, Loss, TariffCode

SCHEME = "CN"
HS_DIGITS = 6
CN_DIGITS = 8
HS_FIELD = "commodity/commodityCode/harmonizedSystemSubHeadingCode"
CN_FIELD = "commodity/commodityCode/combinedNomenclatureCode"


def with_tariff_codes(item: Item, groups: Mapping[str, Sequence[Mapping[str, str]]]) -> Item:
    """Return the item with the full code of each line that states CN digits."""
    lines = next((group for name, group in groups.items() if name.endswith("goodsItem")), ())
    if not any(CN_FIELD in one for one in lines):
        return item
    content = []
    for piece, fields in zip(item.content, lines, strict=True):
        national, heading = fields.get(CN_FIELD, "").strip(), fields.get(HS_FIELD, "").strip()
        if national and heading:
            filing = piece.filing or LineFiling()
            code = TariffCode(scheme=SCHEME, code=heading + national)
            filing = msgspec.structs.replace(filing, tariff_codes=(*filing.tariff_codes, code))
            content.append(msgspec.structs.replace(piece, filing=filing))
        else:
            content.append(piece)
    return msgspec.structs.replace(item, content=tuple(content))


def subheading(piece: ContentPiece) -> str:
    """Return the six digits that a line states, empty if it states fewer."""
    for code in (piece.hs, piece.commodity_code):
        digits = code[:HS_DIGITS] if code else ""
        if len(digits) == HS_DIGITS and digits.isascii() and digits.isdigit():
            return digits
    return ""


def cn_digits(piece: ContentPiece) -> str:
    """Return the two CN digits after the subheading, empty if the line names no CN code."""
    codes = piece.filing.tariff_codes if piece.filing else ()
    heading = subheading(piece) if codes else ""
    for code in codes:
        full = code.code or ""
        if code.scheme == SCHEME and heading and full.startswith(heading) and len(full) == CN_DIGITS:
            return full[HS_DIGITS:] if full.isdigit() else ""
    return ""


def prepared(item: Item) -> tuple[Item, list[Loss]]:
    """Return the item as the table can write it, and what that did.

    Every line has its subheading as `hs`, and no longer the CN code that is written beside it.
    """
    if all(_plain(piece) for piece in item.content):
        return item, []
    losses: list[Loss] = []
    content = []
    for number, piece in enumerate(item.content, 1):
        heading = subheading(piece)
        if heading != (piece.hs or ""):
            path = f"content[{number}].hs"
            if heading:
                losses.append(
                    Loss(kind="derived", path=path, rule="ICS2-HS", detail="the first six digits stated")
                )
            else:
                detail = "fewer than six digits, never padded"
                losses.append(Loss(kind="lost", path=path, rule="ICS2-HS", detail=detail))
        filing, national = piece.filing, cn_digits(piece)
        if filing is not None and national:
            rest = list(filing.tariff_codes)
            rest.remove(TariffCode(scheme=SCHEME, code=heading + national))
            filing = msgspec.structs.replace(filing, tariff_codes=tuple(rest))
        content.append(msgspec.structs.replace(piece, hs=heading or None, filing=filing))
    return msgspec.structs.replace(item, content=tuple(content)), losses


def _plain(piece: ContentPiece) -> bool:
    """Say whether a line can be written as it is."""
    if piece.filing is not None and piece.filing.tariff_codes:
        return False
    return piece.hs is not None and len(piece.hs) == HS_DIGITS and piece.hs.isascii() and piece.hs.isdigit()
