# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One walk over a message: fields, groups and units by the road map, everything else by name as left over.

Repetition of an element that the map takes once is no fault of the sender where the schema allows it, so
only the first is mapped and the others are told; a field that repeats is a fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree

from adapters.eu_ics2.frames import NAMESPACE
from adapters.eu_ics2.plan import Kind, Step
from gateway.sdk import Finding, finding, xml

Fields: TypeAlias = dict[str, str]
Groups: TypeAlias = dict[str, list[Fields]]
_LOOSE = etree.XPath(
    "boolean(descendant::text()/following-sibling::* | descendant::text()/preceding-sibling::*)"
    " or boolean(descendant-or-self::*/@*[name() != 'value'][name() != 'currency'])"
)
_BETWEEN = etree.XPath("boolean(//*[*]/text()[normalize-space()])")
_MOST_PATHS = 1000
_OTHERS = "(other elements)"
_TYPE = f"{{{NAMESPACE}}}type"
_LEAF, _GROUP, _UNIT, _CHOICE, _VALUES = Kind.LEAF, Kind.GROUP, Kind.UNIT, Kind.CHOICE, Kind.VALUES


@dataclass(slots=True)
class Told:
    """What the walk has to say: paths left over with their number, and faults of form."""

    left: dict[str, int] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def leave(self, element: Any, path: str) -> None:
        """Count every leaf of an element that nothing takes."""
        found = False
        for child in element:
            found = True
            self.leave(child, f"{path}/{name_of(child)}")
        for attribute in element.attrib:
            self.count(f"{path}/@{attribute}")
        if not found and not element.attrib:
            self.count(path)

    def count(self, path: str) -> None:
        """Count one place that nothing takes; beyond a thousand different ones only their number is kept."""
        if len(self.left) >= _MOST_PATHS and path not in self.left:
            path = _OTHERS
        self.left[path] = self.left.get(path, 0) + 1


@dataclass(slots=True)
class RawRecord:
    """The fields and groups of one record, and the table that reads them; empty if no unit was there."""

    table: str
    fields: Fields
    groups: Groups
    told: Told


def walk(root: Any, top: Step) -> tuple[list[RawRecord], Told]:
    """Return the records of a message and what there is to say about its head.

    A head without units is one record with an empty table name.
    """
    told = Told()
    fields: Fields = {}
    groups: Groups = {}
    pending: list[tuple[Any, Step]] = []
    _inside(root, top, fields, groups, pending, told)
    _loose_ends(root, told)
    records = [one for element, step in pending for one in _unit(element, step, fields, groups)]
    return records or [RawRecord("", fields, groups, Told())], told


def walk_unit(root: Any, step: Step) -> tuple[list[RawRecord], Told]:
    """Return the one record of a message whose document element is itself a unit."""
    told = Told()
    _loose_ends(root, told)
    return list(_unit(root, step, {}, {})), told


def _unit(element: Any, step: Step, above: Fields, groups_above: Groups) -> Iterator[RawRecord]:
    """Yield the records of a unit: those of the units inside it, or itself if there are none."""
    told, pending = Told(), list[tuple[Any, Step]]()
    fields, groups = dict(above), dict(groups_above)
    _inside(element, step, fields, groups, pending, told)
    if not pending:
        yield RawRecord(step.table or table_below(step), fields, groups, told)
        return
    for number, (inner, below) in enumerate(pending):
        for record in _unit(inner, below, fields, groups):
            if not number:
                record.told.left.update(told.left)
                record.told.faults.extend(told.faults)
            yield record


def table_below(step: Step) -> str:
    """Return the table of the records that a unit on the way would have."""
    for inner in step.steps.values():
        found = inner.table or table_below(inner)
        if found:
            return found
    return ""


def _inside(  # noqa: C901, PLR0912, PLR0917 - one loop over the kinds of element, the frequent first
    element: Any, step: Step, fields: Fields, groups: Groups, pending: list[tuple[Any, Step]], told: Told
) -> None:
    """Read the children of an element; this is where reading spends its time."""
    steps = step.steps
    last_tag, last_order = "", 0
    for child in element:
        tag = child.tag
        inner = steps.get(tag)
        if inner is None:
            told.leave(child, f"{step.name}/{name_of(child)}" if step.name else name_of(child))
            continue
        if inner.order < last_order:
            told.faults.append(
                finding("SCHEMA-ORDER", path=inner.name, expected=f"before {last_tag.rpartition('}')[2]}")
            )
        last_order = inner.order
        kind = inner.kind
        if kind is _LEAF:
            name, text = inner.name, child.text
            if tag == last_tag and name in fields:
                told.faults.append(finding("SCHEMA-REPEATED", path=name, expected="once"))
            else:
                fields[name] = text or ""
            if text is None and len(child):
                told.leave(child, name)
        elif kind is _GROUP:
            own: Fields = {}
            groups.setdefault(inner.name, []).append(own)
            _inside(child, inner, own, groups, pending, told)
        elif kind is _UNIT:
            pending.append((child, inner))
        elif kind is _CHOICE:
            _choose(child, inner, step, fields, told)
        elif tag == last_tag:
            told.leave(child, inner.name)
        elif kind is _VALUES:
            for attribute, name in inner.values.items():
                value = child.get(attribute)
                if value is not None:
                    fields[name] = value
            if child.text or len(child):
                told.leave(child, inner.name)
        else:
            _inside(child, inner, fields, groups, pending, told)
        last_tag = tag


def _choose(element: Any, holder: Step, above: Step, fields: Fields, told: Told) -> None:
    """Read an element that repeats by kind; the first of each kind that is mapped counts."""
    kind = element.findtext(_TYPE)
    steps = holder.choices.get(kind.strip()) if kind else None
    path = f"{above.name}/{holder.name}" if above.name else holder.name
    if steps is None:
        told.leave(element, path)
        return
    for child in element:
        step = steps.get(child.tag)
        if step is None:
            if child.tag != _TYPE:
                told.leave(child, f"{path}/{name_of(child)}")
        elif step.name in fields:
            told.leave(element, path)
            return
        else:
            fields[step.name] = child.text or ""


def name_of(element: Any) -> str:
    """Return the name of an element, with the namespace if it is a foreign one, kept short."""
    return xml.local_name(element)


def _loose_ends(root: Any, told: Told) -> None:
    """Tell attributes and text that stand where the schema has none; asked once of the whole tree."""
    if not _LOOSE(root):
        return
    for element in root.iter():
        for attribute in element.attrib:
            if attribute not in {"value", "currency"}:
                told.count(f"{name_of(element)}/@{attribute.rpartition('}')[2]}")
    if _BETWEEN(root):
        told.faults.append(finding("SCHEMA-FORMAT", expected="no text between elements"))
