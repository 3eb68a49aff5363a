# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Postal EDIFACT messages in a profile of our own; the licensed standards take its place by folder."""

from adapters.upu_edi.codec import UpuEdiAdapter, adapter

__all__ = ["UpuEdiAdapter", "adapter"]
