# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read a return out of a record: item data of nature "returned goods", or an event of a return message."""

from datetime import date, tzinfo
from decimal import Decimal

from gateway.model import ContentPiece, Item, Quantity
from gateway.trade.return_case import LONGEST, Amount, Claim, ClaimLine

NATURE = "21"  # returned goods, UPU code list 136
SCHEME = "gacc_ceb"
MESSAGES = {"CEB213": "export", "CEB625": "import"}


def is_return(item: Item, record: str) -> bool:
    """Say whether a record of our own side announces a return.

    Item data counts if it comes in: what goes out with this nature is for others to match.
    """
    if record == "event":
        event = item.event
        return event is not None and event.scheme == SCHEME and event.code in MESSAGES
    return record == "item" and item.nature_of_transaction == NATURE and item.direction == "import"


def claim_of(item: Item, zone: tzinfo) -> Claim:
    """Return the claim of a record; days are those of a time zone.

    An event of a list message bears the number of the original or of the way back, without saying which.
    """
    event = item.event
    message = event.code or "" if event is not None and event.scheme == SCHEME else ""
    seller, platform = item.sender if message else None, item.platform
    day: date | None = None
    if message and event is not None and event.at is not None:
        day = event.at.astimezone(zone).date()
    note = (event.note if event is not None else item.note) or ""
    return Claim(
        lines=tuple(_line(one, place) for place, one in enumerate(item.content, 1)),
        day=day,
        direction=MESSAGES.get(message, "export"),
        message=message,
        mode=item.trade_mode or "",
        office=(item.declaration_office or "") if message else "",
        site=(item.supervised_site or "") if message else "",
        list_number=item.list_number or "",
        tracking_number=item.tracking_number or "",
        platform=(platform.identifier or "") if platform else "",
        order_number=item.order_number or "",
        exporter=(seller.identifier or "") if seller else "",
        country=item.departure_country or "",
        reason=note if note.isprintable() and len(note) <= LONGEST else "",
    )


def _line(piece: ContentPiece, place: int) -> ClaimLine:
    """Return one line; a quantity that is not stated is zero, which the check refuses."""
    return ClaimLine(
        line=piece.number or place,
        quantity=_amount(piece.quantity) or Amount(value=Decimal(0), unit=""),
        legal=_amount(piece.legal_quantity),
        second=_amount(piece.second_quantity),
        commodity_code=piece.commodity_code or piece.hs or "",
        description=piece.description or "",
        specification=piece.specification or "",
    )


def _amount(said: Quantity | None) -> Amount | None:
    """Return a quantity, none if it has no value."""
    if said is None or said.value is None:
        return None
    return Amount(value=said.value, unit=said.unit or "")
