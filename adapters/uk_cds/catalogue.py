# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The two documents, their namespaces, tables and elements.

WCO data model 3.6 in the form of HMRC: envelope MetaData, one Declaration (DEC) or several Responses (RES).
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.uk_cds.converters import converters
from gateway.sdk import CompiledTable, Table, compile_table, load_table

EDITION = "3.6"
ENVELOPE = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One of the two documents; `types` is the namespace that holds DateTimeString."""

    name: str
    root: str
    namespace: str
    types: str


DEC = DocumentType(
    "DEC", "Declaration", "urn:wco:datamodel:WCO:DEC-DMS:2", "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"
)
RES = DocumentType(
    "RES", "Response", "urn:wco:datamodel:WCO:RES-DMS:2", "urn:wco:datamodel:WCO:Response_DS:DMS:2"
)
DOCUMENTS: Mapping[str, DocumentType] = {one.name: one for one in (DEC, RES)}


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a document: its place in schema order, its WCO id, whether it may repeat."""

    order: int
    wco: str
    repeats: bool


@functools.cache
def elements(name: str) -> Mapping[str, Element]:
    """Return every element of a document by its path."""
    text = _elements_file()[name]
    found: dict[str, Element] = {}
    for order, line in enumerate(text.split("\n")):
        path, wco = line.split(" ")
        found[path] = Element(order, wco.rstrip("+").replace("-", ""), wco.endswith("+"))
    return found


@functools.cache
def _elements_file() -> Mapping[str, str]:
    document = tomllib.loads((FOLDER / "elements.toml").read_text("utf-8"))
    return {name: text.strip() for name, text in document.items()}


@functools.cache
def table(name: str) -> Table:
    """Return the table of a document, checked whole on first use."""
    return load_table(FOLDER / f"{name.lower()}.toml", converters())


@functools.cache
def compiled(name: str) -> CompiledTable:
    """Return the compiled table of a document."""
    return compile_table(table(name), EDITION)
