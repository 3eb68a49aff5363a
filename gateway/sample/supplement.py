# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the supplement of parcels: what no CEB export message says, as JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.sample.parcel import Line, Parcel

SALE = "11"


def supplement(message_id: str, parcels: Iterable[Parcel]) -> bytes:
    """Return one supplement message."""
    body = {
        "supplement": 1,
        "sender": "SAMPLE-POST",
        "message_id": message_id,
        "items": [_item(parcel) for parcel in parcels],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _item(parcel: Parcel) -> Mapping[str, Any]:
    """Return what is to be added to one item."""
    address = {"lines": parcel.street, "city": parcel.city, "country": parcel.country}
    if parcel.postcode:
        address["postcode"] = parcel.postcode
    return {
        "tracking_number": parcel.tracking,
        "addressee": {"name": parcel.addressee, "address": address, "telephone": parcel.telephone},
        "sender": {"address": {"lines": parcel.sender_street, "city": parcel.sender_city, "country": "CN"}},
        "nature_of_transaction": SALE,
        "content": [_piece(line) for line in parcel.lines],
    }


def _piece(line: Line) -> Mapping[str, Any]:
    """Return what is to be added to one content piece."""
    return {
        "number": line.number,
        "origin_country": "CN",
        "net_mass": {"value": str(line.net), "unit": "KGM"},
        "hs": line.code[:6],
    }
