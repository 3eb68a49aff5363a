# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Named faults: how a sample message is spoilt, and what must become of it.

A document fault changes one CEB603 document; a message fault makes a message of its own. `code` is the
finding that must come; a fault with `refuses` false must leave the document accepted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.sample.ceb import NAMESPACE, Draft, Fields, inventory, message, transfer
from gateway.sample.parcel import Parcel

Spoil = Callable[[Draft], None]
Build = Callable[[Parcel], bytes]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; exactly one of `spoil`, `build` and `repeat` says how, or `withhold` what does not come."""

    name: str
    code: str
    refuses: bool = True
    spoil: Spoil | None = None
    build: Build | None = None
    repeat: bool = False
    withhold: bool = False


def _put(fields: Fields, name: str, value: str) -> None:
    """Replace the value of a field."""
    place = [key for key, _ in fields].index(name)
    fields[place] = (name, value)


def _head(name: str, value: str) -> Spoil:
    """Return a fault that replaces a head field."""
    return lambda draft: _put(draft.head, name, value)


def _line(name: str, value: str) -> Spoil:
    """Return a fault that replaces a field of the last line."""
    return lambda draft: _put(draft.lines[-1], name, value)


def _missing_order_number(draft: Draft) -> None:
    draft.head[:] = [one for one in draft.head if one[0] != "orderNo"]


def _unknown_field(draft: Draft) -> None:
    draft.head.append(("internalRemark", "x"))


def _wrong_order(draft: Draft) -> None:
    draft.head[4], draft.head[5] = draft.head[5], draft.head[4]


def _repeated_field(draft: Draft) -> None:
    draft.head.insert(5, draft.head[4])


def _padded(draft: Draft) -> None:
    draft.head[:] = [
        (name, f" {value}\n") if name == "ebcName" else (name, value) for name, value in draft.head
    ]


def _lower_case_guid(draft: Draft) -> None:
    _put(draft.head, "guid", draft.head[0][1].lower())


def _bad_s10(draft: Draft) -> None:
    _put(draft.head, "logisticsNo", "LX473124820CN")


def _net_above_gross(draft: Draft) -> None:
    _put(draft.head, "netWeight", "9999")


def _no_lines(draft: Draft) -> None:
    draft.lines.clear()


def _repeated_line(draft: Draft) -> None:
    draft.lines.append(list(draft.lines[-1]))


def _lines_before_head(draft: Draft) -> None:
    draft.swapped = True


def _whole(parcel: Parcel, before: bytes = b"", inside: bytes = b"") -> bytes:
    """Return a message of one list with bytes put before the root or into the note."""
    raw = message("CEB603", parcel.guids[0], [inventory(parcel).content(), transfer(parcel.agent)])
    start = raw.index(b"<ceb:CEB603Message")
    raw = raw[:start] + before + raw[start:]
    return raw.replace(
        b"</ceb:InventoryHead>", b"<ceb:note>" + inside + b"</ceb:note></ceb:InventoryHead>", 1
    )


def _dtd(parcel: Parcel) -> bytes:
    return _whole(parcel, b'<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd">')


def _entity_bomb(parcel: Parcel) -> bytes:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 9))
    return _whole(parcel, b'<!DOCTYPE a [<!ENTITY e0 "boom">' + entities + b"]>", b"&e8;")


def _wrong_encoding(parcel: Parcel) -> bytes:
    return _whole(parcel).decode("utf-8").encode("gb18030")


def _truncated(parcel: Parcel) -> bytes:
    return _whole(parcel)[:-60]


def _too_deep(parcel: Parcel) -> bytes:
    return _whole(parcel, inside=b"<ceb:a>" * 40 + b"</ceb:a>" * 40)


def _wrong_namespace(parcel: Parcel) -> bytes:
    return message("CEB603", parcel.guids[0], [inventory(parcel).content()], NAMESPACE + "/wrong")


def _unknown_message_type(parcel: Parcel) -> bytes:
    return message("CEB999", parcel.guids[0], [inventory(parcel).content()])


def _wrong_sibling_order(parcel: Parcel) -> bytes:
    return message("CEB603", parcel.guids[0], [transfer(parcel.agent), inventory(parcel).content()])


def _too_many(parcel: Parcel) -> bytes:
    draft = inventory(parcel)
    return message("CEB603", parcel.guids[0], [draft.content()] * 101)


FAULTS: Mapping[str, Fault] = {
    one.name: one
    for one in (
        Fault("missing_order_number", "SCHEMA-MISSING", spoil=_missing_order_number),
        Fault("wrong_total", "CEB-TOTAL-PRICE", spoil=_line("totalPrice", "77777.77")),
        Fault("bad_country", "SCHEMA-CODE", spoil=_head("country", "000")),
        Fault("bad_s10", "CEB-S10-CHECK-DIGIT", spoil=_bad_s10),
        Fault("negative_price", "CEB-AMOUNT-NEGATIVE", spoil=_line("price", "-1")),
        Fault("zero_quantity", "CEB-AMOUNT-ZERO", spoil=_line("qty", "0")),
        Fault("unknown_field", "SCHEMA-UNKNOWN-FIELD", refuses=False, spoil=_unknown_field),
        Fault("wrong_order_of_fields", "SCHEMA-ORDER", spoil=_wrong_order),
        Fault("lines_before_head", "SCHEMA-ORDER", spoil=_lines_before_head),
        Fault("repeated_field", "SCHEMA-REPEATED", spoil=_repeated_field),
        Fault("repeated_line", "CEB-LINE-REPEATED", spoil=_repeated_line),
        Fault("no_lines", "SCHEMA-MISSING", spoil=_no_lines),
        Fault("too_long", "SCHEMA-LENGTH", spoil=_head("orderNo", "9" * 61)),
        Fault("short_guid", "SCHEMA-LENGTH", spoil=_head("guid", "ABC")),
        Fault("short_commodity_code", "SCHEMA-LENGTH", spoil=_line("gcode", "61091000")),
        Fault("bad_date", "SCHEMA-FORMAT", spoil=_head("ieDate", "20261341")),
        Fault("comma_in_number", "SCHEMA-FORMAT", spoil=_line("qty1", "1,5")),
        Fault("unknown_trade_mode", "SCHEMA-CODE", spoil=_head("tradeMode", "0110")),
        Fault("net_above_gross", "CEB-MASS-ORDER", spoil=_net_above_gross),
        Fault("absurd_mass", "CEB-AMOUNT-IMPLAUSIBLE", spoil=_head("grossWeight", "25000")),
        Fault("no_packages", "CEB-PACKAGE-COUNT", spoil=_head("packNo", "0")),
        Fault("padded_value", "SCHEMA-REPAIRED", refuses=False, spoil=_padded),
        Fault("lower_case_guid", "", refuses=False, spoil=_lower_case_guid),
        Fault("duplicate_in_message", "CEB-DUPLICATE-DOCUMENT", repeat=True),
        Fault("missing_supplement", "", refuses=False, withhold=True),
        Fault("101_documents", "SCHEMA-COUNT", build=_too_many),
        Fault("dtd", "XML-DTD", build=_dtd),
        Fault("entity_bomb", "XML-DTD", build=_entity_bomb),
        Fault("wrong_encoding", "XML-ENCODING", build=_wrong_encoding),
        Fault("truncated", "XML-SYNTAX", build=_truncated),
        Fault("too_deep", "XML-DEPTH", build=_too_deep),
        Fault("wrong_namespace", "CEB-NAMESPACE", build=_wrong_namespace),
        Fault("unknown_message_type", "CEB-MESSAGE-TYPE", build=_unknown_message_type),
        Fault("wrong_sibling_order", "SCHEMA-ORDER", build=_wrong_sibling_order),
    )
}
