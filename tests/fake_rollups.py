# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics of a store in memory."""

from gateway.exchange.rollup_rows import add_cells


class MemoryRollups:
    """The part of the port about statistics, over the tables `t`."""

    def add_cells(self, differences):
        add_cells(vars(self.t).setdefault("cells", {}), differences)
