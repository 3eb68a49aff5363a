# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner that plays every rule of the wire contract against an implementation of it, and says what holds.

Knows the contract from outside only: it sends bytes, reads what comes, and looks into nothing.
"""
