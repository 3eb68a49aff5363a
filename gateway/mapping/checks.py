# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What must hold for each part of a table file on its own; a checker yields one finding per fault."""

import difflib
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

from gateway.finding import Finding, finding
from gateway.mapping.converters import DEFAULTS, CodeMap, Converter
from gateway.model import ContributionKind, Item, leaf_types

_MESSAGE = {"name": str, "version": str, "kind": str, "editions": list, "source": str}
_GROUP = {"name": str, "min": int, "max": int, "target": str, "field": list}
_ROW: Mapping[str, type] = {
    "outside": str,
    "path": str,
    "type": str,
    "length": list,
    "digits": list,
    "required": bool,
    "converter": str,
    "constant": str,
    "codes": list,
    "codelist": str,
    "unknown": str,
    "overflow": str,
    "keep_empty": bool,
    "signed": bool,
    "rule": str,
    "cite": str,
    "edition": str,
    "note": str,
}
_BY_EDITION = ("length", "digits", "required", "codes")
_NOT_FOR_CONSTANTS = (
    *("type", "length", "digits", "required", "converter", "codes", "codelist", "unknown"),
    *("overflow", "keep_empty", "signed"),
)


def check_message(document: Mapping[str, Any]) -> Generator[Finding, None, tuple[str, ...]]:
    """Check `[message]` and the top level; return the editions."""
    yield from _unknown_keys("(file)", document, ("message", "group"))
    message = document.get("message")
    if not isinstance(message, dict):
        yield _fault("message", "a [message]")
        return ()
    yield from _typed("message", message, _MESSAGE, optional=())
    kinds = ["", *ContributionKind]
    if isinstance(message.get("kind"), str) and message["kind"] not in kinds:
        yield _fault(
            "message.kind", "one of " + ", ".join(filter(None, kinds)) + ", or empty", message["kind"]
        )
    editions = message.get("editions")
    if not isinstance(editions, list) or not _texts(editions):
        yield _fault("message.editions", "a list of different names")
        return ()
    return tuple(editions)


def check_group(place: str, group: Any) -> Iterator[Finding]:
    """Check one `[[group]]` without its fields."""
    if not isinstance(group, dict):
        yield _fault(place, "a table")
        return
    yield from _typed(place, group, _GROUP, optional=("field",))
    low, high = group.get("min"), group.get("max")
    if isinstance(low, int) and isinstance(high, int) and not 0 <= low <= high >= 1:
        yield _fault(f"{place}.max", "0 <= min <= max, max at least 1", f"{low}, {high}")
    target = group.get("target")
    if (
        isinstance(target, str)
        and target
        and not any(leaf.startswith(target + ".") for leaf in leaf_types(Item))
    ):
        yield _fault(f"{place}.target", "a canonical place that has fields under it", target)
    twice = isinstance(target, str) and target.endswith("[]") and target.count("[]") == 2  # noqa: PLR2004
    if isinstance(target, str) and "[]." in target and not twice:
        yield _fault(f"{place}.target", "a place that repeats at most by itself and in one other", target)


def check_row(
    place: str, row: Any, target: Any, editions: Sequence[str], converters: Mapping[str, Converter]
) -> Iterator[Finding]:
    """Check one `[[group.field]]`."""
    if not isinstance(row, dict):
        yield _fault(place, "a table")
        return
    place = f"{place} ({row.get('rule', 'no rule')})"
    allowed = {**_ROW, **{f"{key}_{one}": _ROW[key] for key in _BY_EDITION for one in editions}}
    wrong = list(_typed(place, row, allowed, optional=tuple(set(allowed) - {"rule", "cite"})))
    yield from wrong
    if wrong:
        return
    if "edition" in row and row["edition"] not in editions:
        yield _fault(place, "an edition of the message", row["edition"])
    if "path" in row:
        path = f"{target}.{row['path']}" if target else row["path"]
        if path not in leaf_types(Item):
            near = difflib.get_close_matches(path, leaf_types(Item), 1)
            yield _fault(place, f"a canonical leaf path{', nearest ' + near[0] if near else ''}", path)
    if "constant" in row:
        yield from _check_constant(place, row, target)
        return
    if not row.get("outside"):
        yield _fault(place, "outside or constant")
    if "path" not in row and not row.get("note"):
        yield _fault(place, "a note that says why no canonical path takes the field")
    yield from _check_limits(place, row, editions)
    if row.get("type", "C") in DEFAULTS:
        yield from _check_converter(place, row, target, converters)


def _check_constant(place: str, row: Mapping[str, Any], target: Any) -> Iterator[Finding]:
    if not row["constant"] or "outside" in row:
        yield _fault(place, "a constant that is not empty and stands instead of outside")
    path = row.get("path")
    if path is None:
        yield _fault(place, "a path for the constant")
    elif leaf_types(Item).get(f"{target}.{path}" if target else path, str) is not str:
        yield _fault(place, "a text leaf for the constant", path)
    for key in _NOT_FOR_CONSTANTS:
        if key in row:
            yield _fault(place, f"no {key} beside a constant")


def _check_limits(place: str, row: Mapping[str, Any], editions: Sequence[str]) -> Iterator[Finding]:
    kind = row.get("type", "C")
    if kind not in DEFAULTS:
        yield _fault(place, "type C, N, I, D8 or T14", kind)
        return
    yield from _check_sizes(place, row, kind, editions)
    yield from _check_codes(place, row, kind, editions)
    overflow = row.get("overflow", "reject")
    if overflow not in {"reject", "truncate"}:
        yield _fault(place, "overflow reject or truncate", overflow)
    elif overflow == "truncate" and kind not in {"C", "N"}:
        yield _fault(place, "overflow truncate for type C or N only", kind)
    if "signed" in row and kind not in {"N", "I"}:
        yield _fault(place, "signed for type N or I only", kind)
    if row.get("keep_empty") and (kind != "C" or row.get("required") or "codes" in row):
        yield _fault(place, "keep_empty for an optional field of free text only")


def _check_sizes(place: str, row: Mapping[str, Any], kind: str, editions: Sequence[str]) -> Iterator[Finding]:
    for key, kinds in (("length", ("C",)), ("digits", ("N", "I"))):
        if key not in row and kind in kinds:
            yield _fault(place, f"{key} for type {kind}")
        for name in (key, *(f"{key}_{edition}" for edition in editions)):
            if name not in row:
                continue
            if kind not in kinds:
                yield _fault(place, f"no {name} for type {kind}")
            elif not _pair(row[name], least_first=key == "length") or (kind == "I" and row[name][1]):
                yield _fault(place, f"two fitting whole numbers as {name}", str(row[name]))


def _check_codes(place: str, row: Mapping[str, Any], kind: str, editions: Sequence[str]) -> Iterator[Finding]:
    for name in ("codes", *(f"codes_{edition}" for edition in editions)):
        if name not in row:
            continue
        length: Any = row.get("length")
        if kind != "C" or not _texts(row[name]) or "codelist" in row:
            yield _fault(place, f"{name} as different texts of type C, without codelist")
        elif _pair(length, least_first=True) and any(
            not length[0] <= len(code) <= length[1] for code in row[name]
        ):
            yield _fault(place, f"{name} within the length", str(length))


def _check_converter(
    place: str, row: Mapping[str, Any], target: Any, converters: Mapping[str, Converter]
) -> Iterator[Finding]:
    if "converter" in row and "codelist" in row:
        yield _fault(place, "converter or codelist, not both")
    name = row.get("codelist") or row.get("converter") or DEFAULTS.get(row.get("type", "C"), "text")
    converter = converters.get(name)
    if converter is None:
        near = difflib.get_close_matches(name, converters, 1)
        yield _fault(place, f"a known converter{', nearest ' + near[0] if near else ''}", name)
        return
    if "codelist" in row and not isinstance(converter, CodeMap):
        yield _fault(place, "a code map under the name of the code list", name)
    if "unknown" in row:
        mark = row["unknown"].removeprefix("keep:")
        if not isinstance(converter, CodeMap) or mark == row["unknown"] or not mark.isalnum():
            yield _fault(place, "unknown as keep:<MARK> beside a code map", row["unknown"])
    if row.get("keep_empty") and name != "text":
        yield _fault(place, "keep_empty without a converter", name)
    path = row.get("path")
    leaf = leaf_types(Item).get(f"{target}.{path}" if target else str(path))
    if leaf is not None and path is not None and converter.yields is not leaf:
        yield _fault(
            place, f"a converter that yields {leaf.__name__}", f"{name} yields {converter.yields.__name__}"
        )


def _typed(
    place: str, table: Mapping[str, Any], keys: Mapping[str, type], optional: Sequence[str]
) -> Iterator[Finding]:
    """Check presence and TOML type of keys; `bool` is not a whole number here."""
    yield from _unknown_keys(place, table, tuple(keys))
    for key, kind in keys.items():
        if key not in table:
            if key not in optional:
                yield _fault(f"{place}.{key}", f"{key}, which is mandatory")
        elif type(table[key]) is not kind:
            yield _fault(f"{place}.{key}", f"a value of type {kind.__name__}", type(table[key]).__name__)
    for key in ("name", "rule", "cite", "version", "source"):
        if table.get(key) == "" and place != "" and not (key == "name" and "target" in keys):
            yield _fault(f"{place}.{key}", "a text that is not empty")


def _unknown_keys(place: str, table: Mapping[str, Any], known: Sequence[str]) -> Iterator[Finding]:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            yield _fault(place, f"no such key{', nearest ' + near[0] if near else ''}", key)


def _texts(value: Any) -> bool:
    """Say whether a value is a list of at least one different, non-empty text."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        return False
    return len(set(value)) == len(value)


def _pair(value: Any, *, least_first: bool) -> bool:
    """Say whether a value is [min, max] with max >= 1, or [total, fraction] with total >= 1."""
    if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int for one in value):  # noqa: PLR2004
        return False
    low, high = value if least_first else (value[1], value[0])
    return bool(0 <= low <= high >= 1)


def _fault(place: str, expected: str, actual: str = "") -> Finding:
    return finding("MAPPING-TABLE", path=place, expected=expected, actual=actual)
