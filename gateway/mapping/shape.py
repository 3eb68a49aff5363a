# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Order and repetition of the fields of a group, judged by their names alone."""

from collections import Counter, OrderedDict

from gateway.finding import Finding, finding
from gateway.mapping.faults import place
from gateway.mapping.source import Plan

_MEMORY = 1024  # different orders remembered per table; senders write few, attackers many


class Shapes:
    """Judges tags against the message order of one table; the memory is bounded and drops the oldest."""

    def __init__(self, plan: Plan) -> None:
        """Note the first step of every outside path, in message order."""
        self._places = {group.name: place(group, 0) for group in plan.groups}
        self._orders: dict[str, dict[str, int]] = {}
        for group in plan.groups:
            steps = [row.outside.partition("/")[0] for row in group.rows if row.outside]
            names = [one for one in dict.fromkeys(steps) if not one.startswith("@")]
            self._orders[group.name] = {name: number for number, name in enumerate(names)}
        self._seen: OrderedDict[tuple[str, tuple[str, ...]], tuple[Finding, ...]] = OrderedDict()

    def judge(self, group: str, tags: tuple[str, ...]) -> tuple[Finding, ...]:
        """Return the findings about the tags of a group; none if they may stand like this."""
        key = (group, tags)
        found = self._seen.get(key)
        if found is None:
            found = tuple(self._judge(group, tags))
            self._seen[key] = found
            if len(self._seen) > _MEMORY:
                self._seen.popitem(last=False)
        return found

    def _judge(self, group: str, tags: tuple[str, ...]) -> list[Finding]:
        order, start = self._orders[group], self._places[group]
        found = [
            finding(
                "SCHEMA-REPEATED",
                path=f"{start}/{name}".lstrip("/"),
                expected="once",
                actual=f"{count} times",
            )
            for name, count in Counter(tags).items()
            if count > 1 and name in order
        ]
        last = ""
        for name in dict.fromkeys(tags):
            if name not in order:
                continue
            if last and order[name] < order[last]:
                path = f"{start}/{name}".lstrip("/")
                found.append(
                    finding("SCHEMA-ORDER", path=path, expected=f"before {last}", actual=f"after {last}")
                )
            else:
                last = name
        return found
