# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""WCO data model 3.6 as HMRC's Customs Declaration Service speaks it: declarations (DEC), responses (RES).

Reads and writes import, export, low-value and postal declarations with amendment and invalidation, and the
notifications about them. Pinned to one set of XSDs, which is not shipped. What is unverified stands in
README.md.
"""

from adapters.uk_cds.codec import UkCdsAdapter, adapter
from adapters.uk_cds.validation import Schemas

__all__ = ["Schemas", "UkCdsAdapter", "adapter"]
