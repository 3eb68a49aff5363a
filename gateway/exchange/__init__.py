# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The way of a record, one module per step; everything from outside comes through `ports`.

intake, assemble, route, release, batch and deliver lead out; receive and forward lead in; acknowledge closes
what was sent; collect fetches; query and evidence answer.
Knows no database, no network and no outside format.
"""
