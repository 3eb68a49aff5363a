# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Validation against the official XSDs, from a folder that the operator supplies; nothing is shipped.

The envelope admits its body by a strict wildcard and does not load it, so a driver of three lines loads both.
The files are pinned by digest, because sets with the same namespaces differ between countries and copies.
"""

import hashlib
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.uk_cds.catalogue import DEC, ENVELOPE, RES, DocumentType
from gateway.sdk import ConfigError, Finding, finding

_FOLDER = "uk_cds/public/api/conf/3.0/schemas/wco"
_PLACES = {
    DEC.name: ("declaration", "WCO_DEC_2_DMS.xsd"),
    RES.name: ("notification", "WCO_RES_2_DMS.xsd"),
}
_DIGESTS = {
    DEC.name: "bb9fb0c7b5662e9d0b067dbf65f49370cf7c5eeef5db4bb3f2cc63c43a7f8079",
    RES.name: "d442308399bff16173206c082189a233ed4d879506a23f2b08d6fccbb3deab3e",
}
_MOST = 100


class Schemas:
    """Both schemas, loaded from files; validators are made once."""

    def __init__(self, folder: Path) -> None:
        """Load both.

        Raises:
            ConfigError: a file is missing or is not the pinned one.
        """
        self._validators = {one.name: _load(folder / _FOLDER, one) for one in (DEC, RES)}

    def check(self, name: str, root: Any) -> list[Finding]:
        """Return one finding per fault of a document, by the name of its type."""
        schema = self._validators[name]
        if schema.validate(root):
            return []
        log: Any = schema.error_log
        faults = list(log)[:_MOST]
        return [
            finding("UKCDS-XSD", path=_path(one), position=f"line {one.line}", actual=one.message)
            for one in faults
        ]


def _path(fault: Any) -> str:
    return str(fault.path or "").replace("/*[", "/[")


def _load(folder: Path, document: DocumentType) -> etree.XMLSchema:
    place, body = _PLACES[document.name]
    try:
        digest = hashlib.sha256((folder / place / body).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"schemas lacks {place}/{body} of uk_cds") from error
    if digest != _DIGESTS[document.name]:
        raise ConfigError(f"{place}/{body} is not the schema that uk_cds was made for")
    where = (folder / place).resolve().as_uri()
    driver = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{ENVELOPE}" schemaLocation="{where}/DocumentMetaData_2_DMS.xsd"/>'
        f'<xs:import namespace="{document.namespace}" schemaLocation="{where}/{body}"/></xs:schema>'
    )
    return etree.XMLSchema(etree.fromstring(driver, etree.XMLParser(resolve_entities=False)))
