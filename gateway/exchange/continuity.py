# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a stored log continues what was published of it; asked before anything is signed.

The rules:

1. A log that is shorter than its last published checkpoint was restored from an older backup, or cut.
2. A log that had another root at that size was forked or edited.
3. Neither is repaired here: whatever was signed on top would contradict what partners hold.
"""

from gateway.audit import tree
from gateway.errors import CouldNotCheck
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogState
from gateway.finding import Finding, finding


def root_at(tx: Transaction, name: str, size: int) -> bytes | None:
    """Return the root that a stored log had at a size; none if hashes are missing."""
    frontier = frontier_at(tx, name, size)
    return None if frontier is None else tree.root(frontier)


def frontier_at(tx: Transaction, name: str, size: int) -> tuple[bytes, ...] | None:
    """Return the roots of the complete subtrees of a stored log at a size; none if one is missing."""
    frontier, start = [], 0
    try:
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                frontier.append(tx.log_hash(name, level, start >> level))
                start += 1 << level
    except KeyError:
        return None
    return tuple(frontier)


def contradiction(tx: Transaction, state: LogState, newest: PublishedRow | None) -> Finding | None:
    """Return why a log must not be signed, none if it may."""
    if newest is None:
        return None
    if state.size < newest.size:
        return finding(
            "LOG-BEHIND", path=state.name, expected=f"at least {newest.size}", actual=str(state.size)
        )
    computed = root_at(tx, state.name, newest.size)
    if computed != newest.root:
        return finding(
            "LOG-DIFFERENT",
            path=state.name,
            expected=f"{newest.size} {newest.root.hex()}",
            actual="hashes are missing" if computed is None else computed.hex(),
        )
    return None


def refused(found: Finding) -> CouldNotCheck:
    """Return the error of a log that must not be signed; partners are told to come again later."""
    return CouldNotCheck(f"{found.code}: {found.path} must not be signed; {found.remedy}", (found,))
