# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which rules and rates flags rest on: digests at the end of their reason, compared at a replay.

Rates are pinned where a value was converted by them, so that a table of next month's rates changes no reason.
"""

import re
from collections.abc import Iterator

_PIN = re.compile(r"; by rules ([0-9a-f]{64})(?: and rates ([0-9a-f]{64}))?$")


def pinned(reason: str, rules: str, rates: str = "") -> str:
    """Return a reason with the digest of the file of rules, and of the table of rates if one was used."""
    return f"{reason}; by rules {rules}{' and rates ' + rates if rates else ''}"


def changed(reason: str, rules: str, rates: str) -> Iterator[str]:
    """Yield what a reason rests on and is not configured now; both digests are empty where nothing is."""
    found = _PIN.search(reason)
    if found is None:
        yield "facilitation rules: no digest was kept with the flags"
        return
    if found[1] != rules:
        yield f"facilitation rules with sha256 {found[1]}"
    if found[2] and found[2] != rates:
        yield f"rates with sha256 {found[2]}"
