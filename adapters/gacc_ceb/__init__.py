# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""CEB messages of China's unified cross-border e-commerce system (E-Port, editions 2018 and 2022).

Reads and writes every message of the published catalogue with the DXP envelope around it, and answers each
document in the receipt that belongs to it. Signatures are kept and reported, not verified. What is unverified
stands in README.md.
"""

from adapters.gacc_ceb.codec import CebAdapter, adapter

__all__ = ["CebAdapter", "adapter"]
