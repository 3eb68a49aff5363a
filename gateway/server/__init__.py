# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The gRPC face: peers over mutual TLS, bulk intake, and the watched folder beside it.

Knows the wire and the steps of the way; knows no database and calls nobody itself.
"""
