# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rules for returns that one document alone can break: CEB213 and CEB215 of exports, CEB625 of imports.

What needs the original list (its lines, its exporter, what came back before, both clocks) is not judged here.
"""

from collections.abc import Iterator

from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import Finding, Item, ceb, finding

MODES = frozenset({"9661", "1261"})
SCHEMA_REASON = 500
_APPLICATION = "CEB213"
_ORIGINAL = {"CEB213": "E", "CEB215": "E", "CEB625": "I"}


def check(message: MessageType, item: Item, position: str) -> Iterator[Finding]:
    """Yield every broken rule of one return."""
    head = message.prefix
    yield from _check_list(message, item, position)
    if item.direction not in (None, "import"):
        yield finding("GACC-RETURN-DIRECTION", path=f"{head}ieFlag", position=position, expected="I")
    if item.departure_country == "CN":
        yield finding("GACC-RETURN-COUNTRY", path=f"{head}country", position=position, actual="142")
    if message.name != _APPLICATION:
        return
    if item.trade_mode not in MODES:
        yield finding(
            "GACC-RETURN-MODE",
            path=f"{head}tradeMode",
            position=position,
            expected="9661 or 1261",
            actual=item.trade_mode or "",
        )
    reason = item.event.note if item.event and item.event.note else ""
    if len(reason) > SCHEMA_REASON:
        yield finding(
            "GACC-RETURN-REASON",
            path=f"{head}reason",
            position=position,
            expected=f"at most {SCHEMA_REASON} characters",
            actual=f"{len(reason)} characters",
        )


def _check_list(message: MessageType, item: Item, position: str) -> Iterator[Finding]:
    """Check the form and direction of the original list number, and whose office it names."""
    number = item.list_number
    if number is None:
        return
    path, wanted = f"{message.prefix}invtNo", _ORIGINAL[message.name]
    if not ceb.is_list_number(number) or ceb.validate_list_number(number).direction != wanted:
        yield finding(
            "GACC-RETURN-LIST",
            path=path,
            position=position,
            expected=f"office, year, {wanted}, 9 to 11 digits",
            actual=number,
        )
        return
    office = ceb.validate_list_number(number).customs_office
    if item.declaration_office and office != item.declaration_office:
        yield finding(
            "GACC-RETURN-ZONE",
            path=f"{message.prefix}customsCode",
            position=position,
            expected=office,
            actual=item.declaration_office,
        )
