# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The row of the stock of overseas warehouses: passive, frozen, no verbs."""

from gateway.exchange.rows import Row


class StockRow(Row, frozen=True, kw_only=True, gc=False):
    """One report of goods sold or returned; rows are only ever added.

    `order_key` is the business key of the stocking order, `reference` the reporter's own and used once.
    `body` is the JSON of the report, `log_index` the entry of the act.
    """

    id: int
    order_key: str
    reference: str
    recorded_at: int
    log_index: int
    body: bytes
