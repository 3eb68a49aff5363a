# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From one outside format to another by way of the records, with everything that is lost on the way.

The rules:

1. Records go into one document if the format takes them together, else into one document each.
2. Without a message type every type of the target for records of the kind is tried, then every other; the one
   that loses least is taken, and of equal ones the first of the adapter's tables.
3. What cannot be written is refused with the findings of the nearest try. Nothing is written in part.
4. The report names rule and citation of each change. A source field that no record takes is told as unmapped
   if the message fills it: by its name in the text and, in every format, by what the adapter found.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import AdapterError, InputError
from gateway.finding import Finding, finding, has_errors
from gateway.mapping import Table
from gateway.model import Encoded, Item, Loss
from gateway.sdk import Adapter


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became of a value; `kind` is lost, truncated, rounded, derived or unmapped."""

    kind: str
    path: str
    outside_path: str
    rule: str
    cite: str
    detail: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was written: documents of one message type, and what became of the values."""

    message_type: str
    documents: tuple[bytes, ...]
    content_type: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def convert(
    target: Adapter, message_type: str, items: Sequence[Item], kinds: frozenset[str], now: datetime
) -> Conversion:
    """Write records in the format of the target, by the message type or, if it is empty, the best one.

    Raises:
        AdapterError: the target does not write this type.
        InputError: the records cannot be written; the findings say why.
    """
    if not items:
        raise InputError(
            "the message has no records to convert",
            (finding("SCHEMA-COUNT", expected="at least one record", actual="0"),),
        )
    tables = target.tables()
    if message_type:
        return _conversion(message_type, tables, _written(target, message_type, items, now))
    near = sorted(tables, key=lambda name: tables[name].kind not in kinds)
    best: Conversion | None = None
    refused: InputError | None = None
    for name in near:
        if best is not None and tables[name].kind not in kinds:
            break
        try:
            found = _conversion(name, tables, _written(target, name, items, now))
        except AdapterError:
            continue
        except InputError as error:
            if refused is None or len(error.findings) < len(refused.findings):
                refused = error
            continue
        if best is None or _cost(found) < _cost(best):
            best = found
    if best is not None:
        return best
    raise refused or AdapterError(f"{target.name} writes nothing")


def unmapped(raw: bytes, table: Table) -> Iterator[Change]:
    """Yield the fields that a message fills and that no record takes, as the source's table has them."""
    mapped = {_last(row.outside) for row in table.rules.values() if row.path and row.outside}
    for row in table.rules.values():
        name = _last(row.outside)
        if row.path or not row.outside or name in mapped:
            continue
        word = re.escape(name.encode())
        filled = rb"<(?:[\w.-]+:)?%b(?:\s[^>]*)?>\s*[^<\s]|\"%b\"\s*:\s*[\"\d]" % (word, word)
        if re.search(filled, raw):
            place = f"{row.group}/{row.outside}".lstrip("/")
            yield Change("unmapped", "", place, row.rule, row.cite, row.note)


def untaken(found: Sequence[Finding], tables: Mapping[str, Table], message_type: str) -> Iterator[Change]:
    """Yield the fields of which the reader itself found that no record takes them."""
    for one in found:
        if one.code != "SCHEMA-UNMAPPED-FIELD":
            continue
        row = next((table.rules[one.rule] for table in tables.values() if one.rule in table.rules), None)
        source = tables.get(message_type) or next(iter(tables.values()), None)
        cite = row.cite if row else source.source if source else ""
        yield Change("unmapped", "", one.path or one.actual, one.rule, cite, one.remedy)


def _written(target: Adapter, message_type: str, items: Sequence[Item], now: datetime) -> list[Encoded]:
    """Return one document of all records, or one of each."""
    try:
        return [_one(target, message_type, items, now)]
    except InputError:
        if len(items) == 1:
            raise
    return [_one(target, message_type, [item], now) for item in items]


def _one(target: Adapter, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
    encoded = target.encode(message_type, items, now)
    if has_errors(encoded.findings):
        raise InputError(f"{message_type} cannot be written", encoded.findings)
    return encoded


def _conversion(message_type: str, tables: Mapping[str, Table], written: Sequence[Encoded]) -> Conversion:
    table = tables.get(message_type)
    return Conversion(
        message_type=message_type,
        documents=tuple(one.body for one in written),
        content_type=written[0].content_type,
        changes=tuple(_change(loss, table) for one in written for loss in one.losses),
        findings=tuple(found for one in written for found in one.findings),
    )


def _change(loss: Loss, table: Table | None) -> Change:
    """Return a loss with the citation of its rule; without a rule, of the message's source."""
    row = table.rules.get(loss.rule) if table else None
    cite = row.cite if row else table.source if table and not loss.rule else ""
    return Change(loss.kind, loss.path, loss.outside_path, loss.rule, cite, loss.detail)


def _cost(one: Conversion) -> tuple[int, int]:
    return sum(change.kind == "lost" for change in one.changes), len(one.documents)


def _last(outside: str) -> str:
    return outside.rpartition("/")[2].lstrip("@")
