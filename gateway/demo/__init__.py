# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real gateways on this machine with invented traffic: demonstration, and stage of tests and bench."""
