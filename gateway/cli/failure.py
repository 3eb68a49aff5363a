# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the command says of an error that ended it: code, place, meaning and what mends it; and its exit code.

Nothing is said of an error that we did not raise on purpose except its kind and the line that raised it: its
text may quote data. With GATEWAY_TRACE=1 the whole trace is printed, for who maintains the gateway.
"""

import os
import sys
import traceback
from collections.abc import Sequence

from gateway.cli.printing import print_findings
from gateway.errors import (
    AdapterError,
    ConfigError,
    CouldNotCheck,
    DeliveryError,
    GatewayError,
    InputError,
    PolicyRefusal,
    TryLater,
    VerificationError,
)
from gateway.finding import Finding, finding

TRACE = "GATEWAY_TRACE"
REFUSED, COULD_NOT = 1, 2
_COULD_NOT = (ConfigError, CouldNotCheck, TryLater, DeliveryError, OSError)


def exit_code(error: Exception, words: Sequence[str]) -> int:
    """Return 1 for what was refused and 2 for what could not be done.

    A service manager starts `serve` again unless it ends with 2, so there only what no second try mends is 2.
    """
    if words[:1] == ["serve"]:
        return COULD_NOT if isinstance(error, ConfigError) else REFUSED
    if isinstance(error, GatewayError):
        return COULD_NOT if isinstance(error, _COULD_NOT) else REFUSED
    return COULD_NOT


def tell(error: Exception) -> None:
    """Write an error with its findings for people to standard error."""
    if os.environ.get(TRACE):
        traceback.print_exception(error)
    said = str(error) if isinstance(error, GatewayError) else _own_words(error)
    sys.stderr.write(f"gateway: {said}\n")
    print_findings(getattr(error, "findings", ()) or (_of_kind(error),))


def _own_words(error: Exception) -> str:
    """Return what may be said of an error of the system or of a library."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"ended by {type(error).__name__}"


def _of_kind(error: Exception) -> Finding:  # noqa: PLR0911 - one line for each kind of error
    """Return the finding of an error that has none of its own."""
    match error:
        case ConfigError():
            return finding("CLI-CONFIG")
        case InputError():
            return finding("CLI-INPUT")
        case PolicyRefusal():
            return finding("CLI-REFUSED")
        case VerificationError():
            return finding("CLI-NOT-VERIFIED")
        case CouldNotCheck():
            return finding("CLI-COULD-NOT-CHECK")
        case TryLater() | DeliveryError():
            return finding("CLI-OUT-OF-REACH")
        case AdapterError():
            return finding("CLI-ADAPTER")
        case OSError():
            return finding("CLI-SYSTEM")
        case _:
            last = traceback.extract_tb(error.__traceback__)[-1:]
            return finding("CLI-INTERNAL", path="".join(f"{one.filename}:{one.lineno}" for one in last))
