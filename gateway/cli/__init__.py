# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The command `gateway`: nouns then verbs, one module per noun.

Exit codes: 0 good, 1 a check failed or something was refused, 2 it could not be done or judged: wrong usage
or configuration, material or partner out of reach. Only `serve` differs (see `gateway.cli.failure`).
Machines read standard output (`--json`); words for people about trouble go to standard error.
Heavy imports happen inside the commands, so that help is quick.
"""

import gc
import os
import sys

# Imports leave no garbage: at the usual threshold, looking for it is a fifth of a short command.
_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000
COMPLETES = "_GATEWAY_COMPLETE"  # set by the scripts of `gateway completion`


def main() -> None:
    """Run the command line; an error becomes words on standard error and the exit code of its kind."""
    # Coloured boxes around help cost three times what help itself costs.
    os.environ.setdefault("TYPER_USE_RICH", "0")
    from gateway.cli.application import application

    if COMPLETES in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # not declared, yet there

        completion_init()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    try:
        application(prog_name="gateway")
    except Exception as error:  # noqa: BLE001 - the border of the process: people get a code, not a trace
        from gateway.cli.failure import exit_code, tell

        tell(error)
        sys.exit(exit_code(error, sys.argv[1:]))
