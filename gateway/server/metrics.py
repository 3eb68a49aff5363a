# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Counts and durations of calls, in the Prometheus text format (exposition format 0.0.4).

Labels are methods and status names only: their number is bounded and no organisation's traffic shows.
"""

from collections import defaultdict


class CallMetrics:
    """What the calls of this process have cost; touched by its event loop only."""

    def __init__(self) -> None:
        self._calls: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def observe(self, method: str, status: str, seconds: float) -> None:
        """Count one call that has ended."""
        self._calls[method, status] += 1
        self._seconds[method, status] += seconds

    def render(self) -> str:
        """Return all figures as text."""
        lines = [
            "# HELP gateway_grpc_calls_total Calls that have ended.",
            "# TYPE gateway_grpc_calls_total counter",
        ]
        lines += [
            f"gateway_grpc_calls_total{_labels(*key)} {count}" for key, count in sorted(self._calls.items())
        ]
        lines += [
            "# HELP gateway_grpc_seconds_total Time spent in calls that have ended.",
            "# TYPE gateway_grpc_seconds_total counter",
        ]
        lines += [
            f"gateway_grpc_seconds_total{_labels(*key)} {spent:.6f}"
            for key, spent in sorted(self._seconds.items())
        ]
        return "\n".join(lines) + "\n"


def _labels(method: str, status: str) -> str:
    """Return the labels of one line; methods are those this server registered, so nothing needs escaping."""
    return f'{{method="{method}",status="{status}"}}'
