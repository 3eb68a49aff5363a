# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of the form: every canonical leaf under its own name, for explain and the field documents."""

import functools
import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from adapters.ead_json.json_schema import schema_text
from adapters.ead_json.leaves import DIGITS, MAX_TEXT, PLACES
from adapters.ead_json.wrapping import MESSAGE_TYPE
from gateway.sdk import Group, Item, Row, Table, leaf_types

EDITION = "1"
_SOURCE = "README.md of the adapter; the form is our own"


@functools.cache
def table() -> Table:
    """Return the table; its digest is that of the schema, which says the same."""
    rows = tuple(_row(path, kind) for path, kind in leaf_types(Item).items())
    return Table(
        name=MESSAGE_TYPE,
        version=EDITION,
        kind="filing",
        editions=(EDITION,),
        source=_SOURCE,
        groups=(Group(name="data", min=1, max=1, target="", rows=rows),),
        digest=hashlib.sha256(schema_text().encode()).hexdigest(),
        converters={},
    )


def _row(path: str, kind: type) -> Row:
    whole: dict[str, Any] = {
        "group": "data",
        "rule": f"EADJ-{path}",
        "cite": _SOURCE,
        "outside": path,
        "path": path,
    }
    if kind is Decimal:
        return Row(**whole, type="N", digits=(DIGITS + PLACES, PLACES), signed=True, converter="decimal")
    if kind is int:
        return Row(**whole, type="I", digits=(16, 0), signed=True, converter="integer")
    if kind is date:
        return Row(**whole, length=(10, 10), converter="iso_date")
    if kind is datetime:
        return Row(**whole, length=(20, 32), converter="iso_datetime")
    return Row(**whole, length=(0, MAX_TEXT))
