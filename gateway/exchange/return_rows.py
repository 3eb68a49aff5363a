# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of returns: passive, frozen, no verbs. Quantities are whole numbers of 10⁻⁵ of their unit."""

from gateway.exchange.rows import Row


class ReturnAccountRow(Row, frozen=True, kw_only=True, gc=False):
    """What of one line of a list may come back, and what has: never more.

    `item` is the original and `item_version` the version of it that the limits are from. A quantity that the
    original does not state has the limit 0 and an empty unit; `units` are the three units with bars between.
    """

    id: int
    list_number: str
    line: int
    item: int
    item_version: int
    quantity: int
    legal: int
    second: int
    drawn_quantity: int
    drawn_legal: int
    drawn_second: int
    units: str
    opened_at: int


class ReturnCaseRow(Row, frozen=True, kw_only=True, gc=False):
    """One return; `reference` names its announcement, `body` is the JSON of everything about it.

    `list_number` is that of the original once it is matched, `partner` who announced it, if a partner did.
    """

    id: int
    reference: str
    state: str
    list_number: str
    tracking_number: str
    partner: str
    version: int
    created_at: int
    updated_at: int
    log_index: int
    body: bytes
