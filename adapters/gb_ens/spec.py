# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A table as the tree that reading and writing follow: containers, leaves, and where their values belong.

Values go to plain dictionaries in the shape of the record. A container that repeats into a list of a record
opens a new entry; one that repeats without such a list gives its first occurrence only. What no canonical
path takes but rules need (`SPOKEN`, `LIFTED`) stands under a name with `#` in front.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.gb_ens.catalogue import JSON, containers, pointers, table
from adapters.gb_ens.lexical import fitting, read_number, read_whole
from gateway.sdk import Converter, Row

SPOKEN = frozenset(
    {
        *("MesSenMES3", "MesRecMES6", "DatOfPreMES9", "TimOfPreMES10", "MesIdeMES19", "MesTypMES20"),
        *("CorIdeMES25", "TesIndMES18", "TotNumOfIteHEA305", "DecRegDatTimHEA115", "ErrReaER13"),
        *("IteNumConCUSINT668", "ConNumNR21"),
    }
)
PARTY = ("name", "address.lines", "address.postcode", "address.city", "address.country", "", "identifier")
LIFTED = {"TRACONCO2": "sender", "TRACONCE2": "addressee", "PRTNOT640": "filing.notify"}
_MEMORY = 256  # orders of elements remembered per container; senders use few, attackers many
LISTED = frozenset({"CONNR2"})


@dataclass(slots=True)
class Leaf:
    """One element with text; `name` is empty if nothing takes it."""

    tag: str
    order: int
    row: Row
    parents: tuple[str, ...]
    name: str
    convert: Callable[[str], Any] | None
    write: Callable[[Any], str]
    low: int
    high: int
    is_time: bool
    is_moment: bool
    must: bool
    quick: bool
    fits: Callable[[str], Any] | None
    extra: tuple[str, str] | None = None


@dataclass(slots=True)
class Container:
    """One element with elements in it; `list_name` names the list that each occurrence adds an entry to."""

    tag: str
    path: str
    order: int
    least: int
    most: int
    anchor: str
    parents: tuple[str, ...] = ()
    list_name: str = ""
    lifted: bool = False
    places: "dict[str, Leaf | Container]" = field(default_factory=dict)
    required: tuple[str, ...] = ()
    must: bool = False
    simple: bool = False  # stands once and opens no list
    waits: bool = False  # only all goods items together decide what it means
    plans: "dict[tuple[str, ...], Plan | None]" = field(default_factory=dict)

    @property
    def first_only(self) -> bool:
        """Say whether the record has room for one occurrence, though the message has more."""
        return self.most != 1 and not self.list_name

    def order_of(self, tag: str) -> int:
        """Return the place of an element in the container, 0 for one that does not belong there."""
        one = self.places.get(tag)
        return 0 if one is None else one.order

    def plan(self, tags: tuple[str, ...]) -> "Plan | None":
        """Return what elements in this order are, `None` if something is wrong with them."""
        try:
            return self.plans[tags]
        except KeyError:
            plan = self._plan(tags)
            if len(self.plans) < _MEMORY:
                self.plans[tags] = plan
            return plan

    def _plan(self, tags: tuple[str, ...]) -> "Plan | None":
        last, run, found = 0, 1, []
        for tag in tags:
            one = self.places.get(tag)
            if one is None or one.order < last:
                return None
            run = run + 1 if one.order == last else 1
            if run > 1 and run > (1 if isinstance(one, Leaf) else one.most or run):
                return None
            last = one.order
            is_leaf = isinstance(one, Leaf)
            found.append((one if is_leaf else None, None if is_leaf else one, run))
        return tuple(found) if all(one in tags for one in self.required) else None

    def inner(self, tag: str) -> "Container":
        """Return a container that the message is known to have."""
        one = self.places[tag]
        if isinstance(one, Leaf):
            raise TypeError(f"{tag} is a leaf")
        return one

    @property
    def leaves(self) -> "Iterator[Leaf]":
        """Yield all leaves below."""
        for one in self.places.values():
            if isinstance(one, Leaf):
                yield one
            else:
                yield from one.leaves


Plan = tuple[tuple[Any, Any, int], ...]  # for each element: the leaf or None, the container or None, its run


@functools.cache
def spec(name: str, form: str) -> Container:
    """Return the tree of a message in a form."""
    return _Building(name, form).root


class _Building:
    def __init__(self, name: str, form: str) -> None:
        self._name, self._form = name, form
        self._table = table(name, form)
        self._rows = [
            (f"{group.name}/{row.outside}" if group.name else row.outside, row)
            for group in self._table.groups
            for row in group.rows
            if row.outside
        ]
        self._constants = {
            row.path.rpartition(".")[0]: row for row in self._table.rules.values() if row.constant
        }
        self._same: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}
        self._known = pointers(name) if form == JSON else {}
        self.root = Container("", "", 0, 1, 1, "")
        self._fill(self.root)

    def _fill(self, parent: Container) -> None:
        """Add what stands in a container: its leaves, then its containers."""
        depth = parent.path.count("/") + 1 if parent.path else 0
        mark = f"{parent.path}/" if parent.path else ""
        for path, row in self._rows:
            if path.startswith(mark) and path.count("/") == depth:
                leaf = self._leaf(parent, path, row)
                parent.places[leaf.tag] = leaf
        for path, least, most in containers(self._name):
            if path.startswith(mark) and path.count("/") == depth:
                inner = self._container(parent, path, least, most)
                parent.places[inner.tag] = inner
                self._fill(inner)
        for one in parent.places.values():
            if isinstance(one, Container):
                one.must = one.least > 0 and self._is_known(one.path)
                one.waits = one.lifted or one.list_name.startswith("#")
                one.simple = one.most == 1 and not one.list_name and not one.waits
        parent.required = tuple(tag for tag, one in parent.places.items() if one.must)

    def _is_known(self, path: str) -> bool:
        """Say whether the form has a place for an element or for something in it."""
        return self._form != JSON or any(
            one == path or one.startswith(f"{path}/")
            for one in (key.replace("[]", "") for key in self._known)
        )

    def _container(self, parent: Container, path: str, least: int, most: int) -> Container:
        tag = path.rpartition("/")[2]
        made = Container(tag, path, len(parent.places) + 1, least, most, parent.anchor)
        if tag in LIFTED or tag in LISTED:
            made.lifted = tag in LIFTED
            made.list_name = f"#{tag}" if tag in LISTED else ""
            made.anchor = f"{parent.anchor}.#{tag}"
            return made
        paths = [row.path for one, row in self._rows if one.startswith(f"{path}/") and row.path]
        deeper = next((one for one in paths if "[]" in one[len(parent.anchor) :]), "")
        if deeper and most != 1:
            made.anchor = deeper[: deeper.index("[]", len(parent.anchor)) + 2]
            *steps, made.list_name = _steps(made.anchor[:-2], parent.anchor)
            made.parents = tuple(steps)
        return made

    def _leaf(self, parent: Container, path: str, row: Row) -> Leaf:
        tag = path.rpartition("/")[2]
        steps: tuple[str, ...] = ()
        if parent.lifted:
            steps = tuple(filter(None, (f"#{parent.tag}", *PARTY[len(parent.places)].split("."))))
            steps = () if len(steps) == 1 else steps
        elif row.path:
            steps = _steps(row.path, parent.anchor)
        elif tag in SPOKEN:
            steps = (f"#{tag}",)
        converter = self._table.converters[row.converter]
        plain = converter.name == "text" and not row.codes
        fits = fitting(row.converter) if not row.codes else None
        low, high = row.length if row.type == "C" else (1, 64)
        if converter.name == "local_time" and self._form == JSON:
            low = high = 24
        leaf = Leaf(
            tag=tag,
            order=len(parent.places) + 1,
            row=row,
            parents=self._same.setdefault(steps[:-1], steps[:-1]),
            name=steps[-1] if steps else "",
            convert=None if plain else _reading(row, converter),
            write=converter.encode,
            is_moment=converter.name == "local_time",
            must=row.required and self._is_known(path),
            quick=bool(steps) and (plain or fits is not None),
            fits=fits,
            low=low,
            high=high,
            is_time=converter.name in {"local_time", "date6", "time4"},
        )
        constant = self._constants.get(row.path.rpartition(".")[0]) if row.path else None
        if constant is not None:
            leaf.extra = (constant.path.rpartition(".")[2], constant.constant)
        return leaf


def _reading(row: Row, converter: Converter) -> Callable[[str], Any]:
    """Return the function that reads the text of a row; numbers are read within their digits."""
    total, fraction = row.digits
    if row.type == "N":
        return lambda text: read_number(text, total, fraction)
    return (lambda text: read_whole(text, total)) if row.type == "I" else converter.decode


def _steps(path: str, anchor: str) -> tuple[str, ...]:
    """Return the steps of a canonical path below an anchor."""
    return tuple((path[len(anchor) + 1 :] if anchor else path).split("."))
