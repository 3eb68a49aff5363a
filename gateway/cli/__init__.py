# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The command `gateway`: nouns then verbs, one module per noun.

Exit codes: 0 good, 1 a check failed or something was refused, 2 wrong usage or configuration.
Machines read standard output (`--json`); words for people about trouble go to standard error.
Heavy imports happen inside the commands, so that help is quick.
"""

import gc
import sys

# Imports leave no garbage: at the usual threshold, looking for it is a fifth of a short command.
_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Run the command line; configuration errors end with 2, other errors of ours with 1."""
    from gateway.cli.application import application
    from gateway.errors import ConfigError, GatewayError

    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    try:
        application()
    except ConfigError as error:
        _say(error)
        sys.exit(2)
    except GatewayError as error:
        _say(error)
        sys.exit(1)


def _say(error: Exception) -> None:
    """Print an error with its findings for people."""
    from gateway.cli.printing import print_findings

    sys.stderr.write(f"gateway: {error}\n")
    print_findings(getattr(error, "findings", ()))
