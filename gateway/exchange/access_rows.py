# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The row of what lets somebody in: passive, frozen, no verbs."""

from gateway.exchange.rows import Row


class CredentialRow(Row, frozen=True, kw_only=True, gc=False):
    """A secret that somebody holds, of which only the digest is kept; `kind` begins the secret.

    `roles` stand with a space between them. Times in milliseconds, 0 for never; `used_at` is coarse,
    `ended_at` is when it was revoked. `log_index` is the entry of the act that made it, in the anchor log.
    """

    id: int
    kind: str
    name: str
    roles: str
    digest: bytes
    made_by: str
    created_at: int
    expires_at: int
    used_at: int
    ended_at: int
    log_index: int
