# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Calling others: partners' gateways over gRPC, and any gateway's own HTTP face.

Knows addresses, TLS and the wire; knows no database and nothing of what it carries.
"""
