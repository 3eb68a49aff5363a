# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How fast this machine is at this moment, so that a limit in microseconds means the same on a busy one."""

from bench.primitives import slower

__all__ = ["slower"]
