# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How nodes and waiting grow with the load: a discrete-event simulation fed with measured costs."""
