# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One folder per outside format; each knows nothing but `gateway.sdk`."""
