# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers and codes of customs and post, one small module each.

Every module offers `compact` (how it is written without ornament), `validate` (a value of its own type, or
a `ValueError` that says what was expected) and `is_valid` (cheap, builds nothing, wants canonical form).
Nothing is looked up outside. Refusing a good number is the worse error: where a standard is open, so is the
module.
"""

from gateway.identifiers import ceb, country, currency, exceptions, hs, impc, mrn, s8, s9, s10, ucr, uscc

__all__ = ["ceb", "country", "currency", "exceptions", "hs", "impc", "mrn", "s8", "s9", "s10", "ucr", "uscc"]
