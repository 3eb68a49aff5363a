# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read a message guide from TOML and check it whole; every fault is listed."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.formats.edifact.dates import FORMATS
from gateway.formats.edifact.guide import (
    CodeSet,
    Component,
    Element,
    Guide,
    Identity,
    Segment,
)
from gateway.formats.edifact.guide_conditions import read_conditions
from gateway.formats.edifact.guide_parts import SERVICE_TAGS, read_root
from gateway.formats.edifact.guide_toml import REQUIRED, Faults

_TAG = re.compile("[A-Z][A-Z0-9]{2}")
_COMPONENT: Mapping[str, tuple[type, Any]] = {
    "id": (str, REQUIRED),
    "name": (str, ""),
    "mandatory": (bool, False),
    "format": (str, REQUIRED),
    "codes": (str, ""),
    "pattern": (str, ""),
    "date": (str, ""),
}
_SIMPLE: Mapping[str, tuple[type, Any]] = {**_COMPONENT, "repeat": (int, 1)}
_COMPOSITE: Mapping[str, tuple[type, Any]] = {
    "composite": (str, REQUIRED),
    "name": (str, ""),
    "mandatory": (bool, False),
    "repeat": (int, 1),
}


def load_guide(source: bytes | Path) -> Guide:
    """Return the checked guide.

    Raises:
        ConfigError: the guide is wrong; one finding EDIFACT-GUIDE per fault.
    """
    raw = source if isinstance(source, bytes) else source.read_bytes()
    what = "guide" if isinstance(source, bytes) else f"guide {source.name}"
    faults = Faults()
    document = _parse(raw, faults, what)
    message = faults.take(
        "message",
        document.get("message"),
        {
            **dict.fromkeys(("name", "version", "release", "agency", "title", "source"), (str, REQUIRED)),
            "association": (str, ""),
        },
    )
    for key in sorted(document.keys() - {"message", "codes", "composite", "segment", "part"}):
        faults.add(key, "one of message, codes, composite, segment, part", key)
    segments = _segments(document, faults)
    for tag in sorted(SERVICE_TAGS & segments.keys()):
        faults.add(f"segment.{tag}", "no service segment; they are built in")
    root = read_root(document.get("part"), segments, faults)
    faults.refuse(what)
    identity = Identity(*(message[key] for key in ("name", "version", "release", "agency", "association")))
    return Guide(identity, message["title"], message["source"], root, hashlib.sha256(raw).hexdigest())


def load_segments(raw: bytes) -> Mapping[str, Segment]:
    """Return the segments of a file that holds only segments.

    Raises:
        ConfigError: a definition is wrong.
    """
    faults = Faults()
    segments = _segments(_parse(raw, faults, "segments"), faults)
    faults.refuse("segments")
    return segments


def _parse(raw: bytes, faults: Faults, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.add("(file)", "TOML in UTF-8", error)
        faults.refuse(what)
        raise


def _tables(document: Mapping[str, Any], key: str, faults: Faults) -> dict[str, Any]:
    found = document.get(key, {})
    if isinstance(found, dict):
        return found
    faults.add(key, "tables")
    return {}


def _segments(document: Mapping[str, Any], faults: Faults) -> dict[str, Segment]:
    """Return every segment definition by tag."""
    codes = {name: _codes(name, row, faults) for name, row in _tables(document, "codes", faults).items()}
    composites: dict[str, tuple[Component, ...]] = {}
    for name, row in _tables(document, "composite", faults).items():
        place = f"composite.{name}"
        rows = faults.take(place, row, {"component": (list, REQUIRED)})["component"]
        composites[name] = tuple(
            _component(f"{place}.component[{number}]", faults.take(place, one, _COMPONENT), codes, faults)
            for number, one in enumerate(rows, 1)
        )
        if not rows:
            faults.add(place, "at least one component")
    return {
        tag: _segment(tag, row, composites, codes, faults)
        for tag, row in _tables(document, "segment", faults).items()
    }


def _codes(name: str, row: object, faults: Faults) -> CodeSet:
    found = faults.take(f"codes.{name}", row, {"open": (bool, False), "values": (dict, REQUIRED)})
    if not found["values"]:
        faults.add(f"codes.{name}.values", "at least one code")
    return CodeSet(name, {code: str(text) for code, text in found["values"].items()}, found["open"])


def _component(place: str, row: Mapping[str, Any], codes: Mapping[str, CodeSet], faults: Faults) -> Component:
    if row["codes"] and row["codes"] not in codes:
        faults.add(f"{place}.codes", f"one of {', '.join(codes)}", row["codes"])
    form = faults.format(f"{place}.format", row["format"])
    listed = codes.get(row["codes"])
    for code in listed.codes if listed else ():
        if not form.min <= len(code) <= form.max:
            faults.add(f"{place}.codes", f"codes that fit {form}", code)
    try:
        re.compile(row["pattern"])
    except re.error as error:
        faults.add(f"{place}.pattern", "a regular expression", error)
    return Component(
        row["id"],
        row["name"] or row["id"],
        row["mandatory"],
        form,
        listed,
        row["pattern"],
        row["date"],
    )


def _segment(
    tag: str,
    row: object,
    composites: Mapping[str, tuple[Component, ...]],
    codes: Mapping[str, CodeSet],
    faults: Faults,
) -> Segment:
    place = f"segment.{tag}"
    if not _TAG.fullmatch(tag):
        faults.add(place, "a tag of three capital letters or digits", tag)
    found = faults.take(place, row, {"element": (list, []), "condition": (list, [])})
    elements = tuple(
        _element(f"{place}.element[{number}]", one, composites, codes, faults)
        for number, one in enumerate(found["element"], 1)
    )
    names = [one.name for element in elements for one in element.components]
    for name, count in Counter(names).items():
        if count > 1:
            faults.add(place, "names that differ; give the element a name", name)
    _check_dates(place, elements, faults)
    return Segment(tag, elements, read_conditions(place, found["condition"], names, faults))


def _element(
    place: str,
    row: object,
    composites: Mapping[str, tuple[Component, ...]],
    codes: Mapping[str, CodeSet],
    faults: Faults,
) -> Element:
    composite = isinstance(row, dict) and "composite" in row
    found = faults.take(place, row, _COMPOSITE if composite else _SIMPLE)
    if found["repeat"] < 1:
        faults.add(f"{place}.repeat", "1 or more", found["repeat"])
    if not composite:
        one = _component(place, found, codes, faults)
        return Element(one.id, one.mandatory, (one,), found["repeat"])
    name = found["composite"]
    if name not in composites:
        faults.add(f"{place}.composite", f"one of {', '.join(composites)}", name)
        return Element(name, found["mandatory"], (), 1, composite=True)
    prefix = f"{found['name']}." if found["name"] else ""
    parts = tuple(
        Component(
            one.id,
            prefix + one.name,
            one.mandatory,
            one.format,
            one.codes,
            one.pattern,
            prefix + one.date if one.date else "",
        )
        for one in composites[name]
    )
    return Element(name, found["mandatory"], parts, found["repeat"], composite=True)


def _check_dates(place: str, elements: Sequence[Element], faults: Faults) -> None:
    """Check that dates name their format: a component of the same element, or a fixed format code."""
    for element in elements:
        names = {one.name for one in element.components}
        for one in element.components:
            fixed = one.date.rpartition(".")[2]
            if one.date and one.date not in names and fixed not in FORMATS:
                faults.add(f"{place}.{one.name}.date", "a component of the same element, or a format code")
