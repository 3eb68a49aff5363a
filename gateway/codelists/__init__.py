# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Versioned code tables with sources and validity dates.

The tables are data under `data/`, one file each, replaceable row by row from an operator's folder. This room
knows no message and no partner: it maps codes of one list to codes of another.
"""

from gateway.codelists.rows import CodeRow, Status
from gateway.codelists.table import CodeList, load, names, packaged_rows

__all__ = ["CodeList", "CodeRow", "Status", "load", "names", "packaged_rows"]
