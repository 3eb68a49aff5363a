# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The road map of one message: which element is a field, a box, a group, a choice or a unit."""

import functools
import re
from dataclasses import dataclass, field
from enum import Enum, auto

from adapters.eu_ics2.frames import NAMESPACE, Frame, compiled, of_message

_CHOICE = re.compile(r"(\w+)\[(\w+)\]")


class Kind(Enum):
    """What an element is to the reader."""

    LEAF = auto()
    VALUES = auto()
    BOX = auto()
    GROUP = auto()
    CHOICE = auto()
    UNIT = auto()


@dataclass(slots=True)
class Step:
    """One element: `name` is the field, group or unit; `steps` what stands inside it.

    `values` are the attributes with their fields; `choices` the steps inside by the text of the child `type`;
    `table` names the table whose record ends here, empty for a unit on the way.
    """

    kind: Kind
    name: str
    order: int = 0
    steps: dict[str, "Step"] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, "Step"]] = field(default_factory=dict)
    table: str = ""


@functools.cache
def plan(message: str) -> Step:
    """Return the step of the document element of a message."""
    root = Step(Kind.BOX, "")
    for frame in of_message(message):
        _add(root, frame)
    return root


def _add(root: Step, frame: Frame) -> None:
    """Lay the fields and groups of a table into the map, in schema order."""
    groups = {one.name for one in compiled(frame.name).table.groups if one.name}
    for path in frame.order:
        if path not in groups:
            _lay(root, path, "", frame)
            continue
        step = _lay(root, path, "", frame, group_step=True)
        for field_path in compiled(frame.name).fields(path):
            _lay(step, field_path, path, frame)


def _lay(at: Step, path: str, group: str, frame: Frame, *, group_step: bool = False) -> Step:
    """Lay one path below a step; the last part becomes a leaf, or a group if asked."""
    parts = path.split("/")
    walked = group
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part.startswith("@"):
            at.kind = Kind.VALUES
            at.values[part[1:]] = path
            return at
        walked = f"{walked}/{part}" if walked else part
        at = _choice(at, part) if _CHOICE.fullmatch(part) else _inner(at, part, walked, frame)
        if last and group_step:
            at.kind, at.name = Kind.GROUP, path
        elif last and at.kind is Kind.BOX and not at.steps:
            at.kind, at.name = Kind.LEAF, path
    return at


def _inner(at: Step, part: str, walked: str, frame: Frame) -> Step:
    tag = f"{{{NAMESPACE}}}{part}"
    step = at.steps.get(tag)
    if step is None:
        step = at.steps[tag] = Step(Kind.BOX, walked, len(at.steps))
    if walked in frame.units:
        step.kind, step.name = Kind.UNIT, walked
        if walked == frame.unit:
            step.table = frame.name
    return step


def _choice(at: Step, part: str) -> Step:
    """Return the step of one kind of an element that repeats by kind, such as communication[TE]."""
    match = _CHOICE.fullmatch(part)
    if match is None:
        raise ValueError("not a choice")
    tag = f"{{{NAMESPACE}}}{match[1]}"
    holder = at.steps.setdefault(tag, Step(Kind.CHOICE, match[1], len(at.steps)))
    return Step(Kind.BOX, part, steps=holder.choices.setdefault(match[2], {}))


@functools.cache
def schema_order(message: str) -> tuple[str, ...]:
    """Return every field, group and repeated element of a message in the order of its schema."""
    places: dict[str, tuple[int, ...]] = {}
    for frame in of_message(message):
        for path in (*frame.order, *filter(None, (frame.repeat,))):
            places.setdefault(path, _place(plan(message), path))
    return tuple(sorted(places, key=lambda path: places[path]))


def _place(at: Step, path: str) -> tuple[int, ...]:
    """Return the numbers of the steps on the way to a path."""
    found: list[int] = []
    for part in path.split("/"):
        if part.startswith("@"):
            return (*found, [*at.values].index(part[1:]))
        match = _CHOICE.fullmatch(part)
        holder = at.steps[f"{{{NAMESPACE}}}{match[1] if match else part}"]
        found.append(holder.order)
        if match:
            found.append([*holder.choices].index(match[2]))
            holder = Step(Kind.BOX, part, steps=holder.choices[match[2]])
        at = holder
    return tuple(found)
