# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of the nodes that share one store."""

from gateway.exchange.rows import Row


class NodeRow(Row, frozen=True, kw_only=True, gc=False):
    """One process on the store; `serves` if it takes lanes, `schema` is the newest version that it knows."""

    number: int
    holder: str
    schema: str
    serves: bool
    started_at: int
    seen_at: int = 0
