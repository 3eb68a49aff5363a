# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Head fields without a canonical place go along as statements, and come back where they were.

A statement has the code `<message>/<field>` and the text as it was written. Which fields do is said per
message in `messages_*.py`; none of them is about a person.
"""

import msgspec

from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import Filing, Item, Statement

_NOTHING = Filing()


def take(message: MessageType, item: Item, head: dict[str, str]) -> Item:
    """Return the item with the carried fields of its document."""
    said = tuple(
        Statement(code=f"{message.name}/{name}", text=head[name].strip())
        for name in message.carried
        if head.get(name, "").strip()
    )
    if not said:
        return item
    filing = item.filing or _NOTHING
    return msgspec.structs.replace(
        item, filing=msgspec.structs.replace(filing, statements=(*filing.statements, *said))
    )


def give(message: MessageType, item: Item) -> tuple[Item, dict[str, str]]:
    """Return the item without the statements that this message carries, and their fields."""
    if not message.carried or item.filing is None or not item.filing.statements:
        return item, {}
    wanted = {f"{message.name}/{name}": name for name in message.carried}
    fields = {wanted[one.code]: one.text for one in item.filing.statements if one.code in wanted and one.text}
    rest = tuple(one for one in item.filing.statements if one.code not in wanted)
    filing = msgspec.structs.replace(item.filing, statements=rest)
    return msgspec.structs.replace(item, filing=None if filing == _NOTHING else filing), fields
