# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A national post's plain item XML and receptacle JSON: how little a partner with forms of its own needs."""

from adapters.post_xml.codec import PostAdapter, adapter

__all__ = ["PostAdapter", "adapter"]
