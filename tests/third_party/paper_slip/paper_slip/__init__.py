# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Slips of paper, typed in line by line: `name: value`, an empty line between slips."""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gateway.sdk import (
    Acknowledgement,
    AdapterError,
    CompiledTable,
    Contribution,
    ContributionKind,
    DecodedDocument,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Function,
    InputError,
    Item,
    Limits,
    Table,
    compile_table,
    finding,
    has_errors,
    load_table,
)

_TYPE, _FIRST = "SLIP", "slip: "


@functools.cache
def _compiled() -> CompiledTable:
    return compile_table(load_table(Path(__file__).parent / "slip.toml"), "1")


class PaperSlip:
    """See `gateway.sdk.Adapter`."""

    name = "paper_slip"

    def recognises(self, raw: bytes) -> bool:
        """Say whether the text begins with a slip."""
        return raw.startswith(_FIRST.encode())

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read slips; each is a document."""
        found = []
        if len(raw) > limits.max_bytes:
            found.append(finding("SCHEMA-LENGTH", expected=f"at most {limits.max_bytes} bytes"))
        try:
            text = raw.decode("ascii")
        except UnicodeDecodeError:
            found.append(finding("SCHEMA-FORMAT", expected="ASCII"))
        if not found and not text.startswith(_FIRST):
            found.append(finding("SCHEMA-MISSING", path="slip"))
        slips = [] if found else [one for one in text.split("\n\n") if one.strip()]
        documents = tuple(_document(number, one) for number, one in enumerate(slips, 1))
        return DecodedMessage(
            adapter=self.name, message_type=_TYPE, documents=documents, findings=tuple(found)
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Answer with one line a slip."""
        told = [{"slip": one.echo, "accepted": one.accepted} for one in outcomes]
        body = {"at": now.isoformat(), "findings": [one.code for one in message.findings], "slips": told}
        return Acknowledgement(body=json.dumps(body).encode(), content_type="application/json")

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write slips, which bear no time."""
        if message_type != _TYPE:
            raise AdapterError(f"paper_slip writes {_TYPE}")
        written = [
            _compiled().encode(item, position=f"slip {number}") for number, item in enumerate(items, 1)
        ]
        found = tuple(one for _, _, faults in written for one in faults)
        if has_errors(found):
            raise InputError("the slip cannot be written", found)
        slips = ["".join(f"{name}: {text}\n" for name, text in one[""][0].items()) for one, _, _ in written]
        return Encoded(
            body="\n".join(slips).encode("ascii", "replace"),
            content_type="text/plain",
            losses=tuple(loss for _, lost, _ in written for loss in lost),
            findings=found,
        )

    def tables(self) -> Mapping[str, Table]:
        """Return the one table."""
        return {_TYPE: _compiled().table}


def _document(number: int, text: str) -> DecodedDocument:
    fields: dict[str, str] = {}
    found = []
    for line in text.strip("\n").split("\n"):
        name, mark, value = line.partition(": ")
        if not mark or name not in _compiled().fields(""):
            found.append(finding("SCHEMA-UNKNOWN-FIELD", path=name[:40], position=f"slip {number}"))
        elif name in fields:
            found.append(finding("SCHEMA-REPEATED", path=name, position=f"slip {number}"))
        else:
            fields[name] = value
    item, faults = _compiled().decode({"": [fields]}, f"slip {number}")
    tracking = item.tracking_number or ""
    said = Contribution(
        kind=ContributionKind.POSTAL,
        function=Function.NEW,
        reference=tracking,
        keys=(f"trk:{tracking}",),
        item=item,
    )
    return DecodedDocument(
        position=number,
        reference=tracking,
        echo={"slip": tracking},
        contributions=() if has_errors((*found, *faults)) else (said,),
        findings=(*found, *faults),
    )


adapter = PaperSlip()
