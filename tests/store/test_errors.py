# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of the drivers become errors of the gateway that quote nothing."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from gateway.store.errors import StoreBusy, StoreConflict, StoreError, StoreFull, translate

DETAIL = "\nDETAIL:  Key (tracking_number)=(EE123456785CN) already exists."


@pytest.mark.parametrize(
    ("kind", "cause", "expected", "text"),
    [
        (
            IntegrityError,
            'duplicate key value violates unique constraint "pk_item"' + DETAIL,
            StoreConflict,
            "pk_item",
        ),
        (IntegrityError, "UNIQUE constraint failed: batch.batch_id", StoreConflict, "batch.batch_id"),
        (IntegrityError, "FOREIGN KEY constraint failed", StoreConflict, "a constraint"),
        (OperationalError, "database or disk is full", StoreFull, "no space"),
        (OperationalError, 'could not extend file "base/1": No space left on device', StoreFull, "no space"),
        (OperationalError, "database is locked", StoreBusy, "another process"),
        (OperationalError, "canceling statement due to lock timeout", StoreBusy, "another process"),
        (OperationalError, "EE123456785CN", StoreError, "RuntimeError"),
    ],
)
def test_driver_errors_are_translated_without_their_values(kind, cause, expected, text):
    """The class says who must act; the text names constraints, never values."""
    error = translate(kind("INSERT", {}, RuntimeError(cause)))
    assert type(error) is expected
    assert text in str(error)
    assert "EE123" not in str(error)
