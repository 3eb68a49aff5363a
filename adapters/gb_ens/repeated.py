# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys that stand twice in one JSON object; readers differ in which they keep (RFC 8259, section 4)."""

import json
import re
from typing import Any

_KEY = re.compile(rb'"\s*:')


def repeated_keys(raw: bytes, value: Any) -> list[str]:
    """Return the keys that stand more than once in one object of a message that was read as a value.

    The bytes are read again only if they hold more marks of a key than keys were read.
    """
    if len(_KEY.findall(raw)) == _count(value):
        return []
    found: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in members]
        found.extend(name for name in dict.fromkeys(names) if names.count(name) > 1)

    json.loads(raw, object_pairs_hook=pairs)
    return found


def _count(value: Any) -> int:
    if type(value) is dict:
        return len(value) + sum([_count(one) for one in value.values() if type(one) in (dict, list)])
    return sum([_count(one) for one in value]) if type(value) is list else 0
