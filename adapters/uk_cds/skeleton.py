# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The quick road: a declaration whose tags are those of one read before differs from it in its texts alone.

The tags of a message, with all attributes, are its skeleton. When a skeleton comes for the second time, the
place of every text is worked out by reading the tree once more with marked texts; from then on such messages
are cut at their tags, without a tree. Whatever is not plain (references, comments, control characters, empty
values, another choice that hangs on a value) goes the slow road, and so do findings about values.
"""

import copy
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from adapters.uk_cds.catalogue import DEC
from adapters.uk_cds.reading import PROCEDURE_LENGTH, Groups, Reading
from adapters.uk_cds.tree import FIRST, NUMBER, PACKAGING
from gateway.sdk import Finding, Limits, xml

_SPLIT = re.compile(">([^<]*)<").split
_CONTROLS = bytes(one for one in range(32) if one not in b"\t\n")
_DECLARATION = re.compile(r'<\?xml version="1\.0" encoding="UTF-8"\?')
_TOKEN = re.compile("@@([0-9]+)@@|20([0-9]{12})Z|20([0-9]{6})|(.)§")
_ONE_CHARACTER = 0x4E00
_MOST_MARKED = 20_000  # texts of a message that fit the marks
_MEMORY = 256
_SEEN = 4096


@dataclass(frozen=True, slots=True)
class Part:
    """One set of fields: which texts of the message they are, and which are the same in all such messages."""

    keys: tuple[str, ...]
    texts: Callable[[Sequence[str]], tuple[str, ...]]
    fixed: dict[str, str]

    def fields(self, pieces: Sequence[str]) -> dict[str, str] | None:
        """Return the fields of a message; `None` if one of them is empty."""
        texts = self.texts(pieces)
        return {**dict(zip(self.keys, texts, strict=True)), **self.fixed} if all(texts) else None


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is known of all messages with the same tags."""

    depth: int
    count: int
    lines: int
    blanks: Callable[[Sequence[str]], tuple[str, ...]]
    blank: tuple[str, ...]
    pairs: tuple[int, ...]
    pair: tuple[bool, ...]
    firsts: tuple[int, ...]
    dates: tuple[tuple[int, int], ...]
    groups: tuple[tuple[str, tuple[Any, ...]], ...]
    findings: tuple[Finding, ...]
    told: tuple[Finding, ...]

    def read(self, pieces: Sequence[str]) -> Groups | None:
        """Return the groups of a message, `None` if a choice that hangs on a value is not the same."""
        if self.blanks(pieces) != self.blank or any(pieces[one] != FIRST for one in self.firsts):
            return None
        if tuple([_is_pair(pieces[one]) for one in self.pairs]) != self.pair:
            return None
        if any(len(pieces[one]) != length for one, length in self.dates):
            return None
        found: Groups = {}
        for name, parts in self.groups:
            found[name] = filled = []
            for one in parts:
                if isinstance(one, Part):
                    fields: Any = one.fields(pieces)
                    if fields is None:
                        return None
                else:
                    fields = [two.fields(pieces) for two in one] if one else ()
                    if None in fields:
                        return None
                filled.append(fields)
        return found


class Skeletons:
    """A bounded memory of skeletons; the oldest goes first."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: OrderedDict[str, Skeleton | None] = OrderedDict()
        self._seen: set[int] = set()

    def cut(self, raw: bytes) -> tuple[str, list[str]] | None:
        """Return the skeleton's key and the pieces of a plain message, `None` if it is not plain."""
        # Comments, CDATA and instructions look like tags here, and no message that holds one is learnt.
        if b"&" in raw or b"]]>" in raw or len(raw.translate(None, _CONTROLS)) != len(raw):
            return None
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if not _DECLARATION.match(text) or "\ufffe" in text or "\uffff" in text:
            return None
        pieces = _SPLIT(text)
        return "\0".join(pieces[::2]), pieces

    def find(
        self, key: str, pieces: Sequence[str], raw: bytes, limits: Limits
    ) -> tuple[Skeleton, Groups] | None:
        """Return the skeleton of a message and its groups, if the quick road may be taken."""
        known = self._known.get(key)
        if known is None or raw.count(b"\n") != known.lines or len(raw) > limits.max_bytes:
            return None
        if known.depth > limits.max_depth or known.count > limits.max_elements:
            return None
        groups = known.read(pieces)
        return None if groups is None else (known, groups)

    def learn(self, key: str, pieces: list[str], body: Any, read: Reading, told: Sequence[Finding]) -> None:
        """Work out a skeleton when it comes for the second time; what cannot be repeated is not learnt."""
        if key in self._known:
            return
        mark = hash(key)
        if mark not in self._seen:
            if len(self._seen) >= _SEEN:
                self._seen.clear()
            self._seen.add(mark)
            return
        self._known[key] = _learnt(pieces, body, read, told)
        if len(self._known) > _MEMORY:
            self._known.popitem(last=False)


def _is_pair(text: str) -> bool:
    return len(text.strip()) == PROCEDURE_LENGTH


def _learnt(pieces: list[str], body: Any, read: Reading, told: Sequence[Finding]) -> Skeleton | None:
    """Return the skeleton, proved on the message it was learnt from."""
    root = body.getroottree().getroot()
    places = [number + 1 for number in range(2, len(pieces) - 1, 2) if not pieces[number].startswith("/")]
    elements = list(root.iter())
    if read.has_faults or len(places) != len(elements) or len(pieces) > _MOST_MARKED:
        return None
    texts = {
        element: place
        for element, place in zip(elements, places, strict=True)
        if not len(element) and not pieces[place - 1].endswith("/")
    }
    if any("\n" in pieces[place] for place in texts.values()):
        return None
    if any((element.text or "") != pieces[place] for element, place in texts.items()):
        return None
    twin = copy.deepcopy(root)
    pairs: list[int] = []
    firsts: list[int] = []
    dates: list[tuple[int, int]] = []
    for element, place in zip(twin.iter(), places, strict=True):
        if len(element) or pieces[place - 1].endswith("/"):
            continue
        name, above = xml.local_name(element), element.getparent()
        if name == NUMBER and above is not None and xml.local_name(above) == PACKAGING:
            firsts.append(place)
        elif name == "CurrentCode":
            pairs.append(place)
            element.text = f"{chr(_ONE_CHARACTER + place)}§" if _is_pair(pieces[place]) else f"@@{place}@@"
        elif name == "DateTimeString":
            dates.append((place, len(pieces[place])))
            element.text = f"20{place:012d}Z" if len(pieces[place].strip()) > 8 else f"20{place:06d}"  # noqa: PLR2004
        elif element.text:
            element.text = f"@@{place}@@"
    bare = body is root
    marked = Reading(DEC, twin if bare else twin[list(root).index(body)]).groups
    taken = set(texts.values())
    blanks = [one for one in range(1, len(pieces), 2) if one not in taken]
    # What stands before the body is fixed too: the envelope's own fields are told with their texts unseen.
    blanks += [place for element, place in texts.items() if not bare and element.getparent() is root]
    depth = max(sum(1 for _ in one.iterancestors()) + 1 for one in elements)
    skeleton = Skeleton(
        depth=depth,
        count=len(elements),
        lines=sum(one.count("\n") for one in pieces),
        blanks=_getter(blanks),
        blank=_getter(blanks)(pieces),
        pairs=tuple(pairs),
        pair=tuple(_is_pair(pieces[one]) for one in pairs),
        firsts=tuple(firsts),
        dates=tuple(dates),
        groups=tuple((name, tuple(_part(one) for one in lists)) for name, lists in marked.items()),
        findings=tuple(read.findings),
        told=tuple(told),
    )
    return skeleton if skeleton.read(pieces) == read.groups else None


def _part(fields: Any) -> Any:
    """Return the part for marked fields, or those for the groups inside one repetition."""
    if not isinstance(fields, dict):
        return [_part(one) for one in fields]
    keys: list[str] = []
    places: list[int] = []
    fixed: dict[str, str] = {}
    for key, text in fields.items():
        match = None if "@" in key else _TOKEN.fullmatch(text)
        if match is None:
            fixed[key] = text
            continue
        keys.append(key)
        number = next(filter(None, match.groups()))
        places.append(ord(number) - _ONE_CHARACTER if match[4] else int(number))
    return Part(tuple(keys), _getter(places), fixed)


def _getter(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda pieces: tuple([pieces[one] for one in places])
