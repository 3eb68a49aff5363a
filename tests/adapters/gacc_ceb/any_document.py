# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Any sound document of a message, drawn from its table: every row may speak, within its limits."""

from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st

from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE, compiled, table
from adapters.gacc_ceb.messages import MessageType
from adapters.gacc_ceb.taxes import AMOUNTS
from gateway.sdk import CodeMap, Row, xml

Fields = dict[str, str]
_LETTERS = "ABXYZ0189-&<>'\"样例邮，é"
_MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - digits without a zone
_AMOUNTS = st.decimals(Decimal("0.00001"), 9999, places=5).map(lambda one: f"{one.normalize():f}")
_SET: dict[str, st.SearchStrategy[str]] = {
    "guid": st.uuids().map(lambda one: str(one).upper()),
    "appType": st.just("1"),
    "ieFlag": st.just("I"),
    "packNo": st.integers(1, 999).map(str),
    "country": st.sampled_from(("110", "116", "303", "304", "305", "502", "601")),
    "gcode": st.integers(10**9, 10**10 - 1).map(str),
    "logisticsNo": st.text("ABC0123", min_size=1, max_size=12),
    "status": st.sampled_from(("1", "2")),
    "returnTime": _MOMENTS.map(lambda one: f"{one:%Y%m%d%H%M%S}{one.microsecond // 1000:03d}"),
}
_BY_TYPE: dict[str, st.SearchStrategy[str]] = {
    "T14": _MOMENTS.map(lambda one: f"{one:%Y%m%d%H%M%S}"),
    "N": _AMOUNTS,
    "I": st.integers(1, 9999).map(str),
}


def _value(row: Row, message: MessageType) -> st.SearchStrategy[str]:
    """Return any value of a field."""
    if row.outside == "invtNo":
        letter = "E" if message.receipt in ("CEB214", "CEB216", "CEB702") or message.name == "CEB792" else "I"
        return st.integers(0, 10**9 - 1).map(lambda one: f"51652026{letter}{one:09d}")
    if row.outside in _SET:
        return _SET[row.outside]
    if row.codes:
        return st.sampled_from(row.codes)
    converter = table(message.name).converters[row.converter]
    if isinstance(converter, CodeMap):
        return st.sampled_from(sorted(converter.forward))
    if row.type in _BY_TYPE:
        return _BY_TYPE[row.type]
    low, high = row.length
    most = min(high, 17)  # shorter than a unified social credit code
    text = st.text(_LETTERS, min_size=min(low, most), max_size=most)
    return text.map(lambda one: one.ljust(low, "0")).filter(lambda one: one == one.strip() and bool(one))


@st.composite
def groups(draw: st.DrawFn, message: MessageType, group: str) -> Fields:
    """Draw one group; an optional field may be left out."""
    fields: Fields = {}
    for row in compiled(message.name).table.rules.values():
        asked = row.group == group and row.outside and row.outside not in fields
        always = row.required or row.outside == message.own_number
        if asked and (always or draw(st.booleans())):
            fields[row.outside] = draw(_value(row, message))
    for name in ("msgCount", "msgSeqNo"):
        if message.split:
            fields.setdefault(name, "1")
    return fields


@st.composite
def messages(draw: st.DrawFn, name: str) -> bytes:
    """Draw one message with one sound document."""
    message = MESSAGES[name]
    head = draw(groups(message, message.head))
    count = draw(st.integers(1 if message.per_line or name != "CEB816" else 0, 3)) if message.lines else 0
    lines = [draw(groups(message, message.lines)) for _ in range(count)]
    for number, line in enumerate(lines, 1):
        if "gnum" in line:
            line["gnum"] = str(number)
        if "totalPrice" in line:
            line["totalPrice"] = f"{Decimal(line['qty']) * Decimal(line['price']):.5f}"
    if message.per_line:
        lines = list(
            {tuple(one.get(key, "") for key in ("logisticsNo", "invtNo")): one for one in lines}.values()
        )
    if name == "CEB816" and lines:
        head |= {one: f"{sum(Decimal(line[one]) for line in lines):f}" for one in AMOUNTS}
    content: xml.Content = list(head.items())
    if message.head:
        content = [(message.head, content), *((message.lines, list(one.items())) for one in lines)]
    return xml.write(
        f"{name}Message",
        [(message.document, content)],
        namespace=NAMESPACE,
        prefix="ceb",
        attributes={"guid": "4B1C0000-1111-4222-8333-000000000900", "version": "1.0"},
    ).body
