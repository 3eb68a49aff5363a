# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""EU ICS2, version 2 set: the customs-to-customs messages and the postal filings.

The postal filings are inferred from the published type library; see README.md.
"""

from adapters.eu_ics2.codec import Ics2Adapter, adapter

__all__ = ["Ics2Adapter", "adapter"]
