# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of partners without a gateway."""

from gateway.config.group import Settings


class WebhookTake(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a partner without a gateway may post to us; without `agreement` nothing. Times in seconds.

    `scheme` is hmac-sha256 (`key_file` holds the secret) or ed25519 (it holds the public key).
    """

    agreement: str = ""
    adapter: str = ""
    scheme: str = "hmac-sha256"
    key_file: str = ""
    tolerance_seconds: float = 300.0
    max_bytes: int = 4 * 1024 * 1024
    per_minute: int = 60


class Webhook(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner without a gateway: where its batches are posted, in which format, and what it may post to us.

    An empty `url` posts nothing. Times in seconds. Secrets stand in files that only their owner may read.
    """

    organisation: str
    url: str = ""
    adapter: str = ""
    message_type: str = ""
    amendment_type: str = ""
    cancellation_type: str = ""
    statement: bool = True
    authorities: str = ""
    client_certificate: str = ""
    client_key: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    scope: str = ""
    connect_seconds: float = 5.0
    timeout_seconds: float = 10.0
    max_reply_bytes: int = 65_536
    take: WebhookTake = WebhookTake()
