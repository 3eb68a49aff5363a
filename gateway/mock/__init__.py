# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Partners to test against: real gateways that answer by themselves, and misbehave as told."""
