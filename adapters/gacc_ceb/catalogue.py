# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The names that messages share, and their tables.

Equal element names have different content in the import and export schemas, which share one namespace, so
everything is chosen by the number in the root.
"""

import functools
from pathlib import Path

from adapters.gacc_ceb.converters import converters
from adapters.gacc_ceb.message_type import ALWAYS, MAX_DOCUMENTS, MessageType
from adapters.gacc_ceb.messages import MESSAGES
from gateway.sdk import CompiledTable, Table, compile_table, load_table

__all__ = [
    "ALWAYS",
    "EDITION",
    "MAX_DOCUMENTS",
    "MESSAGES",
    "NAMESPACE",
    "OLDER_EDITION",
    "SIGNATURE_NAMESPACE",
    "MessageType",
    "compiled",
    "older",
    "table",
]

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
EDITION = "2022"
OLDER_EDITION = "2018"


@functools.cache
def table(name: str) -> Table:
    """Return the table of a message type, checked whole on first use."""
    return load_table(Path(__file__).parent / f"{name.lower()}.toml", converters())


@functools.cache
def compiled(name: str, edition: str = EDITION) -> CompiledTable:
    """Return the compiled table of a message type in one edition."""
    return compile_table(table(name), edition)


def older(name: str) -> CompiledTable | None:
    """Return the table of the 2018 edition, none for a message that came with the edition of 2022."""
    return compiled(name, OLDER_EDITION) if OLDER_EDITION in table(name).editions else None
