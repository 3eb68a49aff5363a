# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in the store, without the words of a database driver.

Driver messages may quote values of a row, so they never pass this room; the messages here name tables and
causes only.
"""

import re

from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.errors import GatewayError, TryLater
from gateway.store.postgres import is_lost

_FULL = re.compile(r"disk is full|no space left|could not extend file", re.IGNORECASE)
_BUSY = re.compile(r"is locked|lock timeout|deadlock detected|could not obtain lock", re.IGNORECASE)
_CONSTRAINT = re.compile(r"constraint failed: ([\w., ]+)$|violates \w+(?: key)? constraint \"(\w+)\"")


class StoreError(GatewayError):
    """The store could not do its work; the operator must act."""


class StoreFull(StoreError):
    """No space is left; nothing of the work was kept."""


class StoreBusy(StoreError, TryLater):
    """Another process held the store for too long; trying again can help."""


class StoreUnreachable(StoreBusy):
    """The database cannot be reached, or the connection was lost; whether the work was kept is not known."""


class StoreConflict(StoreError):
    """The work contradicts what is stored (a key exists already, or a log has grown meanwhile)."""


class StoreClosed(StoreError):
    """The store was closed before the work began."""


def translate(error: DBAPIError) -> StoreError:
    """Return the error of this room for one of the driver."""
    if is_lost(error):
        # Before there is a session there is no row whose values the driver could quote.
        why = "" if error.connection_invalidated else f": {str(error.orig).splitlines()[0]}"
        return StoreUnreachable(f"the database cannot be reached{why}")
    cause = str(error.orig)
    if isinstance(error, IntegrityError):
        found = _CONSTRAINT.search(cause.splitlines()[0] if cause else "")
        where = (found[1] or found[2]) if found else "a constraint"
        return StoreConflict(f"the store refuses a row: {where}")
    if _FULL.search(cause):
        return StoreFull("the store has no space left")
    if _BUSY.search(cause):
        return StoreBusy("the store is held by another process")
    return StoreError(f"the store failed: {type(error.orig).__name__}")
