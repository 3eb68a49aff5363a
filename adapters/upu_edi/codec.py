# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode. Every item, event or dispatch is a document."""

import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapters.upu_edi import identity, receipt
from adapters.upu_edi.catalogue import CATALOGUE, Entry
from adapters.upu_edi.fields import compiled, tables
from adapters.upu_edi.reading import Read, Reader
from adapters.upu_edi.writing import Writer
from gateway.sdk import (
    Acknowledgement,
    AdapterError,
    Contribution,
    DecodedDocument,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Finding,
    Function,
    InputError,
    Item,
    Limits,
    Loss,
    Table,
    edifact,
    finding,
    has_errors,
)

NAME = "upu_edi"
GUIDES = Path(__file__).parent / "guides"
_FUNCTIONS = {"9": Function.NEW, "5": Function.CHANGE, "1": Function.DELETE}
_ANSWERS = receipt.ANSWERS
_DIGITS = 7  # of the content, beside seven of the time: a reference has fourteen characters


class UpuEdiAdapter:
    """See `gateway.sdk.Adapter`; `folders` hold guides of an operator that take the place of ours."""

    name = NAME

    def __init__(self, *folders: Path) -> None:
        """Guides are read when the first message comes.

        Raises:
            ConfigError: later, if a folder holds a faulty guide.
        """
        self._folders = folders
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, Writer] = {}

    @functools.cached_property
    def guides(self) -> edifact.Guides:
        """The guides by which messages are read and written."""
        return edifact.load_guides([GUIDES, *self._folders], under=edifact.own_guides())

    def recognises(self, raw: bytes) -> bool:
        """Look for UNA or UNB at the beginning."""
        return raw.lstrip()[:3] in (b"UNA", b"UNB")

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read an interchange."""
        if len(raw) > limits.max_bytes:
            size = finding("UPU-EDI-SIZE", expected=f"at most {limits.max_bytes} bytes")
            return DecodedMessage(adapter=NAME, message_type="", findings=(size,))
        parsed = edifact.parse(raw, self.guides)
        names = list(dict.fromkeys(one.identity.name for one in parsed.messages))
        answers = bool(names) and set(names) <= set(_ANSWERS)
        alone = len(parsed.interchanges) == 1 or (answers and bool(parsed.interchanges))
        header = parsed.interchanges[0].header if alone else None
        if header is None:
            found = tuple(parsed.findings) or (finding("UPU-EDI-ONE", expected="one interchange"),)
            if not has_errors(found):
                found = (*found, finding("UPU-EDI-ONE", expected="one interchange"))
            return DecodedMessage(adapter=NAME, message_type="", findings=found)
        untaken: dict[str, str] = {}
        read = (one for each in parsed.interchanges for one in self._documents(each, untaken))
        documents = [msgspec.structs.replace(one, position=number) for number, one in enumerate(read, 1)]
        return DecodedMessage(
            adapter=NAME,
            message_type="+".join(names)[:100],
            message_id=f"{header.sender}/{header.reference}",
            sender=header.sender,
            once=not answers,
            documents=tuple(documents),
            findings=(
                *(one.finding() for interchange in parsed.interchanges for one in interchange.faults),
                *(finding("SCHEMA-UNMAPPED-FIELD", path=one, position=at) for one, at in untaken.items()),
            ),
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write CONTRL about the interchange and APERAK about what rules found, one after the other."""
        return receipt.write(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write one message with a document for each item; a dispatch message takes one item."""
        entry = CATALOGUE.get(message_type)
        if entry is None:
            raise AdapterError(f"upu_edi writes {', '.join(CATALOGUE)}, not {message_type}")
        writer = self._writer(message_type, entry)
        losses: list[Loss] = []
        found: list[Finding] = []
        documents = []
        if not items or (not entry.group and len(items) != 1):
            found.append(
                finding("SCHEMA-COUNT", path=message_type, expected="one item", actual=str(len(items)))
            )
        for number, item in enumerate(items, 1):
            document, lost, faults = compiled(entry.table).encode(identity.plain(item, entry))
            losses += [*lost, *identity.derived(item)]
            found += [dataclasses.replace(one, position=f"document {number}") for one in faults]
            documents.append(document)
        if has_errors(found):
            raise InputError(f"{len(found)} findings forbid writing the message", tuple(found))
        content = hashlib.sha256(msgspec.json.encode([message_type, *items])).hexdigest()[:_DIGITS].upper()
        reference = now.astimezone(UTC).strftime("%j%H%M") + content
        moment = now.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        head = {"BGM/number": reference, "prepared/time": moment}
        laid = writer.write(head, documents)
        written = edifact.write_interchange(_header(items, reference, now), [laid])
        if not written.body:
            raise InputError("the message cannot be written", written.findings)
        return Encoded(
            body=written.body,
            content_type="application/EDIFACT",
            losses=tuple(losses),
            findings=(*found, *written.findings),
        )

    def tables(self) -> Mapping[str, Table]:
        """Return the table of each message."""
        return {name: tables()[entry.table] for name, entry in CATALOGUE.items()}

    def _guide(self, name: str) -> edifact.Guide:
        """Return the guide of a message, an operator's before ours."""
        return next(one for one in self.guides if one.identity.name == name)

    def _writer(self, name: str, entry: Entry) -> Writer:
        """Return what writes a message, made once."""
        if name not in self._writers:
            self._writers[name] = Writer(self._guide(name), entry.group)
        return self._writers[name]

    def _reader(self, name: str, entry: Entry) -> Reader:
        """Return what reads a message, made once."""
        if name not in self._readers:
            self._readers[name] = Reader(entry, tables()[entry.table])
        return self._readers[name]

    def _documents(
        self, interchange: edifact.Interchange, untaken: dict[str, str]
    ) -> Iterator[DecodedDocument]:
        """Yield the documents of all messages; a refused message is one document without words.

        What messages fill and no table takes is added to `untaken`.
        """
        for message in interchange.messages:
            echo = receipt.echo_of(interchange, message)
            entry = CATALOGUE.get(message.identity.name)
            if not message.accepted or (entry is None and message.identity.name not in _ANSWERS):
                found = message.findings or (finding("UPU-EDI-MESSAGE", actual=message.identity.name),)
                yield DecodedDocument(position=0, reference=message.reference, echo=echo, findings=found)
            elif entry is None:
                yield DecodedDocument(position=0, reference=message.reference, echo=echo)
            else:
                test = interchange.header is not None and interchange.header.test
                said = self._reader(message.identity.name, entry).read(message)
                for path, at in said.untaken.items():
                    untaken.setdefault(f"{message.identity.name}/{path}", _position(message, at))
                yield from _read(message, said, entry, echo, test=test)


def _read(
    message: edifact.Message, said: Read, entry: Entry, echo: dict[str, str], *, test: bool
) -> Iterator[DecodedDocument]:
    """Yield the documents of a message; what was found of the message stands with the first."""
    function = _FUNCTIONS.get(said.function, Function.NEW)
    told = [one.finding() for one in message.faults]
    if not said.documents:
        empty = finding("UPU-EDI-EMPTY", path=message.identity.name)
        yield DecodedDocument(position=0, reference=message.reference, echo=echo, findings=(*told, empty))
    for first, document in said.documents:
        position = _position(message, first)
        item, faults = compiled(entry.table).decode(document, position)
        item, more = identity.completed(item, entry, position)
        found = [*told, *faults, *more]
        told = []
        keys = identity.keys(item)
        reference = identity.reference(item, said.number, message.identity.name)
        words: tuple[Contribution, ...] = ()
        if test:
            found.append(finding("UPU-EDI-TEST", position=position))
        elif not keys:
            found.append(finding("ASSEMBLE-NO-KEY", position=position))
        elif not has_errors(found):
            words = (
                Contribution(kind=entry.kind, function=function, reference=reference, keys=keys, item=item),
            )
        yield DecodedDocument(
            position=0, reference=reference, echo=echo, contributions=words, findings=tuple(found)
        )


def _position(message: edifact.Message, segment: int) -> str:
    """Return where a segment stands, for people."""
    return f"message {message.number}, segment {segment}, byte {message.offset(segment)}"


def _header(items: Sequence[Item], reference: str, now: datetime) -> edifact.Header:
    """Return what UNB says; the operators of the first item, where it names them."""
    postal = items[0].postal
    return edifact.Header(
        sender=(postal.origin_operator if postal else None) or "SENDER",
        sender_qualifier="",
        recipient=(postal.destination_operator if postal else None) or "RECIPIENT",
        recipient_qualifier="",
        date=now.astimezone(UTC).strftime("%Y%m%d"),
        time=now.astimezone(UTC).strftime("%H%M"),
        reference=reference,
        application="",
        acknowledgement_requested=True,
        agreement="",
        test=False,
    )


adapter = UpuEdiAdapter()
