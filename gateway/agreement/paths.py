# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Field paths of an agreement: leaves of the canonical item, and groups `sender.address.*` of them."""

import difflib
import functools

from gateway.model import leaf_types

# Codes of a few letters: a pseudonym would not fit, and would be of no use where a code is read.
_CODES = frozenset(
    {
        "country",
        "currency",
        "unit",
        "basis",
        "mode",
        "hs",
        "direction",
        "trade_mode",
        "nature_of_transaction",
        "identifier_scheme",
        "order_type",
        "package_type",
    }
)


def expand(path: str) -> tuple[str, ...]:
    """Return the leaves that a path names: itself, or all below a group; empty if it is unknown."""
    leaves = leaf_types()
    if path.endswith(".*"):
        return tuple(one for one in leaves if one.startswith(path[:-1]))
    return (path,) if path in leaves else ()


def nearest(path: str) -> str:
    """Return the known path that looks most like an unknown one."""
    leaves = leaf_types()
    if path.endswith(".*"):
        groups = {one[: place + 1] + "*" for one in leaves for place in range(len(one)) if one[place] == "."}
        return difflib.get_close_matches(path, sorted(groups), 1, 0)[0]
    tail = path.rpartition(".")[2]
    same = [one for one in leaves if one.rpartition(".")[2] == tail]
    return difflib.get_close_matches(path, same or list(leaves), 1, 0)[0]


def is_code(path: str) -> bool:
    """Say whether a leaf holds a short code."""
    leaf = path.rpartition(".")[2]
    return leaf in _CODES or leaf.endswith("_country")


@functools.lru_cache(maxsize=4096)
def template(path: str) -> tuple[str, tuple[int, ...]]:
    """Split `content[2].hs` into the leaf path `content[].hs` and its indexes.

    Raises:
        ValueError: an index is not a plain decimal number.
    """
    parts, indexes = [], []
    for part in path.split("."):
        head, bracket, rest = part.partition("[")
        if bracket:
            digits = rest.removesuffix("]")
            if not rest.endswith("]") or not digits.isascii() or not digits.isdigit():
                raise ValueError("an index is a plain decimal number")
            if str(int(digits[:9])) != digits:
                raise ValueError("an index is a plain decimal number")
            indexes.append(int(digits))
            head += "[]"
        parts.append(head)
    return ".".join(parts), tuple(indexes)
