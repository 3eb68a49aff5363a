# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The walk over a message: order, repetition, obligation and limits are judged here, values are put in place.

Nothing is dropped in silence: an element that no canonical place takes is a finding of its own.
"""

import dataclasses
from typing import Any

from adapters.gb_ens.nodes import Node, place, position
from adapters.gb_ens.spec import Container, Leaf
from adapters.gb_ens.times import moment
from gateway.sdk import Finding, finding

Scope = dict[str, Any]


class Reading:
    """One message on its walk; `lifts` holds elements whose meaning all goods items decide together."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.found: list[Finding] = []
        self.lifts: dict[str, list[Any]] = {}

    def container(self, element: Any, spec: Container, scope: Scope | None) -> None:
        """Read the elements of a container into a scope; without one, report everything as unmapped."""
        if type(element) is Node:  # JSON has no order of its own
            element.children.sort(key=lambda one: spec.order_of(one.tag))
        children = list(element)
        plan = spec.plan(tuple([child.tag for child in children]))
        if element.text and element.text.strip():
            self.add("SCHEMA-FORMAT", element, expected="elements only")
        if plan is None or scope is None:
            self._irregular(element, spec, scope)
            return
        parents: tuple[str, ...] = ()
        target = scope
        for child, (leaf, inner, run) in zip(children, plan, strict=True):
            if child.tail and child.tail.strip():
                self.add("SCHEMA-FORMAT", element, expected="elements only")
            if inner is not None:
                if inner.simple:
                    self.container(child, inner, scope)
                else:
                    self._inner(child, inner, scope, run)
                continue
            text = child.text
            if (
                leaf.quick
                and text
                and leaf.low <= len(text) <= leaf.high
                and text.strip() is text
                and (leaf.fits is None or leaf.fits(text))
                and not len(child)
            ):
                if leaf.parents is not parents:
                    parents, target = leaf.parents, _holder(scope, leaf.parents)
                target[leaf.name] = text
            else:
                self._leaf(child, leaf, scope)

    def _irregular(self, element: Any, spec: Container, scope: Scope | None) -> None:
        """Read elements that are not simply those of the message in their order, and tell what is wrong."""
        last, run = 0, 1
        for child in element:
            one = spec.places.get(child.tag)
            if one is None:
                self.add("SCHEMA-UNKNOWN-FIELD", child)
                continue
            if one.order > last:
                last, run = one.order, 1
            elif one.order == last:
                run += 1
            else:
                self._misplaced(child, spec, last)
            if isinstance(one, Container):
                self._inner(child, one, scope, run)
            elif run > 1:
                self.add("SCHEMA-REPEATED", child, expected="once")
            else:
                self._leaf(child, one, scope)
        present = {child.tag for child in element}
        for tag in spec.required:
            if tag not in present:
                self._missing(element, tag)

    def _misplaced(self, child: Any, spec: Container, last: int) -> None:
        later = next(tag for tag, one in spec.places.items() if one.order == last)
        self.add("SCHEMA-ORDER", child, expected=f"before {later}", actual=f"after {later}")

    def _inner(self, child: Any, spec: Container, scope: Scope | None, count: int) -> None:
        """Read a container where it belongs: into its parent's scope, or into a new entry of a list."""
        if spec.most and count > spec.most:
            code = "SCHEMA-REPEATED" if spec.most == 1 else "SCHEMA-COUNT"
            self.add(code, child, expected=f"at most {spec.most}")
            return
        if scope is not None and spec.waits:
            self.lifts.setdefault(spec.tag, []).append(child)
        if scope is None or (count > 1 and spec.first_only):
            self.container(child, spec, None)
        elif spec.list_name:
            entry: Scope = {}
            _holder(scope, spec.parents).setdefault(spec.list_name, []).append(entry)
            self.container(child, spec, entry)
        else:
            self.container(child, spec, scope)

    def _leaf(self, child: Any, leaf: Leaf, scope: Scope | None) -> None:
        """Judge one text and put its value in place."""
        if len(child):
            self.add("SCHEMA-FORMAT", child, expected="text only", rule=leaf.row.rule)
            return
        raw = child.text or ""
        text = raw.strip()
        if text is not raw and text != raw:
            self.add("SCHEMA-REPAIRED", child, actual="white space around the value", rule=leaf.row.rule)
        if not leaf.low <= len(text) <= leaf.high:
            self._wrong_length(child, leaf, text)
            return
        value: Any = text
        if leaf.convert is not None:
            try:
                value = leaf.convert(text)
            except ValueError as error:
                self._wrong_form(child, leaf, text, str(error))
                return
            if leaf.row.codes and text not in leaf.row.codes:
                self.add("SCHEMA-CODE", child, expected=leaf.row.limits, actual=text, rule=leaf.row.rule)
                return
            if leaf.is_time and len(text) == 12 and moment(text)[1]:  # noqa: PLR2004 - YYYYMMDDHHMM
                self.add("GB-ENS-TIME-DOUBTFUL", child, actual=text, rule=leaf.row.rule)
        if scope is None or not leaf.name:
            self.unmapped(child, leaf)
            return
        target = _holder(scope, leaf.parents)
        target[leaf.name] = value
        if leaf.extra is not None:
            target[leaf.extra[0]] = leaf.extra[1]

    def _wrong_length(self, child: Any, leaf: Leaf, text: str) -> None:
        code = "SCHEMA-LENGTH" if text else "SCHEMA-MISSING"
        self.add(code, child, expected=leaf.row.limits, actual=text, rule=leaf.row.rule)

    def _wrong_form(self, child: Any, leaf: Leaf, text: str, expected: str) -> None:
        digits = leaf.is_time and text.isascii() and text.isdigit() and len(text) == leaf.high
        code = "GB-ENS-TIME" if digits else "SCHEMA-FORMAT"
        self.add(code, child, expected=expected, actual=text, rule=leaf.row.rule)

    def _missing(self, element: Any, tag: str) -> None:
        inner = tag if not (start := place(element)) else f"{start}/{tag}"
        self.found.append(finding("SCHEMA-MISSING", path=inner, position=position(element), expected=tag))

    def add(self, code: str, element: Any, *, expected: str = "", actual: str = "", rule: str = "") -> None:
        """Note a finding about an element."""
        self.found.append(
            finding(
                code,
                path=place(element),
                position=position(element),
                expected=expected,
                actual=actual,
                rule=rule,
            )
        )

    def unmapped(self, element: Any, leaf: Leaf) -> None:
        """Note that nothing canonical takes an element."""
        told = finding(
            "SCHEMA-UNMAPPED-FIELD", path=place(element), position=position(element), rule=leaf.row.rule
        )
        self.found.append(dataclasses.replace(told, remedy=leaf.row.note or told.remedy))

    def not_lifted(self, tag: str, spec: Container) -> None:
        """Report what stands in goods items and could not be said of the whole."""
        for element in self.lifts.get(tag, ()):
            for child in element:
                leaf = spec.places.get(child.tag)
                if isinstance(leaf, Leaf) and leaf.name:
                    self.unmapped(child, leaf)


def _holder(scope: Scope, parents: tuple[str, ...]) -> Scope:
    """Return the record at some steps below a scope, made where it is not yet there."""
    for step in parents:
        inner = scope.get(step)
        if inner is None:
            inner = scope[step] = {}
        scope = inner
    return scope


def attributes(root: Any) -> list[Finding]:
    """Return a finding for each attribute below and at the root, other than those of XML Schema instances."""
    return [
        finding("SCHEMA-UNKNOWN-FIELD", path=f"{place(one)}/@{name}", position=position(one))
        for one in (() if isinstance(root, Node) else root.iter())
        for name in one.attrib
        if not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}")
    ]
