# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The operator's web console: pages over the public HTTP interface of the same node, and nothing else."""

from gateway.console.face import make_console

__all__ = ["make_console"]
