# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask everything of one adapter; see `report.CHECKS` for what that is."""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from gateway.errors import ConfigError
from gateway.finding import Finding, has_errors
from gateway.mapping import Table
from gateway.model import DecodedMessage, DocumentOutcome, Item, values
from gateway.sdk.adapter import Adapter, Limits
from gateway.sdk.kit.imports import foreign_imports
from gateway.sdk.kit.quiet import quiet
from gateway.sdk.kit.report import Report, Speed
from gateway.sdk.kit.round_trip import compare, mapped_paths, said, write_again
from gateway.sdk.kit.samples import (
    FOLDER,
    PROMISES,
    Promises,
    Sample,
    expected_name,
    load_promises,
    samples_in,
)
from gateway.sdk.kit.speed import microseconds

_NEEDED = ("recognises", "decode", "acknowledge", "encode", "tables")
_DAMAGES = 12
_SEED = 20260601
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Read:
    """A good sample that was read."""

    sample: Sample
    message: DecodedMessage


def folder_of(adapter: Adapter) -> Path:
    """Return the folder of an adapter: the one of its class, or the nearest above it that has samples.

    Raises:
        ConfigError: the class does not come from a file.
    """
    file = getattr(sys.modules.get(type(adapter).__module__), "__file__", None)
    if not file:
        raise ConfigError(f"adapter {adapter.name} does not come from a file")
    own = Path(file).parent
    return next((one for one in (own, *own.parents[:2]) if (one / FOLDER).is_dir()), own)


def check_adapter(adapter: Adapter, folder: Path | None = None, *, speed: bool = True) -> Report:
    """Check an adapter with the samples of its folder; nothing is raised for what does not hold.

    Raises:
        ConfigError: `samples.toml` is wrong.
    """
    report = Report(str(getattr(adapter, "name", "")))
    if not _contract(adapter, report):
        return report
    place = folder or folder_of(adapter)
    promises = load_promises(place)
    adapter = _declared(adapter, place, promises)
    samples = samples_in(place, promises)
    _files(place, samples, promises, report)
    with quiet() as attempts:
        _ask(adapter, samples, promises, report, speed=speed)
    report.see("no-network")
    for event, count in Counter(attempts).items():
        report.fail("no-network", event, f"{count} times")
    return report


def write_expected(adapter: Adapter, folder: Path | None = None) -> list[Path]:
    """Write what each good sample gives where no file says it yet; return the new files.

    To be read by a person before it counts as expected.
    """
    place = folder or folder_of(adapter)
    promises = load_promises(place)
    adapter = _declared(adapter, place, promises)
    made = []
    for sample in samples_in(place, promises):
        if not sample.bad and sample.expected is None:
            made.append(expected_name(sample))
            text = msgspec.json.format(msgspec.json.encode(adapter.decode(sample.raw, _LIMITS)))
            made[-1].write_bytes(text + b"\n")
    return made


def _contract(adapter: Adapter, report: Report) -> bool:
    """Say whether the adapter has all attributes, and tables that have types."""
    report.see("contract")
    lacking = [name for name in _NEEDED if not callable(getattr(adapter, name, None))]
    if lacking or not report.adapter:
        report.fail("contract", report.adapter or "(no name)", f"lacks {', '.join(lacking) or 'a name'}")
        return False
    try:
        tables = adapter.tables()
    except ConfigError as error:
        report.fail("contract", report.adapter, f"its tables do not load: {error}")
        return False
    wrong = [key for key, table in tables.items() if not key or not isinstance(table, Table)]
    for key in wrong:
        report.fail("contract", key, "is not a table under its message type")
    return not wrong


def _declared(adapter: Adapter, folder: Path, promises: Promises) -> Adapter:
    """Return the adapter with the declared values of its samples, itself if it has none."""
    if not promises.declared:
        return adapter
    made: Adapter = getattr(type(adapter), "with_declared")(folder / promises.declared)  # noqa: B009 - a convention of this kit, not part of the contract
    return made


def _files(folder: Path, samples: Sequence[Sample], promises: Promises, report: Report) -> None:
    """Look at the folder without running anything of it."""
    for file in sorted(folder.rglob("*.py")):
        report.see("imports")
        for problem in foreign_imports(file):
            report.fail("imports", file.name, problem)
    names = {one.name for one in samples}
    for name in (*promises.bad, *promises.unwritten):
        if name not in names:
            report.fail("samples", name, f"{PROMISES} names a sample that is not there")
    for bad in (False, True):
        report.see("samples")
        if not any(one.bad is bad for one in samples):
            report.fail("samples", FOLDER, f"there is no {'bad' if bad else 'good'} sample")


def _ask(
    adapter: Adapter, samples: Sequence[Sample], promises: Promises, report: Report, *, speed: bool
) -> None:
    """Run every check that runs the adapter."""
    read = [found for one in samples if not one.bad and (found := _good(adapter, one, report)) is not None]
    for sample in samples:
        if sample.bad:
            _bad(adapter, sample, report)
    for sample in samples:
        _receipt(adapter, sample, promises, report)
        _damaged(adapter, sample, report)
    for one in read:
        _round_trip(adapter, one, promises, report, speed=speed)
    _rows(adapter, read, promises, report)


def _decode(adapter: Adapter, raw: bytes, check: str, subject: str, report: Report) -> DecodedMessage | None:
    """Read bytes; an exception is a fault, for decode never raises."""
    try:
        adapter.recognises(raw)
        return adapter.decode(raw, _LIMITS)
    except Exception as error:  # noqa: BLE001 - whatever an adapter raises is what is looked for
        report.fail(check, subject, f"raises {type(error).__name__}")
        return None


def _good(adapter: Adapter, sample: Sample, report: Report) -> Read | None:
    report.see("good")
    message = _decode(adapter, sample.raw, "good", sample.name, report)
    if message is None:
        return None
    if not adapter.recognises(sample.raw):
        report.fail("good", sample.name, "is not recognised")
    if message.adapter != adapter.name:
        report.fail("good", sample.name, f"is said to be of {message.adapter}")
    errors = [one.code for one in _all(message) if has_errors((one,))]
    if errors:
        report.fail("good", sample.name, f"has errors: {', '.join(errors)}")
    if adapter.decode(sample.raw, _LIMITS) != message:
        report.fail("good", sample.name, "gives something else the second time")
    if sample.expected is None:
        report.fail("good", sample.name, f"{expected_name(sample).name} is absent; --write-expected makes it")
    else:
        _as_expected(sample, message, sample.expected, report)
    return Read(sample, message)


def _as_expected(sample: Sample, message: DecodedMessage, file: Path, report: Report) -> None:
    try:
        expected = msgspec.json.decode(file.read_bytes(), type=DecodedMessage)
    except msgspec.MsgspecError as error:
        report.fail("good", sample.name, f"{file.name} is no decoded message: {error}")
        return
    if message != expected:
        where = next(_differences(_plain(expected), _plain(message), ""), "in something not written")
        report.fail("good", sample.name, f"is not as {file.name} says: {where}")


def _bad(adapter: Adapter, sample: Sample, report: Report) -> None:
    report.see("bad")
    message = _decode(adapter, sample.raw, "bad", sample.name, report)
    if message is None:
        return
    codes = {one.code for one in _all(message)}
    if not sample.code:
        detail = f"its name is no finding code; name one under [bad] in {PROMISES}; it has"
        report.fail("bad", sample.name, f"{detail} {', '.join(sorted(codes)) or 'none'}")
    elif sample.code not in codes:
        report.fail("bad", sample.name, f"expected {sample.code}, has {', '.join(sorted(codes)) or 'none'}")


def _receipt(adapter: Adapter, sample: Sample, promises: Promises, report: Report) -> None:
    """Ask for a receipt with all documents at hand, and as it is asked for when they are gone."""
    report.see("receipt")
    try:
        message = adapter.decode(sample.raw, _LIMITS)
        outcomes = [
            DocumentOutcome(
                position=one.position,
                accepted=not has_errors(one.findings),
                echo=one.echo,
                findings=one.findings,
            )
            for one in message.documents
        ]
        for each in (message, msgspec.structs.replace(message, documents=())):
            if not adapter.acknowledge(each, outcomes, promises.now).content_type:
                report.fail("receipt", sample.name, "has no content type")
    except Exception as error:  # noqa: BLE001 - as above
        report.fail("receipt", sample.name, f"raises {type(error).__name__}")


def _damaged(adapter: Adapter, sample: Sample, report: Report) -> None:
    """Read a sample cut short and with bytes changed; the same damages every time."""
    dice, raw = random.Random(_SEED), sample.raw  # noqa: S311 - damages, not secrets
    for number in range(_DAMAGES):
        report.see("never-raises")
        hurt = bytearray(raw[: dice.randrange(len(raw) + 1)] if number % 2 else raw)
        for _ in range(number % 4 + 1 if hurt else 0):
            hurt[dice.randrange(len(hurt))] = dice.randrange(256)
        if _decode(adapter, bytes(hurt), "never-raises", f"{sample.name}, damage {number}", report) is None:
            return


def _round_trip(adapter: Adapter, one: Read, promises: Promises, report: Report, *, speed: bool) -> None:
    contributions, raw, name = said(one.message), one.sample.raw, one.sample.name
    if not contributions:
        return
    decode = microseconds(lambda: adapter.decode(raw, _LIMITS), len(contributions)) if speed else 0.0
    encode = 0.0
    report.see("round-trip")
    try:
        written = write_again(adapter, one.message, promises.now)
    except Exception as error:  # noqa: BLE001 - as above
        report.fail("round-trip", name, f"encode raises {type(error).__name__}")
        return
    reason = promises.unwritten.get(name, "")
    if written.encoded is None:
        if reason:
            report.notes.append(f"{name} is not written again: {reason}")
        else:
            report.fail("round-trip", name, written.problem)
    elif reason:
        report.fail("round-trip", name, f"{PROMISES} says that it cannot be written, but it can")
    else:
        items, kinds = [each.item for each in contributions], {each.kind.value for each in contributions}
        paths = mapped_paths(adapter.tables(), written.message_type, kinds)
        for problem in compare(adapter, one.message, written.encoded.body, paths, _LIMITS):
            report.fail("round-trip", name, problem)
        if adapter.encode(written.message_type, items, promises.now) != written.encoded:
            report.fail("round-trip", name, "is written otherwise the second time")
        if speed:
            encode = microseconds(
                lambda: adapter.encode(written.message_type, items, promises.now), len(items)
            )
    if speed:
        report.speeds.append(Speed(name, len(contributions), decode, encode))


def _rows(adapter: Adapter, read: Sequence[Read], promises: Promises, report: Report) -> None:
    """Find the rows whose canonical path no sample of the message fills."""
    idle = set(promises.idle)
    for message_type, table in adapter.tables().items():
        if not table.kind:
            report.notes.append(f"{message_type} makes no records, so its rows are not judged")
            continue
        items = _items_of(message_type, table, read)
        for row in table.rules.values():
            if not row.path:
                continue
            report.see("rows")
            hit = any(one is not None for item in items for one in values(item, row.path))
            if not hit and row.rule not in idle:
                report.fail("rows", f"{message_type} {row.rule}", f"no sample fills {row.path}")
            elif hit:
                idle.discard(row.rule)
    for rule, reason in promises.idle.items():
        if rule in idle:
            report.notes.append(f"{rule} is filled by no sample: {reason}")


def _items_of(message_type: str, table: Table, read: Sequence[Read]) -> list[Item]:
    """Return the records of the samples of a message; of its kind if no sample bears its very name."""
    own = [one for one in read if one.message.message_type == message_type and said(one.message)]
    return [each.item for one in own or read for each in said(one.message) if own or each.kind == table.kind]


def _all(message: DecodedMessage) -> list[Finding]:
    return [*message.findings, *(one for document in message.documents for one in document.findings)]


def _plain(message: DecodedMessage) -> Any:
    return msgspec.to_builtins(message)


def _differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Yield the places at which two plain values differ; the values themselves are not repeated."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in dict.fromkeys((*expected, *actual)):
            yield from _differences(expected.get(key), actual.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif expected != actual:
        yield path
