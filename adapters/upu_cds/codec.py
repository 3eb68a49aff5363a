# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode. One bad view never voids the others."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.upu_cds import fields, tree, writing
from adapters.upu_cds.profiles import Profiles, load_profiles
from adapters.upu_cds.receipt import write_receipt
from adapters.upu_cds.views import read_view
from gateway.sdk import (
    Acknowledgement,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Item,
    Limits,
    Table,
    finding,
)

NAME = "upu_cds"
TYPES: dict[tree.Form, str] = {"json": "CDSVIEW", "xml": "CDSVIEW_XML"}
_LOOK = 1024
_FIRST = re.compile(rb"\"(?:CDSViews|MailObject)\"\s*:|<(?:[\w.-]+:)?CDSViews?[\s>/]")


class CdsAdapter:
    """See `gateway.sdk.Adapter`; a deployment with profiles of its own gives them."""

    name = NAME

    def __init__(self, profiles: Profiles | None = None) -> None:
        self._given = profiles
        self._loaded: Profiles | None = None

    @property
    def profiles(self) -> Profiles:
        """The profiles in use, read when first asked for."""
        if self._given is not None:
            return self._given
        if self._loaded is None:
            self._loaded = load_profiles()
        return self._loaded

    def recognises(self, raw: bytes) -> bool:
        """Look for the frame or a mail object in the first kilobyte."""
        return _FIRST.search(raw[:_LOOK].replace(b"\0", b"")) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message of either form; every view becomes one document."""
        frame = tree.read(raw, limits)
        found, views = frame.findings, frame.views
        if frame.profile and frame.profile not in self.profiles.by_name:
            expected = ", ".join(self.profiles.by_name)
            found = (*found, finding("CDS-PROFILE", path="Profile", expected=expected, actual=frame.profile))
            views = ()
        return DecodedMessage(
            adapter=NAME,
            message_type=TYPES[frame.form],
            message_id=frame.message_id or hashlib.sha256(raw).hexdigest(),
            sender=frame.sender,
            documents=tuple(
                read_view(index, one, frame, self.profiles) for index, one in enumerate(views, 1)
            ),
            findings=found,
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the receipt in the form of the message."""
        form: tree.Form = "xml" if message.message_type == TYPES["xml"] else "json"
        return write_receipt(form, message, outcomes, now, self.profiles)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write records as views; `_XML` after the type asks for XML."""
        del now  # the form has no time of its own
        return writing.encode(message_type, items)

    def tables(self) -> Mapping[str, Table]:
        """Return the four tables; a response of destination customs has that of a response."""
        return fields.tables()


adapter = CdsAdapter()
