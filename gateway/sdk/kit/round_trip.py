# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write again what was read, read it again, and compare leaf by leaf what the tables map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import AdapterError, GatewayError, InputError
from gateway.mapping import Table
from gateway.model import Contribution, DecodedMessage, Encoded, values
from gateway.sdk.adapter import Adapter, Limits

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Written:
    """A message written again; `message_type` is empty and `problem` says why if it could not be."""

    message_type: str
    encoded: Encoded | None
    problem: str = ""


def said(message: DecodedMessage) -> list[Contribution]:
    """Return the contributions of a message in order."""
    return [one for document in message.documents for one in document.contributions]


def write_again(adapter: Adapter, message: DecodedMessage, now: datetime) -> Written:
    """Write the records of a message as a message of its type.

    If its type is not one that is written, as where one root takes several documents, every table of the
    records' kind is tried.
    """
    items, kinds = [one.item for one in said(message)], {one.kind.value for one in said(message)}
    types = [message.message_type, *(name for name, table in adapter.tables().items() if table.kind in kinds)]
    problem, known = "", False
    for message_type in dict.fromkeys(types):
        try:
            return Written(message_type, adapter.encode(message_type, items, now))
        except AdapterError as error:
            problem = problem or str(error)
        except InputError as error:
            problem = problem if known else _faults(error)
            known = True
    return Written("", None, problem)


def compare(
    adapter: Adapter, message: DecodedMessage, body: bytes, paths: Sequence[str], limits: Limits
) -> Iterator[str]:
    """Yield every mapped path whose values differ after writing and reading, and a differing count."""
    before, after = said(message), said(adapter.decode(body, limits))
    if len(before) != len(after):
        yield f"{len(before)} records became {len(after)}"
        return
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        for path in paths:
            if _there(values(one.item, path)) != _there(values(other.item, path)):
                yield f"record {number}: {path} is not the same"


def mapped_paths(tables: Mapping[str, Table], message_type: str, kinds: set[str]) -> tuple[str, ...]:
    """Return the canonical paths that a message type maps; if it has no table, those of all of the kinds."""
    named = [tables[message_type]] if message_type in tables else []
    chosen = named or [one for one in tables.values() if one.kind in kinds]
    return tuple(dict.fromkeys(row.path for table in chosen for row in table.rules.values() if row.path))


def _there(found: Sequence[object]) -> list[object]:
    return [one for one in found if one is not None]


def _faults(error: GatewayError) -> str:
    told = [f"{one.code} {one.path}".rstrip() for one in error.findings[:_SHOWN]]
    more = f" and {len(error.findings) - _SHOWN} more" if len(error.findings) > _SHOWN else ""
    return f"{error}; {', '.join(told)}{more}"
