# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys that stand twice in one JSON object; readers differ in which they keep (RFC 8259, section 4)."""

import json
import re
from typing import Any

_KEY = re.compile(rb'"\s*:')


def may_repeat(raw: bytes, keys: int) -> bool:
    """Say whether the bytes hold more marks of a key than keys were read; a text may hold such a mark too."""
    return len(_KEY.findall(raw)) != keys


def count(value: Any) -> int:
    """Return the number of keys in all objects of a value."""
    if type(value) is dict:
        return len(value) + sum([count(one) for one in value.values() if type(one) in (dict, list)])
    return sum([count(one) for one in value]) if type(value) is list else 0


def repeated_keys(raw: bytes) -> list[str]:
    """Return the keys that stand more than once in one object, wherever the object is."""
    found: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in members]
        found.extend(name for name in dict.fromkeys(names) if names.count(name) > 1)

    json.loads(raw, object_pairs_hook=pairs)
    return found
