# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Everything durable, on SQLAlchemy Core (design section 7).

This room fits the shape of `gateway.exchange.ports.Store`. It knows tables, transactions and threads; it
refuses to know what a step of the way does with them.
"""

from gateway.store.archives import archived_columns
from gateway.store.checkpoints import CheckpointStore, open_checkpoints
from gateway.store.errors import StoreBusy, StoreClosed, StoreConflict, StoreError, StoreFull
from gateway.store.ids import TimeIds
from gateway.store.migration import NEWEST, database_version, migrate
from gateway.store.scrub import scrub
from gateway.store.store import SqlStore, open_store
from gateway.store.tiles import TileFiles

__all__ = [
    "NEWEST",
    "CheckpointStore",
    "SqlStore",
    "StoreBusy",
    "StoreClosed",
    "StoreConflict",
    "StoreError",
    "StoreFull",
    "TileFiles",
    "TimeIds",
    "archived_columns",
    "database_version",
    "migrate",
    "open_checkpoints",
    "open_store",
    "scrub",
]
