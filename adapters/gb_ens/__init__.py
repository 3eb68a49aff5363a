# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""GB safety and security entry summary declarations in the ICS1 format: CC315A to CC351A, XML and JSON.

Reads and writes declarations, amendments and the authority's answers. What is inferred or unverified stands
in README.md; what zone the zoneless times have, and which documents name a postal item, in rules.toml.
"""

from adapters.gb_ens.codec import GbEnsAdapter, adapter

__all__ = ["GbEnsAdapter", "adapter"]
