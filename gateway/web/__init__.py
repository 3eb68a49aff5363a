# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP face: intake, queries, metrics, health.

Knows HTTP and the steps of the way; knows no database and no gRPC.
"""
