# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode.

Rules of decoding, in order: the XML is hardened and well-formed; a DXP envelope is opened; the root names the
message; documents and their siblings stand as the direction prescribes, 1 to 100 of them; each document is
read, checked against its table, mapped, and judged by the rules of business. A fault of one document refuses
that document alone. Nothing raises, nothing is dropped without a finding.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.gacc_ceb import acknowledgement, b2b, envelope, receipt, siblings, skeleton, writing
from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE, MessageType, table
from adapters.gacc_ceb.documents import decode_documents
from adapters.gacc_ceb.reading import RawDocument, read_documents
from adapters.gacc_ceb.template import TextScan, plain_text
from gateway.sdk import (
    Acknowledgement,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Finding,
    Item,
    Limits,
    Table,
    finding,
    has_errors,
    xml,
)

NAME = "gacc_ceb"
_GUID_LENGTH = 36
_VERSION_LENGTH = 10
_ROOT = re.compile(r"(CEB\d{3})Message")
_FIRST = re.compile(rb"www\.chinaport\.gov\.cn/(?:ceb|dxp)|<(?:\w+:)?(?:CEB\d{3}Message|DxpMsg(?:Sv)?)[\s>/]")
_LOOK = 1024


class CebAdapter:
    """CEB messages; remembers nothing but how documents were laid out, so one value serves all threads."""

    name = NAME

    def __init__(self, memory: skeleton.Memory | None = None) -> None:
        """Read ordinary messages as text once the memory holds their layout; without one always in full."""
        self._memory = memory

    def recognises(self, raw: bytes) -> bool:
        """Look for the namespace or the root element in the first kilobyte."""
        head = raw[:_LOOK]
        return _FIRST.search(head.replace(b"\0", b"")) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message, bare or in a DXP envelope."""
        return self._read(raw, limits)[0]

    def items(self, raw: bytes, limits: Limits) -> tuple[Item, ...]:
        """Return what the sound documents of a message say, also of one that has no effect on any item."""
        return self._read(raw, limits)[1]

    def _read(self, raw: bytes, limits: Limits) -> tuple[DecodedMessage, tuple[Item, ...]]:
        """Read a message and what it says."""
        quick = self._quick(raw, limits)
        if quick is not None:
            return _run(_Decoding(raw, quick.root, [], {}, documents=quick.documents))
        parsed = xml.parse(raw, limits)
        if parsed.root is None:
            return DecodedMessage(adapter=NAME, message_type="", findings=parsed.findings), ()
        if xml.local_name(parsed.root) not in envelope.ROOTS:
            return _run(_Decoding(raw, parsed.root, list(parsed.findings), {}, memory=self._memory))
        opened = envelope.open_envelope(parsed.root)
        found = [*parsed.findings, *opened.findings]
        quick = self._quick(opened.body, limits)
        if quick is not None:
            return _run(_Decoding(opened.body, quick.root, found, opened.fields, documents=quick.documents))
        inner = xml.parse(opened.body, limits) if opened.body else None
        if inner is None or inner.root is None:
            found += inner.findings if inner is not None else ()
            if not has_errors(found):
                found.append(finding("CEB-ENVELOPE", path="DxpMsg/Data", expected="a CEB message"))
            return DecodedMessage(adapter=NAME, message_type="", findings=tuple(found)), ()
        found += inner.findings
        return _run(_Decoding(opened.body, inner.root, found, opened.fields, memory=self._memory))

    def _quick(self, raw: bytes, limits: Limits) -> skeleton.Read | None:
        """Return a message whose documents could be read as text."""
        return None if self._memory is None else skeleton.read(raw, limits, self._memory)

    def signed_part(self, raw: bytes) -> bytes:
        """Return the message that bears the XML signature, out of its DXP envelope if it has one."""
        root = xml.parse(raw, Limits()).root
        if root is None or not xml.local_name(root).startswith("Dxp"):
            return raw
        return envelope.open_envelope(root).body

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the receipt that belongs to the message."""
        return acknowledgement.acknowledge(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write items as one message, each item a document or, in a manifest, a line."""
        return writing.encode(message_type, items, now)

    def rule(self, name: str) -> Mapping[str, Any] | None:
        """Return a dated rule by the id that findings name, none if there is no such rule."""
        return b2b.rule_data(name)

    def tables(self) -> Mapping[str, Table]:
        """Return the tables of the request messages; receipts have no mapping."""
        return {name: table(name) for name in MESSAGES}


class _Decoding:
    """One message on its way through the rules."""

    def __init__(
        self,
        raw: bytes,
        root: Any,
        found: list[Finding],
        fields: Mapping[str, str],
        *,
        documents: list[RawDocument] | None = None,
        memory: skeleton.Memory | None = None,
    ) -> None:
        """Take a parsed message; `documents` were read already, and the root holds one in their place."""
        self._documents = documents
        self._memory = memory
        self._raw = raw
        self._root = root
        self._found = found
        self._fields = fields
        self._guid = root.get("guid", "").strip()
        self._sender = fields.get(f"{envelope.MARK}SenderId", "")
        self.items: tuple[Item, ...] = ()

    def run(self) -> DecodedMessage:
        """Choose by the root what the message is, and read it."""
        match = _ROOT.fullmatch(xml.local_name(self._root))
        if match is None:
            self._found.append(
                finding("CEB-ROOT", expected="CEBnnnMessage", actual=xml.local_name(self._root))
            )
            return self._message("", ())
        name = match[1]
        self._check_root(name)
        kind = receipt.receipt_types().get(name)
        if kind is not None:
            return self._read_receipt(kind)
        message = MESSAGES.get(name)
        if message is None:
            self._found.append(
                finding("CEB-MESSAGE-TYPE", path=f"{name}Message", expected=", ".join(MESSAGES))
            )
            return self._message(name, ())
        return self._read_request(message)

    def _check_root(self, name: str) -> None:
        """Check namespace and attributes of the root; receipts come without a namespace in the field."""
        namespace = xml.namespace(self._root)
        if not namespace and name in receipt.receipt_types():
            self._found.append(finding("SCHEMA-REPAIRED", path=f"{name}Message", expected=NAMESPACE))
        elif namespace != NAMESPACE:
            self._found.append(
                finding("CEB-NAMESPACE", path=f"{name}Message", expected=NAMESPACE, actual=namespace)
            )
        raw = self._root.get("guid", "")
        if len(raw) != _GUID_LENGTH:
            code = "SCHEMA-LENGTH" if raw.strip() else "SCHEMA-MISSING"
            self._found.append(
                finding(code, path=f"{name}Message/@guid", expected=f"{_GUID_LENGTH} characters")
            )
        version = self._root.get("version", "")
        if not 1 <= len(version) <= _VERSION_LENGTH:
            code = "SCHEMA-LENGTH" if version else "SCHEMA-MISSING"
            self._found.append(finding(code, path=f"{name}Message/@version", expected="1 to 10 characters"))
        self._found += [
            finding("SCHEMA-UNKNOWN-FIELD", path=f"{name}Message/@{attribute}")
            for attribute in self._root.attrib
            if attribute not in ("guid", "version") and not attribute.startswith("{")
        ]

    def _read_receipt(self, kind: receipt.ReceiptType) -> DecodedMessage:
        """Read a receipt of any namespace."""
        elements = [one for one in self._root if xml.local_name(one) == kind.document]
        self._found += [
            finding("SCHEMA-UNKNOWN-FIELD", path=xml.local_name(one))
            for one in self._root
            if xml.local_name(one) not in (kind.document, *siblings.NAMES)
        ]
        if not elements:
            self._found.append(finding("SCHEMA-COUNT", path=kind.document, expected="at least 1", actual="0"))
        return self._message(kind.name, tuple(receipt.read(elements, kind)))

    def _read_request(self, message: MessageType) -> DecodedMessage:
        """Read a request: siblings first, then the documents, unless the message as a whole is refused."""
        namespace = xml.namespace(self._root)
        body = siblings.sort(self._root, message, namespace)
        self._found += body.findings
        self._sender = self._sender or body.sender
        if has_errors(self._found):
            return self._message(message.name, ())
        raw_documents = self._documents
        if raw_documents is None:
            raw_documents = self._read_tree(message, body.documents, namespace)
        decoded = decode_documents(message, raw_documents, self._fields)
        self._found += decoded.findings
        self.items = decoded.items
        if not body.signed:
            self._found += siblings.unsigned(message, raw_documents)
        return self._message(message.name, decoded.documents)

    def _read_tree(self, message: MessageType, elements: Sequence[Any], namespace: str) -> list[RawDocument]:
        """Read the documents from the tree, and remember how they were laid out."""
        prefixes = [one for one, uri in self._root.nsmap.items() if uri == namespace]
        text = plain_text(self._raw) if len(elements) > 1 and len(prefixes) == 1 else None
        scan = TextScan(text, self._root.prefix or "", message.document) if text is not None else None
        documents = list(read_documents(elements, message, namespace, scan))
        if self._memory is not None:
            self._memory.learn(message.name, documents)
        return documents

    def _message(self, name: str, documents: tuple[Any, ...]) -> DecodedMessage:
        """Return the result with everything found so far."""
        return DecodedMessage(
            adapter=NAME,
            message_type=name,
            message_id=self._guid,
            sender=self._sender,
            documents=documents,
            findings=tuple(self._found),
        )


def _run(decoding: _Decoding) -> tuple[DecodedMessage, tuple[Item, ...]]:
    """Return the message of a decoding and its items."""
    return decoding.run(), decoding.items


adapter = CebAdapter(skeleton.Memory())
