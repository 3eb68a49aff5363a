# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The wire contract `customs.ead.v1`: generated messages, and the one place that turns records into them."""
