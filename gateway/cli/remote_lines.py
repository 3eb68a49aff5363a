# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answers of a running gateway in lines of text, for terminals."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

COUNTS = ("in", "out", "accepted", "rejected", "ready", "waiting")


def board_lines(found: Any) -> Iterator[str]:
    """Tell how it stands with every partner."""
    for one in found["partners"]:
        counts = ", ".join(f"{name} {one[name]['count']}" for name in COUNTS)
        yield f"{one['health']:4}  {one['partner']}: {counts}"
        yield (
            f"      {one['rate_out']}/s out, {one['rate_in']}/s in, "
            f"oldest waiting {one['oldest_waiting_seconds']:.0f} s, ready {one['oldest_ready_seconds']:.0f} s"
        )
        for problem in one["findings"]:
            yield f"      {problem['code']} {problem.get('path', '')} {problem.get('actual', '')}".rstrip()


def found_lines(found: Sequence[Any]) -> Iterator[str]:
    """Tell what was found."""
    for one in found:
        words = [one[name] for name in ("tracking_number", "message_id", "uscc") if one.get(name)]
        yield f"{one['kind']} {' '.join(words)} {one.get('state', '')} (by {one['found_by']}) {one['path']}"


def moment_lines(found: Any) -> Iterator[str]:
    """Tell everything that happened to an item."""
    for one in found["moments"]:
        at = datetime.fromtimestamp(one["at"] / 1000, UTC)
        words = [one.get(name, "") for name in ("partner", "state", "reference")]
        entry = f" entry {one['log_index']}" if one.get("log_index", -1) >= 0 else ""
        rest = " ".join(word for word in words if word)
        yield f"{at:%Y-%m-%d %H:%M:%S}Z {one['kind']:9} {one['what']} {rest}{entry}".rstrip()
    if found["bundle"]:
        yield f"proof: {found['bundle']}"


def field_lines(found: Any) -> Iterator[str]:
    """Tell the fields of an item, and those of what partners sent about it."""
    if found["trace"] is not None:
        yield from _leaves("", found["trace"]["item"])
    for one in found["received"]:
        yield f"from {one['partner']}, {one['channel']} {one['sequence']}/{one['position']}:"
        yield from _leaves("  ", one["release"]["item"])


def _leaves(path: str, value: Any) -> Iterator[str]:
    """Tell the leaves of a record, each with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path.strip() else f"{path}{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}[{number}]", inner)
    elif value is not None:
        yield f"{path} = {value}"


def letter_lines(found: Sequence[Any]) -> Iterator[str]:
    """Tell dead letters, or groups of them."""
    for one in found:
        words = [
            one.get(name, "") for name in ("id", "kind", "code", "partner", "channel", "tracking_number")
        ]
        count = f" x {one['count']}{'+' if one['more'] else ''}" if "count" in one else ""
        replay = "; can be replayed" if one.get("replay") else ""
        yield " ".join(word for word in words if word) + count + replay
        if one.get("remedy"):
            yield f"  {one['remedy']}"


def partner_lines(found: Any) -> Iterator[str]:
    """Tell agreements, certificates and logs of every partner."""
    for one in found["partners"]:
        yield f"{one['partner']}: {one['name']}, {one['endpoint'] or 'collects'}"
        for each in one["agreements"]:
            name = f"{each['id']} v{each['version']}"
            yield f"  agreement {name}: {each['state']}, {each['days_left']} days left"
        for each in one["certificates"]["keys"]:
            key = f"{each['purpose']:8} {each['algorithm']:18} {each['state']}"
            yield f"  key {key}, {each['days_left']} days left"
        for each in one["cosigned"]:
            yield f"  log {each['log']}: cosigned by {each['cosigned_by']} at {each['size']}"
        for code in one["conflicts"]:
            yield f"  contradiction {code}"
