# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Plain JSON for a partner that has no format of its own: every canonical record, every leaf, both ways.

The form is described in README.md; schema.json is derived from the model.
"""

from adapters.ead_json.codec import EadJsonAdapter, adapter

__all__ = ["EadJsonAdapter", "adapter"]
