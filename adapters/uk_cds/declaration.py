# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A Declaration as a contribution: its function, keys, reference and commodity codes.

Commodity codes: TSP (eight digits) and TRC (two) stand in classifications of their own and stay there; the
full code and its first six digits are derived from them. Nothing is padded.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from adapters.uk_cds.catalogue import DEC, compiled
from adapters.uk_cds.reading import Groups
from adapters.uk_cds.rules import rules
from adapters.uk_cds.spelling import decode as decode_table
from gateway.sdk import (
    ContentPiece,
    Contribution,
    ContributionKind,
    DecodedDocument,
    Finding,
    Function,
    Item,
    TariffCode,
    finding,
    has_errors,
)

TSP, TRC = "TSP", "TRC"
_TSP_LENGTHS = (6, 8)
_TRC_LENGTH = 2
_HS6 = 6


def decode(groups: Groups, found: Sequence[Finding]) -> DecodedDocument:
    """Make a document of the groups of a Declaration and of what was found on the way."""
    item, faults = decode_table(compiled(DEC.name), groups)
    return _document(groups, item, [*faults, *found])


def decode_plain(groups: Groups, found: Sequence[Finding]) -> DecodedDocument | None:
    """Do the same for groups that bring no findings, else return `None`."""
    item, faults = compiled(DEC.name).decode(groups)
    return None if faults else _document(groups, item, list(found))


def _document(groups: Groups, item: Item, told: list[Finding]) -> DecodedDocument:
    head: Mapping[str, str] = groups[DEC.root][0]
    item = _with_codes(item, told)
    count = head.get("GoodsItemQuantity", "").strip()
    if count.isdigit() and int(count) != len(item.content):
        told.append(
            finding(
                "UKCDS-ITEM-COUNT",
                path="Declaration/GoodsItemQuantity",
                expected=count,
                actual=str(len(item.content)),
            )
        )
    told += _low_value(item)
    function = _function(head, told)
    keys = _keys(item)
    reference = _reference(item)
    if not keys:
        told.append(finding("UKCDS-NO-KEY", path="Declaration/ID"))
    contributions: tuple[Contribution, ...] = ()
    if keys and not has_errors(told):
        contributions = (
            Contribution(
                kind=ContributionKind.FILING,
                function=function,
                reference=reference,
                keys=keys,
                item=item,
                issued_at=item.filing.declared_at if item.filing else None,
            ),
        )
    return DecodedDocument(
        position=1,
        reference=reference,
        echo=_echo(item),
        contributions=contributions,
        findings=tuple(told),
    )


def _with_codes(item: Item, told: list[Finding]) -> Item:
    """Derive the full commodity code and the HS6 of each line from its classifications."""
    content: list[ContentPiece] = []
    for index, piece in enumerate(item.content, 1):
        codes = piece.filing.tariff_codes if piece.filing else ()
        code, clear = commodity_code(codes)
        if codes and not clear:
            path = f"Declaration/GoodsShipment/GovernmentAgencyGoodsItem[{index}]/Commodity/Classification"
            told.append(finding("UKCDS-CLASSIFICATION", path=path, expected="TSP of 8 digits, TRC of 2"))
        hs = code[:_HS6] if len(code) >= _HS6 and code.isdigit() else None
        content.append(msgspec.structs.replace(piece, commodity_code=code or None, hs=hs) if code else piece)
    return msgspec.structs.replace(item, content=tuple(content)) if content else item


def commodity_code(codes: Sequence[TariffCode]) -> tuple[str, bool]:
    """Return TSP and TRC as one code, and whether they have the form they should have."""
    main = [one.code or "" for one in codes if one.scheme == TSP]
    more = [one.code or "" for one in codes if one.scheme == TRC]
    code = main[0] if main else ""
    clear = len(main) == 1 and len(code) in _TSP_LENGTHS and code.isdigit() and len(more) <= 1
    if more and clear:
        clear = len(code) == max(_TSP_LENGTHS) and len(more[0]) == _TRC_LENGTH and more[0].isdigit()
        code += more[0] if clear else ""
    return code, clear


def _function(head: Mapping[str, str], told: list[Finding]) -> Function:
    code, kind = head.get("FunctionCode", "").strip(), head.get("TypeCode", "").strip()
    function = rules().function(code, kind)
    if function is None:
        told.append(
            finding(
                "UKCDS-FUNCTION",
                path="Declaration/FunctionCode",
                expected="9, 14, 13 with COR or INV",
                actual=f"{code} {kind}".strip(),
            )
        )
        return Function.CHANGE
    return function


def _low_value(item: Item) -> list[Finding]:
    """Judge the item by the rule of the day on which it was declared; without a day there is no rule."""
    day = declared_day(item)
    rule = rules().low_value_on(day) if day else None
    return [
        finding("UKCDS-LOW-VALUE", path="content[]", expected=expected, actual=actual)
        for expected, actual in (rule.faults(item) if rule else ())
    ]


def declared_day(item: Item) -> date | None:
    """Return the day on which an item was declared."""
    if item.filing and item.filing.declared_at:
        return item.filing.declared_at.date()
    return item.declared_on


def _keys(item: Item) -> tuple[str, ...]:
    keys = [
        f"{scheme}:{value}" for scheme, value in (("trk", item.tracking_number), ("mrn", item.mrn)) if value
    ]
    if local := _local(item):
        keys.append(f"lrn:{local}")
    return tuple(keys)


def _local(item: Item) -> str:
    """Return the trader's reference within its declarant; without one of them it names nothing."""
    declarant = item.declarant.identifier if item.declarant else None
    reference = item.filing.reference if item.filing else None
    return f"{declarant}|{reference}" if declarant and reference else ""


def _reference(item: Item) -> str:
    return _local(item) or item.mrn or item.tracking_number or ""


def _echo(item: Item) -> dict[str, str]:
    echo = {
        "FunctionalReferenceID": (item.filing.reference if item.filing else None) or "",
        "ID": item.mrn or "",
    }
    return {name: text for name, text in echo.items() if text}
