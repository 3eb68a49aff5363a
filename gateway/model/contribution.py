# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one source message said about an item."""

import enum
from datetime import datetime

import msgspec

from gateway.model.item import Item
from gateway.model.record import Record


class ContributionKind(enum.StrEnum):
    """Which source speaks; the order of members is the order of precedence when they are merged.

    Those from EVENT on are not words about an item but records of their own: nothing is merged with them.
    """

    LIST = "list"
    WAYBILL = "waybill"
    MANIFEST = "manifest"
    ARRIVAL = "arrival"
    DEPARTURE = "departure"
    FILING = "filing"
    ORDER = "order"
    PAYMENT = "payment"
    POSTAL = "postal"
    SUPPLEMENT = "supplement"
    CANCELLATION = "cancellation"
    EVENT = "event"
    DISPATCH = "dispatch"
    ASSESSMENT = "assessment"
    ANSWER = "answer"
    CONTROL = "control"

    @property
    def record(self) -> str:
        """Return the kind of record that comes of it, one of `RECORDS`."""
        return self.value if self in _OWN_RECORDS else "item"


_OWN_RECORDS = frozenset(
    {
        ContributionKind.EVENT,
        ContributionKind.DISPATCH,
        ContributionKind.ASSESSMENT,
        ContributionKind.ANSWER,
        ContributionKind.CONTROL,
    }
)


class Function(enum.StrEnum):
    """What a message does to what was said before (CEB appType 1, 2, 3)."""

    NEW = "new"
    CHANGE = "change"
    DELETE = "delete"


class Contribution(Record, frozen=True, kw_only=True, gc=False):
    """One source document's words about one item.

    `reference` identifies the document within its kind and sender; a second document with the same kind and
    reference repeats, changes or deletes the first. `keys` are the business keys it can be joined by, each
    `<scheme>:<value>`: `trk:` tracking number, `ord:<platform>|<order number>`, `inv:` list number,
    `mrn:` the number customs gave a filing, `rcp:` receptacle, `dsp:` dispatch.
    """

    kind: ContributionKind
    function: Function
    reference: str
    keys: tuple[str, ...]
    item: Item
    guid: str = ""
    issued_at: datetime | None = None


_encoder = msgspec.msgpack.Encoder()
_item_decoder = msgspec.msgpack.Decoder(Item)
_decoder = msgspec.msgpack.Decoder(Contribution)


def pack_item(item: Item) -> bytes:
    """Return the stored form of an item (MessagePack, absent fields left out)."""
    return _encoder.encode(item)


def unpack_item(body: bytes) -> Item:
    """Return the item that `pack_item` stored."""
    return _item_decoder.decode(body)


def pack_contribution(contribution: Contribution) -> bytes:
    """Return the stored form of a contribution."""
    return _encoder.encode(contribution)


def unpack_contribution(body: bytes) -> Contribution:
    """Return the contribution that `pack_contribution` stored."""
    return _decoder.decode(body)
