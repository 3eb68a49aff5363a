# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read a table file and check it whole: every fault is listed; only a faultless table comes out."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError
from gateway.finding import Finding, finding
from gateway.mapping.checks import check_group, check_message, check_row
from gateway.mapping.checks_together import check_together
from gateway.mapping.converters import BUILT_IN, DEFAULTS, Converter
from gateway.mapping.table import Group, Row, Table, outer_target


def load_table(source: bytes | Path, converters: Mapping[str, Converter] | None = None) -> Table:
    """Return the checked table.

    Args:
        source: the TOML, or the file that holds it.
        converters: what `converter` and `codelist` rows may name, beside the built-in ones.

    Raises:
        ConfigError: the table is wrong; one finding MAPPING-TABLE per fault.
    """
    raw = source if isinstance(source, bytes) else source.read_bytes()
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused("table", [finding("MAPPING-TABLE", path="(file)", actual=str(error))]) from error
    known = {**BUILT_IN, **(converters or {})}
    faults = list(_faults(document, known))
    message = document.get("message")
    name = str(message.get("name", "")) if isinstance(message, dict) else ""
    if faults:
        raise _refused(f"table {name}", faults)
    table = _table(document, hashlib.sha256(raw).hexdigest(), known)
    faults = list(check_together(table))
    if faults:
        raise _refused(f"table {name}", faults)
    return table


def _faults(document: Mapping[str, Any], converters: Mapping[str, Converter]) -> Iterator[Finding]:
    """Check every part on its own; relations between parts need a table and come after."""
    editions = yield from check_message(document)
    groups = document.get("group")
    if not isinstance(groups, list) or not groups:
        yield finding("MAPPING-TABLE", path="group", expected="at least one [[group]]")
        return
    for number, group in enumerate(groups, 1):
        place = f"group[{number}]"
        yield from check_group(place, group)
        if not isinstance(group, dict):
            continue
        rows = group.get("field")
        if not isinstance(rows, list) or not rows:
            yield finding("MAPPING-TABLE", path=place, expected="at least one [[group.field]]")
            continue
        for index, row in enumerate(rows, 1):
            yield from check_row(
                f"{place}.field[{index}]", row, group.get("target", ""), editions, converters
            )


def _table(document: Mapping[str, Any], digest: str, converters: Mapping[str, Converter]) -> Table:
    message = document["message"]
    names = {group["target"]: group["name"] for group in document["group"]}
    return Table(
        name=message["name"],
        version=message["version"],
        kind=message["kind"],
        editions=tuple(message["editions"]),
        source=message["source"],
        groups=tuple(
            Group(
                name=group["name"],
                min=group["min"],
                max=group["max"],
                target=group["target"],
                rows=tuple(_row(group, row, message["editions"]) for row in group["field"]),
                parent=names.get(outer_target(group["target"]), ""),
            )
            for group in document["group"]
        ),
        digest=digest,
        converters=converters,
    )


def _row(group: Mapping[str, Any], row: Mapping[str, Any], editions: Sequence[str]) -> Row:
    plain = {key: _frozen(value) for key, value in row.items()}
    overrides: dict[str, dict[str, Any]] = {}
    for edition in editions:
        mark = f"_{edition}"
        changed = {key: plain.pop(key) for key in tuple(plain) if key.endswith(mark)}
        if changed:
            overrides[edition] = {key.removesuffix(mark): value for key, value in changed.items()}
    kind = plain.setdefault("type", "C")
    converter = plain.pop("codelist", "") or plain.get("converter") or DEFAULTS[kind]
    path = plain.get("path", "")
    return Row(
        **{
            **plain,
            "group": group["name"],
            "path": f"{group['target']}.{path}" if path and group["target"] else path,
            "converter": converter,
            "unknown": plain.get("unknown", "").removeprefix("keep:"),
            "overrides": overrides,
        }
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _refused(what: str, faults: Sequence[Finding]) -> ConfigError:
    lines = "".join(
        f"\n  {one.path}: {one.actual}{' - ' if one.actual and one.expected else ''}"
        f"{'expected ' + one.expected if one.expected else ''}"
        for one in faults
    )
    return ConfigError(f"{what} has {len(faults)} fault{'s'[: len(faults) != 1]}:{lines}", tuple(faults))
