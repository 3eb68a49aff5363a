# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The declaration and response objects of the UPU Customs Declaration System, as JSON and as XML.

README.md says what is verified of the form and what is ours.
"""

from adapters.upu_cds.codec import CdsAdapter, adapter

__all__ = ["CdsAdapter", "adapter"]
