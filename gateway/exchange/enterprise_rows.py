# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The row of the register of enterprises: passive, frozen, no verbs."""

from gateway.exchange.rows import Row


class EnterpriseRow(Row, frozen=True, kw_only=True, gc=False):
    """One version of an enterprise; rows are only ever added.

    `revision` counts the versions of the whole register in the order in which they were made, `version` those
    of the enterprise. `state` is registered or withdrawn, `valid_from` an ISO date; a version holds until the
    next one begins. `body` is the JSON of everything about it. `log_index` is the entry of the act.
    """

    id: int
    revision: int
    uscc: str
    version: int
    customs_code: str
    state: str
    valid_from: str
    recorded_at: int
    log_index: int
    body: bytes
