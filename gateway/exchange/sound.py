# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find at once that a received record is sound, which nearly all are.

Compiled once for each agreement. A record is sound if the full reading and check would have no finding, not
even a warning. Whatever is not surely sound goes through the full check, which alone says what is wrong: an
error here can cost time, and a property test holds the two together.

1. Nothing is in the record that the agreement does not name: the parser says so (`wire.narrow`).
2. Texts that stand for numbers and dates have their form, and treated values could come from their treatment.
3. Every commitment is one that the agreement names, once; what is required is there or committed to.
"""

import functools
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from gateway.agreement import Agreement, Treatment, TreatmentKind
from gateway.agreement.check import obeys
from gateway.agreement.paths import template
from gateway.agreement.straight import Source, compile_source
from gateway.audit.tree import HASH_LENGTH
from gateway.model import Item, leaf_types
from gateway.model.fields import plain
from gateway.model.record import Record
from gateway.wire.convert import DECIMAL, READERS
from gateway.wire.narrow import narrow_release, parse_narrow
from gateway.wire.v1 import records_pb2

LONGEST_KNOWN = 100
VERDICTS_KEPT = 4096
_CANCELLATION = records_pb2.Release.FUNCTION_CANCELLATION
_KNOWN = (records_pb2.Release.FUNCTION_ORIGINAL, records_pb2.Release.FUNCTION_AMENDMENT, _CANCELLATION)
_PIECE = "content[]."
_HELD_BACK = frozenset({TreatmentKind.COMMIT, TreatmentKind.OMIT})

Sound: TypeAlias = Callable[[bytes], tuple[str, str, int] | None]
"""From the bytes of a record to what it is about, its reference and version; none if it may not be sound."""


@functools.lru_cache(maxsize=256)
def compile_sound(agreement: Agreement) -> Sound:
    """Compile the question whether a record is sound under an agreement."""
    leaving = {path: one for path, one in agreement.fields.items() if one.kind not in _HELD_BACK}
    source = Source()
    source.names.update(
        parse=parse_narrow,
        kind=narrow_release(frozenset(leaving)),
        place=functools.lru_cache(VERDICTS_KEPT)(functools.partial(_place, agreement)),
    )
    for line in (
        "message = parse(kind, record)",
        f"if message is None or message.function not in {_KNOWN}:",
        "    return None",
        "item = message.item",
        f"pieces = {_pieces(leaving)}",
        "paths = set()",
        "for one in message.commitments:",
        "    path = one.path",
        f"    if len(path) > {LONGEST_KNOWN} or len(one.digest) != {HASH_LENGTH}:",
        "        return None",
        "    index = place(path)",
        "    if index is None or (pieces and index >= pieces):",
        "        return None",
        "    paths.add(path)",
        "if len(paths) != len(message.commitments):",
        "    return None",
    ):
        source.add(line)
    _check(source, leaving, Item, "item", "")
    with source.block(f"if message.function != {_CANCELLATION}:"):
        pieces = [path for path in agreement.required if _of_a_piece(agreement, path)]
        for path in agreement.required:
            if path not in pieces:
                _require(source, agreement, path)
        _require_of_pieces(source, pieces)
    names = [one for one in ("tracking_number", "dispatch.number", "dispatch.consignment") if one in leaving]
    about = " or ".join(f"item.{one}" for one in names) or "''"
    source.add(f"return {about}, message.reference, message.version")
    sound: Sound = compile_source(source, "record")
    return sound


def _pieces(leaving: dict[str, Treatment]) -> str:
    """Return the expression of the number of goods lines; a record that may have none has none."""
    return "len(item.content)" if any(one.startswith(_PIECE) for one in leaving) else "0"


def _place(agreement: Agreement, path: str) -> int | None:
    """Return the index in the path of a commitment, -1 if it has none; none if it may not be committed to."""
    try:
        leaf, indexes = template(path)
    except ValueError:
        return None
    treatment = agreement.fields.get(leaf)
    if treatment is None or treatment.kind is not TreatmentKind.COMMIT:
        return None
    return indexes[0] if indexes else -1


def _check(
    source: Source, leaving: dict[str, Treatment], record: type[Record], variable: str, prefix: str
) -> None:
    """Write the checks of all values in a record that are not free."""
    for field in msgspec.structs.fields(record):
        name = field.encode_name
        inner, repeated = plain(field.type)
        path = f"{prefix}{name}{'[]' if repeated else ''}"
        if path in leaving:
            _check_leaf(source, f"{variable}.{name}", f"{variable}.HasField({name!r})", path, leaving[path])
        elif any(one.startswith(path + ".") for one in leaving):
            group = source.fresh()
            if repeated:
                with source.block(f"for {group} in {variable}.{name}:"):
                    _check(source, leaving, inner, group, path + ".")
            else:  # an absent group reads as an empty one, and asking first costs more than reading
                before = len(source.lines)
                source.add(f"{group} = {variable}.{name}")
                _check(source, leaving, inner, group, path + ".")
                if len(source.lines) == before + 1:  # nothing in the group needs a check
                    del source.lines[before:]


def _check_leaf(source: Source, reference: str, present: str, path: str, treatment: Treatment) -> None:
    """Write the check of one value; an absent one, and an empty text, needs none."""
    kind = leaf_types()[path]
    if kind is str and treatment.kind is TreatmentKind.PASS:
        return
    if kind is str and treatment.kind is TreatmentKind.TRUNCATE:
        source.add(f"if len({reference}) > {treatment.length}:")
        source.add("    return None")
    elif kind is int:
        if treatment.kind is not TreatmentKind.PASS:
            source.add(f"if {present} and not {source.bind(obeys(treatment, path))}({reference}):")
            source.add("    return None")
    else:
        value = source.fresh()
        source.add(f"{value} = {reference}")
        holds = source.bind(_verdict(kind, treatment, path))
        source.add(f"if {value}:")
        source.add(f"    if len({value}) > {LONGEST_KNOWN} or not {holds}({value}):")
        source.add("        return None")
        if kind is not str:  # an empty text is no number and no date
            source.add(f"elif {present}:")
            source.add("    return None")


def _verdict(kind: type, treatment: Treatment, path: str) -> Callable[[str], object]:
    """Return the test whether a text that travels has its form and could come from its treatment."""
    if kind is Decimal and treatment.kind is TreatmentKind.PASS:
        return DECIMAL.fullmatch  # hardly any amount comes twice, and its form is all there is to ask
    read, could_be = READERS.get(kind, str), obeys(treatment, path)

    def holds(text: str) -> bool:
        try:
            return could_be(read(text))
        except ValueError:
            return False

    return functools.lru_cache(VERDICTS_KEPT)(holds)


def _require(source: Source, agreement: Agreement, path: str) -> None:
    """Write the check that a required leaf is there, or committed to in every goods line."""
    treatment = agreement.fields.get(path)
    if treatment is None or treatment.kind is TreatmentKind.OMIT:
        source.add("return None")
    elif treatment.kind is not TreatmentKind.COMMIT:
        source.add(f"if {_absent('item', path.split('.'), leaf_types()[path])}:")
        source.add("    return None")
    elif path.count("[]") == 1 and path.startswith(_PIECE):
        wanted = repr("content[{}]." + path.removeprefix(_PIECE))
        source.add(f"if not all([{wanted}.format(index) in paths for index in range(max(1, pieces))]):")
        source.add("    return None")
    else:
        source.add(f"if {path!r} not in paths:")
        source.add("    return None")


def _of_a_piece(agreement: Agreement, path: str) -> bool:
    """Say whether a required leaf must be in every goods line itself."""
    treatment = agreement.fields.get(path)
    leaves = treatment is not None and treatment.kind not in _HELD_BACK
    return leaves and path.startswith(_PIECE) and path.count("[]") == 1


def _require_of_pieces(source: Source, paths: Sequence[str]) -> None:
    """Write the check that leaves are there in every goods line; going through the lines is the dear part."""
    if paths:
        within = [(path.removeprefix(_PIECE).split("."), leaf_types()[path]) for path in paths]
        absent = [_absent("x0", parts, kind, 1) for parts, kind in within]
        source.add(f"if not pieces or any([{' or '.join(absent)} for x0 in item.content]):")
        source.add("    return None")


def _absent(variable: str, parts: list[str], kind: type, depth: int = 0) -> str:
    """Return the expression that is true if a leaf below a message is absent."""
    head, *rest = parts
    if head.endswith("[]"):
        inner, group = f"x{depth}", f"{variable}.{head.removesuffix('[]')}"
        return f"not {group} or any([{_absent(inner, rest, kind, depth + 1)} for {inner} in {group}])"
    if rest:
        return _absent(f"{variable}.{head}", rest, kind, depth)
    return f"not {variable}.HasField({head!r})" if kind is int else f"not {variable}.{head}"
