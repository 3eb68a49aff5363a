# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the console, which is one more application of the HTTP face, to the settings of a node."""

from gateway.config import Config
from gateway.console import make_console
from gateway.web.serve import Site
from gateway.web.source import Sources


def make_site(config: Config, sources: Sources) -> Site:
    """Return the console; it asks the interface of this node for whoever looks at it."""
    oidc = config.http.oidc
    return make_console(
        config.node.organisation,
        oidc.label if oidc.issuer else "",
        by_tls=oidc.console.startswith("https:"),
        tell=sources.headers,
    )
