# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write records as one ICS2 message.

Rules: every missing field of every record is named before anything is refused. The gateway fills only what
is its own to say: message id, reference of the document, moment of writing. What no source carries comes
from declared values or is refused. Amounts are rounded half to even to two places; the mapping refuses one
that would become zero.
"""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.eu_ics2 import frames, template
from adapters.eu_ics2.converters import write_second
from adapters.eu_ics2.frames import NAMESPACE, Frame
from adapters.eu_ics2.plan import schema_order
from adapters.eu_ics2.reading import incomplete
from adapters.eu_ics2.standing import Standing
from adapters.eu_ics2.tariff import CN_FIELD, HS_FIELD, cn_digits, prepared
from gateway.sdk import (
    AdapterError,
    Encoded,
    Finding,
    InputError,
    Item,
    Loss,
    Severity,
    finding,
    pack_item,
)

CONTENT_TYPE = "application/xml"
MAX_RECORDS = 99_999


def encode(
    message: str, items: Sequence[Item], now: datetime, standing: Standing, given: Mapping[str, str]
) -> Encoded:
    """Write records as one message; `given` are fields of the head that the caller knows.

    Raises:
        AdapterError: there is no such message.
        InputError: a record lacks what the message requires; the findings name every missing field.
    """
    if not any(one.takes != "none" for one in frames.of_message(message)):
        raise AdapterError(f"eu_ics2 does not write {message}")
    if not 1 <= len(items) <= MAX_RECORDS:
        fault = finding("SCHEMA-COUNT", expected=f"1 to {MAX_RECORDS} records", actual=str(len(items)))
        raise InputError(f"{message} takes 1 to {MAX_RECORDS} records", (fault,))
    writing = _Writing(message, now, standing, given, items)
    parts = [writing.part(item, number) for number, item in enumerate(items, 1)]
    body = writing.whole(parts)
    errors = tuple(one for one in writing.found if one.severity is Severity.ERROR)
    if errors:
        raise InputError(f"{message} cannot be written: {len(errors)} faults", errors)
    return Encoded(
        body=body, content_type=CONTENT_TYPE, losses=tuple(writing.losses), findings=tuple(writing.found)
    )


class _Writing:
    """One message on its way; gathers losses and findings."""

    def __init__(
        self,
        message: str,
        now: datetime,
        standing: Standing,
        given: Mapping[str, str],
        items: Sequence[Item],
    ) -> None:
        self.losses: list[Loss] = []
        self.found: list[Finding] = []
        self._message = message
        self._now = write_second(now)
        self._standing = standing
        digest = _digest(self._now, items)
        self._own = {
            "MessageHeader/messageId": digest,
            "MessageHeader/messageTimestamp": self._now,
            "functionalReference": digest[:35],
            "documentIssueDate/DateTime": self._now,
            **given,
        }
        self._given: dict[str, Mapping[str, Mapping[str, str]]] = {}

    def part(self, item: Item, number: int) -> tuple[Frame, dict[str, Any]]:
        """Return the frame and the document of one record."""
        position = f"item {number}"
        frame = choose(self._message, item)
        if frame is None:
            self.found.append(finding("ICS2-RECORD", position=position, expected=self._message))
            return frames.of_message(self._message)[0], {"": [{}]}
        plain, losses = prepared(item) if item.content else (item, [])
        given = self._given.get(frame.name)
        if given is None:
            given = self._given[frame.name] = self._standing.texts(frame.name, self._own)
        at = item.control.at if item.control is not None else None
        if at is not None and at.tzinfo is not None and self._message == "IE4S03":
            given = {**given, "": {**given[""], "controlResultDate/DateTime": write_second(at)}}
        document, lost, found = frames.compiled(frame.name).encode(plain, given, position)
        losses += lost
        if item.content:
            self._lines(item, document, position)
        if self._standing.declared:
            self._declare(frame, document, losses, found)
        if found:
            self._keep_originals(found, losses)
        self._check(frame, document, found, position)
        self._seconds(frame, item, losses)
        self.losses += losses
        self.found += found
        return frame, document

    def whole(self, parts: Sequence[tuple[Frame, dict[str, Any]]]) -> bytes:
        """Return the message; all records must agree about what stands outside their own elements."""
        head: dict[str, str] = {}
        inner: dict[str, list[str]] = {}
        groups: dict[str, str] = {}
        for number, (frame, document) in enumerate(parts, 1):
            fields = document[""][0]
            for name in _outside(frame.repeat, tuple(fields)):
                if head.setdefault(name, fields[name]) != fields[name]:
                    self.found.append(
                        finding("SCHEMA-CONFLICT", path=name, position=f"item {number}", expected="as item 1")
                    )
            xml = self._groups(frame, document)
            if frame.repeat:
                name = frame.repeat.rpartition("/")[2]
                text = template.fill(frame.repeat, fields, xml, frame.order)
                inner.setdefault(frame.repeat, []).append(f"<{name}>{text}</{name}>")
            else:
                groups = xml
        repeated = {name: "".join(texts) for name, texts in inner.items()}
        root = frames.ROOTS.get(self._message, self._message)
        text = template.fill("", head, {**repeated, **groups}, schema_order(self._message))
        start = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">'
        return f"{start}{text}</{root}>".encode(errors="replace")

    def _groups(self, frame: Frame, document: Mapping[str, Any]) -> dict[str, str]:
        """Return the XML of the groups of a record."""
        found = {}
        for group, several in document.items():
            if group and several:
                name, order = group.rpartition("/")[2], frames.fields_of(frame.name, group)
                texts = [f"<{name}>{template.fill('', one, {}, order)}</{name}>" for one in several]
                found[group] = "".join(texts)
        return found

    def _lines(self, item: Item, document: dict[str, Any], position: str) -> None:
        """Write the CN digits, and tell the lines without a subheading."""
        lines = next((fields for group, fields in document.items() if group.endswith("goodsItem")), ())
        for number, (piece, fields) in enumerate(zip(item.content, lines, strict=False), 1):
            national = cn_digits(piece)
            if national:
                fields[CN_FIELD] = national
            if HS_FIELD not in fields:
                self.found.append(finding("ICS2-HS-ABSENT", path=f"content[{number}].hs", position=position))

    def _declare(
        self, frame: Frame, document: dict[str, Any], losses: list[Loss], found: list[Finding]
    ) -> None:
        """Write declared values where a mapped field lacks one, and take the complaint back."""
        rows = _mapped(frame.name)
        for one in self._standing.declared:
            row = rows.get((one.group, one.field))
            if row is None:
                continue
            for index, fields in enumerate(document.get(one.group, ()), 1):
                if one.field in fields:
                    continue
                fields[one.field] = one.value
                place = f"{frames.place(frame.name, one.group, index)}/{one.field}".lstrip("/")
                path = row.replace("[]", f"[{index}]")
                losses.append(
                    Loss(kind="derived", path=path, outside_path=place, rule=one.id, detail=one.source)
                )
                found[:] = [other for other in found if (other.code, other.path) != ("SCHEMA-MISSING", place)]

    def _only_declared(self, frame: Frame, group: str, container: str, fields: dict[str, str]) -> bool:
        """Take a container out that holds nothing but declared values; say whether it was so."""
        inside = [name for name in fields if name.startswith(f"{container}/")]
        if any((group, name) in _mapped(frame.name) for name in inside):
            return False
        for name in inside:
            del fields[name]
        return True

    def _check(
        self, frame: Frame, document: Mapping[str, Any], found: Sequence[Finding], position: str
    ) -> None:
        """Say what containers lack, once per field, and which values hold a forbidden character."""
        told = {one.path for one in found}
        for group, several in document.items():
            for index, fields in enumerate(several, 1):
                place = frames.place(frame.name, group, index)
                for container, lacks in incomplete(frame.name, group, tuple(fields)):
                    if self._only_declared(frame, group, container, fields):
                        continue
                    paths = [f"{place}/{name}".lstrip("/") for name in lacks]
                    self.found += [
                        finding("SCHEMA-MISSING", path=path, position=position)
                        for path in paths
                        if path not in told
                    ]
                self.found += template.forbidden(fields, place, position)

    def _keep_originals(self, found: Sequence[Finding], losses: list[Loss]) -> None:
        """Say beside each rounded value by which mode it was rounded, and keep the original."""
        originals = {one.path: one.actual for one in found if one.code == "SCHEMA-ROUNDED"}
        for number, loss in enumerate(losses):
            if loss.kind == "rounded" and loss.outside_path in originals:
                detail = f"half to even, originally {originals[loss.outside_path]}"
                losses[number] = msgspec.structs.replace(loss, detail=detail)

    def _seconds(self, frame: Frame, item: Item, losses: list[Loss]) -> None:
        """Tell a fraction of a second that was cut."""
        for path, outside, rule in _times(frame.name):
            value: Any = item
            for name in path.split("."):
                value = getattr(value, name, None)
            if value is not None and value.microsecond:
                detail = "cut to the second"
                losses.append(Loss(kind="rounded", path=path, outside_path=outside, rule=rule, detail=detail))


def _digest(now: str, items: Sequence[Item]) -> str:
    """Return a digest of what is said; of the moment alone if a text is no Unicode and refused later."""
    try:
        said = b"".join(map(pack_item, items))
    except UnicodeEncodeError:
        said = b""
    return hashlib.sha256(now.encode() + said).hexdigest()


def choose(message: str, item: Item) -> Frame | None:
    """Return the frame that writes a record in a message, `None` if the record has nothing to say in it."""
    takes = "item"
    if item.control is not None:
        takes = "control"
    elif item.answer is not None:
        takes = "answer"
    elif item.dispatch is not None:
        takes = "dispatch"
    elif item.assessment is not None:
        takes = (
            "dnl"
            if item.assessment.outcome == "dnl"
            else "referral"
            if item.assessment.referral
            else "assessment"
        )
    return next((one for one in frames.of_message(message) if one.takes == takes), None)


@functools.cache
def _mapped(table: str) -> Mapping[tuple[str, str], str]:
    """Return the canonical path of each mapped field by group and name."""
    rows = frames.table(table).rules.values()
    return {(row.group, row.outside): row.path for row in rows if row.path and row.outside}


@functools.lru_cache(maxsize=4096)
def _outside(repeat: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that stand outside the repeated element."""
    return tuple(name for name in names if not repeat or not name.startswith(f"{repeat}/"))


@functools.cache
def _times(table: str) -> tuple[tuple[str, str, str], ...]:
    rows = frames.table(table).rules.values()
    return tuple((row.path, row.outside, row.rule) for row in rows if row.path and row.converter == "utc")
