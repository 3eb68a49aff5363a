# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write CEB303, CEB505 and CEB603 messages from parcels; field order as in the E-Port package of May 2022."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.formats import xml
from gateway.sample.parcel import Line, Parcel

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
CNY = "142"
KILOGRAM = "035"
Fields: TypeAlias = list[tuple[str, str]]


@dataclass(slots=True)
class Draft:
    """A document on its way to be written, still open to faults."""

    document: str
    head_name: str
    lines_name: str
    head: Fields
    lines: list[Fields] = field(default_factory=list)
    swapped: bool = False

    def content(self) -> tuple[str, xml.Content]:
        """Return the document as the XML writer takes it."""
        if not self.head_name:
            return self.document, self.head
        groups: list[tuple[str, xml.Content]] = [(self.lines_name, line) for line in self.lines]
        groups.insert(len(groups) if self.swapped else 0, (self.head_name, self.head))
        return self.document, groups


def order(parcel: Parcel) -> Draft:
    """Return the order (CEB303)."""
    head = [
        *_opening(parcel, 0),
        ("orderType", "E"),
        ("orderNo", parcel.order_number),
        ("ebpCode", parcel.platform[0]),
        ("ebpName", parcel.platform[1]),
        ("ebcCode", parcel.seller[0]),
        ("ebcName", parcel.seller[1]),
        ("goodsValue", str(parcel.value)),
        ("freight", str(parcel.freight)),
        ("currency", CNY),
    ]
    return Draft("Order", "OrderHead", "OrderList", head, [_order_line(line) for line in parcel.lines])


def _order_line(line: Line) -> Fields:
    """Return one line of an order."""
    return [
        ("gnum", str(line.number)),
        ("itemNo", f"SKU{line.code}"),
        ("itemName", line.name),
        ("itemDescribe", line.model),
        ("unit", line.unit),
        ("currency", CNY),
        ("qty", str(line.quantity)),
        ("price", str(line.price)),
        ("totalPrice", str(line.total)),
    ]


def waybill(parcel: Parcel) -> Draft:
    """Return the waybill (CEB505)."""
    head = [
        *_opening(parcel, 1),
        ("logisticsCode", parcel.carrier[0]),
        ("logisticsName", parcel.carrier[1]),
        ("logisticsNo", parcel.tracking),
        ("freight", str(parcel.freight)),
        ("insuredFee", "0"),
        ("currency", CNY),
        ("grossWeight", str(parcel.gross)),
        ("packNo", "1"),
        ("goodsInfo", "，".join(line.name for line in parcel.lines)),
        ("ebcCode", parcel.seller[0]),
        ("ebcName", parcel.seller[1]),
        ("ebcTelephone", parcel.sender_telephone),
    ]
    return Draft("Logistics", "", "", head)


def inventory(parcel: Parcel) -> Draft:
    """Return the export list (CEB603)."""
    head = [
        *_opening(parcel, 2),
        ("customsCode", "5165"),
        ("ebpCode", parcel.platform[0]),
        ("ebpName", parcel.platform[1]),
        ("orderNo", parcel.order_number),
        ("logisticsCode", parcel.carrier[0]),
        ("logisticsName", parcel.carrier[1]),
        ("logisticsNo", parcel.tracking),
        ("copNo", parcel.list_reference),
        ("ieFlag", "E"),
        ("portCode", "5141"),
        ("ieDate", f"{parcel.day:%Y%m%d}"),
        ("statisticsFlag", "B"),
        ("agentCode", parcel.agent[0]),
        ("agentName", parcel.agent[1]),
        ("ebcCode", parcel.seller[0]),
        ("ebcName", parcel.seller[1]),
        ("ownerCode", "NO"),
        ("ownerName", parcel.seller[1]),
        ("tradeMode", "9610"),
        ("trafMode", "5"),
        ("country", parcel.country_code),
        ("POD", parcel.country_code),
        ("freight", str(parcel.freight)),
        ("fCurrency", CNY),
        ("fFlag", "3"),
        ("insuredFee", "0"),
        ("iCurrency", CNY),
        ("iFlag", "3"),
        ("wrapType", "2"),
        ("packNo", "1"),
        ("grossWeight", str(parcel.gross)),
        ("netWeight", str(parcel.net)),
    ]
    lines = [_inventory_line(line, parcel.country_code) for line in parcel.lines]
    return Draft("Inventory", "InventoryHead", "InventoryList", head, lines)


def _inventory_line(line: Line, country: str) -> Fields:
    """Return one line of an export list; the second legal quantity is the net mass."""
    return [
        ("gnum", str(line.number)),
        ("itemNo", f"SKU{line.code}"),
        ("itemName", line.name),
        ("gcode", line.code),
        ("gname", line.name),
        ("gmodel", line.model),
        ("barCode", "无"),
        ("country", country),
        ("currency", CNY),
        ("qty", str(line.quantity)),
        ("qty1", str(line.quantity)),
        ("qty2", str(line.net)),
        ("unit", line.unit),
        ("unit1", line.unit),
        ("unit2", KILOGRAM),
        ("price", str(line.price)),
        ("totalPrice", str(line.total)),
    ]


def _opening(parcel: Parcel, which: int) -> Fields:
    """Return the fields that every document begins with."""
    return [
        ("guid", parcel.guids[which]),
        ("appType", "1"),
        ("appTime", f"{parcel.day:%Y%m%d}{9 + which:02d}3000"),
        ("appStatus", "1"),
    ]


def transfer(declarant: Sequence[str]) -> tuple[str, xml.Content]:
    """Return the BaseTransfer element."""
    code, name = declarant
    return (
        "BaseTransfer",
        [("copCode", code), ("copName", name), ("dxpMode", "DXP"), ("dxpId", "DXPENTSAMPLE0001")],
    )


def message(
    name: str, guid: str, content: Iterable[tuple[str, xml.Content]], namespace: str = NAMESPACE
) -> bytes:
    """Write one message."""
    return xml.write(
        f"{name}Message",
        list(content),
        namespace=namespace,
        prefix="ceb",
        attributes={"guid": guid, "version": "1.0"},
    ).body
