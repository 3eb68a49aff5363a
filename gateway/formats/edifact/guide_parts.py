# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The order of a message: segment uses and groups, checked so that every segment can have one place only."""

import itertools
from collections.abc import Mapping, Sequence

from gateway.formats.edifact.guide import GroupUse, Part, Segment, SegmentUse
from gateway.formats.edifact.guide_conditions import read_conditions
from gateway.formats.edifact.guide_toml import REQUIRED, Faults

SERVICE_TAGS = frozenset(
    ("UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "UNO", "UNP", "UIB", "UIH", "UIT", "UIZ")
)
MOST = 999_999
DEEPEST = 20


def read_root(rows: object, segments: Mapping[str, Segment], faults: Faults) -> GroupUse:
    """Return what stands between UNH and UNT as the one instance of a nameless group."""
    parts = _parts("part", rows, segments, faults, 0)
    return GroupUse("", 1, 1, parts)


def _parts(
    place: str, rows: object, segments: Mapping[str, Segment], faults: Faults, depth: int
) -> tuple[Part, ...]:
    if not isinstance(rows, list) or not rows:
        faults.add(place, "at least one part")
        return ()
    if depth > DEEPEST:
        faults.add(place, f"at most {DEEPEST} levels")
        return ()
    found = [_part(f"{place}[{number}]", row, segments, faults, depth) for number, row in enumerate(rows, 1)]
    parts = tuple(one for one in found if one is not None)
    _check_names(place, parts, faults)
    _check_neighbours(place, parts, faults)
    return parts


def _part(
    place: str, row: object, segments: Mapping[str, Segment], faults: Faults, depth: int
) -> Part | None:
    if isinstance(row, dict) and "group" in row:
        return _group(place, row, segments, faults, depth)
    found = faults.take(
        place,
        row,
        {
            "segment": (str, REQUIRED),
            "name": (str, ""),
            "min": (int, 0),
            "max": (int, 1),
            "qualifiers": (list, []),
        },
    )
    _check_counts(place, found["min"], found["max"], faults)
    segment = segments.get(found["segment"])
    if segment is None:
        faults.add(f"{place}.segment", "a segment defined in this guide", found["segment"])
        return None
    qualifiers = faults.texts(f"{place}.qualifiers", found["qualifiers"])
    if qualifiers and not segment.elements:
        faults.add(f"{place}.qualifiers", "a segment with elements", segment.tag)
    if qualifiers and segment.elements and segment.elements[0].repeat > 1:
        faults.add(f"{place}.qualifiers", "a first element that does not repeat", segment.tag)
    return SegmentUse(found["name"] or segment.tag, segment, found["min"], found["max"], qualifiers)


def _group(
    place: str, row: object, segments: Mapping[str, Segment], faults: Faults, depth: int
) -> GroupUse | None:
    found = faults.take(
        place,
        row,
        {
            "group": (str, REQUIRED),
            "min": (int, 0),
            "max": (int, 1),
            "part": (list, REQUIRED),
            "condition": (list, []),
        },
    )
    _check_counts(place, found["min"], found["max"], faults)
    parts = _parts(f"{place}.part", found["part"], segments, faults, depth + 1)
    if not parts:
        return None
    first = parts[0]
    if isinstance(first, GroupUse) or (first.min, first.max) != (1, 1):
        faults.add(f"{place}.part[1]", "a trigger segment with min = 1 and max = 1", first.name)
    # Conditions of a group may name its parts, and say `name/component` in `when`.
    names = [one.name for one in parts]
    names += [f"{one.name}/{name}" for one in parts if isinstance(one, SegmentUse) for name in one.names]
    conditions = read_conditions(place, found["condition"], names, faults)
    return GroupUse(found["group"], found["min"], found["max"], parts, conditions)


def _check_counts(place: str, least: int, most: int, faults: Faults) -> None:
    if not 0 <= least <= most <= MOST or not most:
        faults.add(place, f"0 <= min <= max <= {MOST}, max at least 1", f"{least}, {most}")


def _check_names(place: str, parts: Sequence[Part], faults: Faults) -> None:
    seen: set[str] = set()
    for one in parts:
        if one.name in seen:
            faults.add(place, "names that differ on one level", one.name)
        if not one.name or "/" in one.name:
            faults.add(place, "a name without a slash", one.name)
        seen.add(one.name)


def _check_neighbours(place: str, parts: Sequence[Part], faults: Faults) -> None:
    """Refuse neighbours of one tag that nothing tells apart: which of them a segment is would be a guess."""
    taken: set[str] = set()
    for one, other in itertools.pairwise(parts):
        taken = taken | set(one.qualifiers) if one.tag == other.tag else set()
        if one.tag == other.tag and (
            not one.qualifiers or not other.qualifiers or taken & set(other.qualifiers)
        ):
            faults.add(place, f"qualifiers that tell {one.name} from {other.name}", one.tag)
