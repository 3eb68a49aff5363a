# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What stands beside the documents of a message: transfer, subscription, signature, extension.

Kept in the verbatim original; checked for count and order, which differ by direction (export: Signature
before ExtendMessage; import: after). The specification calls the signature ceb:Signature, the schema
ds:Signature; both are taken. Signatures are reported with their algorithms, not verified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.gacc_ceb import enterprises
from adapters.gacc_ceb.catalogue import ALWAYS, SIGNATURE_NAMESPACE, MessageType
from adapters.gacc_ceb.reading import RawDocument
from gateway.sdk import Finding, finding, xml

NAMES = ("BaseTransfer", "BaseSubscribe", "Signature", "ExtendMessage")
DECLARED = "2"
_MAX_SUBSCRIBERS = 5
_TRANSFER = {"copCode": 18, "copName": 100, "dxpMode": 3, "dxpId": 30}


@dataclass(frozen=True, slots=True)
class Body:
    """The children of a root, sorted."""

    documents: tuple[Any, ...]
    sender: str
    signed: bool
    findings: tuple[Finding, ...]


def sort(root: Any, message: MessageType, namespace: str) -> Body:
    """Tell documents from their siblings and check the count and order of both."""
    documents: list[Any] = []
    beside: list[tuple[str, Any]] = []
    found: list[Finding] = []
    for child in root:
        name = xml.local_name(child)
        own = xml.namespace(child) == namespace
        if own and name == message.document:
            if beside:
                found.append(finding("SCHEMA-ORDER", path=name, expected="documents first"))
            documents.append(child)
        elif name in NAMES and (own or (name == "Signature" and xml.namespace(child) == SIGNATURE_NAMESPACE)):
            beside.append((name, child))
        else:
            found.append(finding("SCHEMA-UNKNOWN-FIELD", path=name, position=xml.position(child)))
    if not 1 <= len(documents) <= message.max_documents:
        found.append(
            finding(
                "SCHEMA-COUNT",
                path=message.document,
                expected=f"1 to {message.max_documents}" if message.max_documents > 1 else "1",
                actual=str(len(documents)),
            )
        )
    found += _check_order([name for name, _ in beside], message)
    sender = ""
    for name, element in beside:
        if name == "Signature":
            found.append(_signature(element))
        elif name == "BaseTransfer":
            values = {xml.local_name(one): (one.text or "").strip() for one in element}
            sender = values.get("copCode", "")
            found += _check_transfer(values)
    return Body(tuple(documents), sender, any(name == "Signature" for name, _ in beside), tuple(found))


def _check_order(names: Sequence[str], message: MessageType) -> Iterator[Finding]:
    """Check the siblings against the order of the message's direction."""
    places = [message.siblings.index(name) for name in names]
    if places != sorted(places):
        expected = ", ".join(message.siblings)
        yield finding(
            "SCHEMA-ORDER", path=f"{message.name}Message", expected=expected, actual=", ".join(names)
        )
    for name in dict.fromkeys(names):
        most = _MAX_SUBSCRIBERS if name == "BaseSubscribe" else 1
        if names.count(name) > most:
            yield finding(
                "SCHEMA-REPEATED", path=name, expected=f"at most {most}", actual=str(names.count(name))
            )


def _check_transfer(values: dict[str, str]) -> Iterator[Finding]:
    """Check the fields of BaseTransfer that the schema makes mandatory."""
    for name, most in _TRANSFER.items():
        if not values.get(name):
            yield finding("SCHEMA-MISSING", path=f"BaseTransfer/{name}")
        elif len(values[name]) > most:
            yield finding("SCHEMA-LENGTH", path=f"BaseTransfer/{name}", expected=f"at most {most}")
    yield from enterprises.check_code(values.get("copCode", ""), "BaseTransfer/copCode", "")


def _signature(element: Any) -> Finding:
    """Say that a signature is there, with the algorithms it names."""
    algorithms = [
        str(one.get("Algorithm", ""))
        for one in element.iter()
        if xml.local_name(one) in ("SignatureMethod", "DigestMethod")
    ]
    return finding(
        "SCHEMA-UNMAPPED-FIELD",
        path="Signature",
        actual=" ".join(algorithms),
        remedy="Not verified by this version; it stays in the stored original.",
    )


def unsigned(message: MessageType, documents: Sequence[RawDocument]) -> Iterator[Finding]:
    """Say once that a message came without the signature its definition asks for."""
    declared = message.signed and any(one.said("appStatus") == DECLARED for one in documents)
    if declared or message.signed == ALWAYS:
        yield finding("CEB-UNSIGNED", path=f"{message.name}Message/Signature", expected="ds:Signature")
