# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the HTTP face, and of who vouches for people at the console."""

from gateway.config.group import Settings


class Oidc(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The provider that vouches for people at the console (OpenID Connect); without `issuer` none does.

    `console` is the address at which browsers reach this gateway. `roles` are values of the claim by role;
    who has none of them is let in nowhere. The secret stands in a file that only its owner may read; without
    one this is a public client. `loopback` lets a provider on this machine be asked without TLS. Times in
    seconds.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    console: str = ""
    label: str = "OpenID Connect"
    scope: str = "openid"
    claim: str = "groups"
    roles: dict[str, tuple[str, ...]] = {}
    authorities: str = ""
    loopback: bool = False
    timeout_seconds: float = 10.0
    max_reply_bytes: int = 262_144


class Http(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The intake and health face; without `token_file` it serves loopback addresses only.

    `log_token_file` has one `<partner> <token>` per line: with it that partner reads the log about itself,
    and brings its checkpoints to be cosigned, over HTTP. Without it only this node's own side does.
    `operators` and `auditors` are the names of tokens that have these roles; all others are submitters.
    `proxies` are addresses whose `X-Forwarded-For` is believed. `requests_per_minute` is how often each name
    may ask one node.
    """

    listen: str = "127.0.0.1:7480"
    token_file: str = ""
    log_token_file: str = ""
    operators: tuple[str, ...] = ("local",)
    auditors: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    requests_per_minute: int = 60_000
    oidc: Oidc = Oidc()
