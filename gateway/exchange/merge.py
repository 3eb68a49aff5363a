# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Merge what several sources said about one item. Pure; knows nothing of rows or time.

The rules:

1. Sources are heard in the order of `ContributionKind`; of one kind the latest issued is heard first, and
   what is then still equal is ordered by its words, so the order of arrival never matters.
2. Every leaf takes the first value that somebody said. Records within records are filled leaf by leaf.
3. Content pieces are those of the first source that has any. Another source's piece fills only absent leaves
   of the piece it matches: by number from a supplement, else by an item number that is unique, else by
   number. A piece that matches none is not added: the list says what is in the parcel.
   Other repeated groups are those of the first source that has any.
4. A later source that contradicts one of the compared leaves leaves a MERGE-CONFLICT finding with the path.
   Names and addresses are not compared: two systems rarely write them alike.
"""

import itertools
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

import msgspec

from gateway.finding import Finding, finding
from gateway.model import ContentPiece, Contribution, ContributionKind, Item, pack_item
from gateway.model.record import Record

COMPARED = {
    Item: (
        "order_number",
        "list_number",
        "destination_country",
        "package_count",
        "gross_mass",
        "net_mass",
        "goods_value",
    ),
    ContentPiece: ("commodity_code", "origin_country", "value"),
}
PRECEDENCE = {kind: number for number, kind in enumerate(ContributionKind)}
_NEVER = datetime(1, 1, 1, tzinfo=UTC)

Conflicts: TypeAlias = list[str]


def in_order(contributions: Sequence[Contribution]) -> list[Contribution]:
    """Return contributions in the order in which they are heard."""
    by_place = {PRECEDENCE[one.kind]: one for one in contributions}
    if len(by_place) == len(contributions):  # one of each kind: nothing else orders them
        return [by_place[place] for place in sorted(by_place)]
    ranked = sorted([(*_rank(one), number) for number, one in enumerate(contributions)])
    if any(one[:-1] == next_one[:-1] for one, next_one in itertools.pairwise(ranked)):
        return sorted(contributions, key=lambda one: (*_rank(one), pack_item(one.item)))
    return [contributions[one[-1]] for one in ranked]


def _rank(one: Contribution) -> tuple[int, float, str]:
    """Return what orders contributions: kind, latest first, then reference; words break ties."""
    return PRECEDENCE[one.kind], -(one.issued_at or _NEVER).timestamp(), one.reference


def merge(contributions: Sequence[Contribution]) -> tuple[Item, list[Finding]]:
    """Merge contributions that are in order; return the item and the conflicts found.

    One contribution alone is its item, untouched.
    """
    if len(contributions) == 1:
        return contributions[0].item, []
    conflicts: Conflicts = []
    items = [one.item for one in contributions]
    merged = _merger(Item, len(items))(items, conflicts, "")
    base, matches = _matches(contributions)
    pieces = []
    for index, piece in enumerate(base):
        group = [piece, *(match[index] for _, match in matches if match[index] is not None)]
        if len(group) > 1:
            pieces.append(_merger(ContentPiece, len(group))(group, conflicts, f"content[{index}]."))
        else:
            pieces.append(piece)
    if pieces:
        merged = _with_content(merged, tuple(pieces))
    return merged, [finding("MERGE-CONFLICT", path=path) for path in dict.fromkeys(conflicts)]


def provenance(contributions: Sequence[tuple[int, Contribution]]) -> dict[str, tuple[ContributionKind, int]]:
    """Return who said each leaf of the merged item: path -> (kind, contribution id); input in order."""
    said: dict[str, tuple[ContributionKind, int]] = {}
    base, matches = _matches([one for _, one in contributions])
    by_kind = {id(one): match for one, match in matches}
    own = next((one for _, one in contributions if one.item.content), None)
    for number, one in contributions:
        words = dict(_leaves(one.item, "", skip="content"))
        pieces = base if one is own else by_kind.get(id(one), [])
        for index, piece in enumerate(pieces):
            if piece is not None:
                words.update(_leaves(piece, f"content[{index}]."))
        for path in words:
            said.setdefault(path, (one.kind, number))
    return said


def _leaves(record: Record, path: str, skip: str = "") -> Iterator[tuple[str, Any]]:
    """Return each present leaf of a record with its path."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Record):
            yield from _leaves(value, f"{path}{name}.")
        elif value is not None and value != () and name != skip:
            yield path + name, value


def _matches(
    contributions: Sequence[Contribution],
) -> tuple[tuple[ContentPiece, ...], list[tuple[Contribution, Sequence[ContentPiece | None]]]]:
    """Return the base pieces and, per other contribution with content, its match for each of them."""
    base: tuple[ContentPiece, ...] = ()
    matches: list[tuple[Contribution, Sequence[ContentPiece | None]]] = []
    for one in contributions:
        content = one.item.content
        if not content:
            continue
        if not base:
            base = content
        elif one.kind is ContributionKind.SUPPLEMENT:
            matches.append((one, _by_number(base, content)))
        else:
            matches.append((one, _by_item_number(base, content)))
    return base, matches


def _in_turn(wanted: Sequence[Any], said: Sequence[Any]) -> bool:
    """Say whether two sources name the same pieces in the same order, each once, as nearly all do."""
    return wanted == said and None not in wanted and len(set(wanted)) == len(wanted)


def _by_number(
    base: tuple[ContentPiece, ...], content: tuple[ContentPiece, ...]
) -> Sequence[ContentPiece | None]:
    """Match pieces by number."""
    if _in_turn([piece.number for piece in base], [piece.number for piece in content]):
        return content
    numbered = {piece.number: piece for piece in content}
    return [_numbered(numbered, piece) for piece in base]


def _numbered(pieces: dict[int | None, ContentPiece], piece: ContentPiece) -> ContentPiece | None:
    """Return the piece with the same number, if the number says anything."""
    return None if piece.number is None else pieces.get(piece.number)


def _by_item_number(
    base: tuple[ContentPiece, ...], content: tuple[ContentPiece, ...]
) -> Sequence[ContentPiece | None]:
    """Match pieces by an item number that is unique on both sides, else by number."""
    wanted = [piece.item_number for piece in base]
    if _in_turn(wanted, [piece.item_number for piece in content]):
        return content
    named: dict[str, list[ContentPiece]] = {}
    for piece in content:
        if piece.item_number is not None:
            named.setdefault(piece.item_number, []).append(piece)
    numbered = {piece.number: piece for piece in content}
    found: list[ContentPiece | None] = []
    for piece in base:
        own = piece.item_number
        same = named.get(own, []) if own is not None else []
        if len(same) == 1 and wanted.count(own) == 1:
            found.append(same[0])
            continue
        other = _numbered(numbered, piece)
        if other is not None and (own is None or other.item_number is None or other.item_number == own):
            found.append(other)
        else:
            found.append(None)
    return found


@cache
def _merger(record: type[Record], count: int) -> Callable[[Sequence[Any], Conflicts, str], Any]:
    """Compile the straight-line merge of `count` records of one type; content is left to the caller.

    Most fields are absent everywhere or stand in the first record: only what others add is written to a copy.
    """
    names = [f"r{index}" for index in range(count)]
    lines = [f"def merge(records, conflicts, path):\n    {', '.join(names)}, = records\n    more = {{}}"]
    scope: dict[str, Any] = {"replace": msgspec.structs.replace, "compare": _compare}
    for field in msgspec.structs.fields(record):
        kind, name = _plain(field.type), field.name
        if kind is not None and issubclass(kind, Record):
            scope[f"fill_{name}"] = _filler(kind)
            lines += _nested_lines(name, names)
        elif kind is not None:
            lines += _first_lines(name, names, " is not None")
        elif name != "content":
            lines += _first_lines(name, names, "")
        if name in COMPARED.get(record, ()):
            lines.append(f"    if {_said(name, names)}:")
            lines.append(f"        kept = more[{name!r}] if {name!r} in more else r0.{name}")
            lines += [
                f"        if {one}.{name} is not None and {one}.{name} != kept: "
                f"compare(kept, {one}.{name}, conflicts, path + {name!r})"
                for one in names[1:]
            ]
    lines.append("    return replace(r0, **more) if more else r0")
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made from the model's own field names
    return typing.cast("Callable[[Sequence[Any], Conflicts, str], Any]", scope["merge"])


def _said(name: str, names: Sequence[str]) -> str:
    """Return the test whether any record but the first has a field; most fields nobody else has."""
    return " or ".join(f"{one}.{name} is not None" for one in names[1:])


def _first_lines(name: str, names: Sequence[str], present: str) -> list[str]:
    """Return the lines that take a field from the first record that has it."""
    found = " or ".join(f"(value := {one}.{name}){present}" for one in names[1:])
    absent = "is None" if present else "== ()"
    return [f"    if r0.{name} {absent} and ({found}): more[{name!r}] = value"]


def _nested_lines(name: str, names: Sequence[str]) -> list[str]:
    """Return the lines that fill a record within the record from the others."""
    lines = [f"    if {_said(name, names)}:", f"        value = r0.{name}"]
    for one in names[1:]:
        lines += [
            f"        other = {one}.{name}",
            "        if other is not None:",
            f"            value = other if value is None else fill_{name}(value, other)",
        ]
    return [*lines, f"        if value is not r0.{name}: more[{name!r}] = value"]


@cache
def _filler(kind: type[Record]) -> Callable[[Any, Any], Any]:
    """Compile what fills the absent leaves of a record from another; nothing nested is compared."""
    lines = ["def fill(first, other):", "    if first == other: return first", "    more = {}"]
    scope: dict[str, Any] = {"replace": msgspec.structs.replace}
    for field in msgspec.structs.fields(kind):
        inner, name = _plain(field.type), field.name
        absent = "== ()" if inner is None else "is None"
        lines += [f"    mine = first.{name}", f"    if mine {absent}:"]
        lines += [f"        value = other.{name}", f"        if not (value {absent}): more[{name!r}] = value"]
        if inner is not None and issubclass(inner, Record):
            scope[f"fill_{name}"] = _filler(inner)
            lines += ["    else:", f"        value = other.{name}", "        if value is not None:"]
            lines += [f"            value = fill_{name}(mine, value)"]
            lines += [f"            if value is not mine: more[{name!r}] = value"]
    lines.append("    return replace(first, **more) if more else first")
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made from the model's own field names
    return typing.cast("Callable[[Any, Any], Any]", scope["fill"])


def _compare(kept: Any, other: Any, conflicts: Conflicts, path: str) -> None:
    """Note the leaves that both say and say differently."""
    if not isinstance(kept, Record):
        conflicts.append(path)
        return
    for name in kept.__struct_fields__:
        mine, theirs = getattr(kept, name), getattr(other, name)
        if theirs is not None and mine != theirs:
            conflicts.append(f"{path}.{name}")


def _plain(annotation: Any) -> type | None:
    """Return the plain type of an optional field, none for a repeated one."""
    if isinstance(annotation, types.UnionType):
        annotation = next(one for one in typing.get_args(annotation) if one is not type(None))
    return None if typing.get_origin(annotation) is tuple else annotation


def _with_content(item: Item, content: tuple[ContentPiece, ...]) -> Item:
    """Return the item with its pieces."""
    return msgspec.structs.replace(item, content=content)
