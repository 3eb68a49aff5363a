# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the HTTP face."""

from gateway.config.group import Settings


class Http(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The intake and health face; without `token_file` it serves loopback addresses only.

    `log_token_file` has one `<partner> <token>` per line: with it that partner reads the log about itself,
    and brings its checkpoints to be cosigned, over HTTP. Without it only this node's own side does.
    `operators` and `auditors` are the names of tokens that have these roles; all others are submitters.
    """

    listen: str = "127.0.0.1:7480"
    token_file: str = ""
    log_token_file: str = ""
    operators: tuple[str, ...] = ("local",)
    auditors: tuple[str, ...] = ()
