# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The one configuration file of a node: every setting, its default and its unit in sight.

Unknown keys are refused with the nearest known one. Relative paths are relative to the file.
`GATEWAY_DATABASE` overrides `database.url`.
"""

from gateway.config.group import Settings
from gateway.config.http import Http, Oidc
from gateway.config.reading import load_config
from gateway.config.settings import (
    Archive,
    Audit,
    B2b,
    Batching,
    Config,
    Database,
    Delivery,
    Enterprises,
    Folder,
    Forward,
    Grpc,
    Inspection,
    IntakeLimits,
    Node,
    Returns,
    Statistics,
    Timestamp,
    XmlSignature,
)
from gateway.config.webhook import Webhook, WebhookTake

__all__ = [
    "Archive",
    "Audit",
    "B2b",
    "Batching",
    "Config",
    "Database",
    "Delivery",
    "Enterprises",
    "Folder",
    "Forward",
    "Grpc",
    "Http",
    "Inspection",
    "IntakeLimits",
    "Node",
    "Oidc",
    "Returns",
    "Settings",
    "Statistics",
    "Timestamp",
    "Webhook",
    "WebhookTake",
    "XmlSignature",
    "load_config",
]
