# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages exist, how their documents are named, and their tables.

Equal element names have different content in the import and export schemas, which share one namespace, so
everything is chosen by the number in the root. Source: E-Port message package 202205, catalogue.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.gacc_ceb.converters import converters
from gateway.sdk import CompiledTable, Table, compile_table, load_table

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
EDITION = "2022"
OLDER_EDITION = "2018"
MAX_DOCUMENTS = 100
ALWAYS = "always"
IF_DECLARED = "if declared"

EXPORT_SIBLINGS = ("BaseTransfer", "BaseSubscribe", "Signature", "ExtendMessage")
IMPORT_SIBLINGS = ("BaseTransfer", "BaseSubscribe", "ExtendMessage", "Signature")


@dataclass(frozen=True, slots=True)
class MessageType:
    """One request message.

    `head` and `lines` are the group elements inside a document; an empty `head` is the document itself.
    `wrapper` is a head element that the field may put around a flat document. `loose` names the groups whose
    field order no source confirms, so that a difference warns and does not refuse. `per_line` says that each
    line speaks of another item. `signed` says when the definition asks for a signature; empty is never.
    """

    name: str
    document: str
    head: str
    lines: str
    receipt: str
    wrapper: str = ""
    loose: frozenset[str] = frozenset()
    per_line: bool = False
    signed: str = ""
    siblings: tuple[str, ...] = EXPORT_SIBLINGS

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the group names in document order."""
        return (self.head, self.lines) if self.lines else (self.head,)

    @property
    def prefix(self) -> str:
        """Return how paths of head fields begin."""
        return f"{self.head}/" if self.head else ""


MESSAGES: Mapping[str, MessageType] = {
    one.name: one
    for one in (
        MessageType("CEB303", "Order", "OrderHead", "OrderList", "CEB304"),
        MessageType("CEB403", "Receipts", "", "", "CEB404", wrapper="ReceiptsHead", loose=frozenset({""})),
        MessageType("CEB505", "Logistics", "", "", "CEB506", wrapper="LogisticsHead"),
        MessageType(
            "CEB507",
            "Arrival",
            "ArrivalHead",
            "ArrivalList",
            "CEB508",
            loose=frozenset({"ArrivalHead", "ArrivalList"}),
            per_line=True,
        ),
        MessageType(
            "CEB509",
            "Departure",
            "DepartureHead",
            "DepartureList",
            "CEB510",
            loose=frozenset({"DepartureHead", "DepartureList"}),
            per_line=True,
            signed=IF_DECLARED,
        ),
        MessageType("CEB603", "Inventory", "InventoryHead", "InventoryList", "CEB604", signed=IF_DECLARED),
        MessageType("CEB605", "InvtCancel", "", "", "CEB606", wrapper="InvtCancelHead", signed=IF_DECLARED),
        MessageType(
            "CEB607",
            "WayBill",
            "WayBillHead",
            "WayBillList",
            "CEB608",
            loose=frozenset({"WayBillHead", "WayBillList"}),
            per_line=True,
            signed=IF_DECLARED,
        ),
        MessageType(
            "CEB621",
            "Inventory",
            "InventoryHead",
            "InventoryList",
            "CEB622",
            loose=frozenset({"InventoryList"}),
            signed=ALWAYS,
            siblings=IMPORT_SIBLINGS,
        ),
    )
}


@functools.cache
def table(name: str) -> Table:
    """Return the table of a message type, checked whole on first use."""
    return load_table(Path(__file__).parent / f"{name.lower()}.toml", converters())


@functools.cache
def compiled(name: str, edition: str = EDITION) -> CompiledTable:
    """Return the compiled table of a message type in one edition."""
    return compile_table(table(name), edition)
