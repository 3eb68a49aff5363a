# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The supplement: our own JSON form in which a platform or carrier says what a domestic message leaves out.

The form is described in README.md and schema.json; `supplement.toml` is the one source of its fields.
"""

from adapters.supplement.codec import SupplementAdapter, adapter

__all__ = ["SupplementAdapter", "adapter"]
