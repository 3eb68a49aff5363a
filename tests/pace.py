# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How fast this machine is at this moment, so that a limit in microseconds means the same on a busy one."""

from bench.primitives import calibration

QUIET_MS = 15.0
"""The calibration loop on a quiet core of the machines whose figures the documents hold."""


def slower():
    """Return by what factor the machine is slower than a quiet one, 1 if it is not."""
    return max(1.0, calibration() / QUIET_MS)
