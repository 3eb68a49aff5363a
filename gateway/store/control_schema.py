# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of controls before shipment."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, small, text

control_result = Table(
    "control_result",
    metadata,
    key(),
    text("tracking_number"),
    text("posting_date"),
    text("reference"),
    small("version"),
    text("office"),
    number("at"),
    text("result"),
    number("recorded_at"),
    number("log_index"),
    blob("body"),
    blob("salt"),
)
Index(None, control_result.c.tracking_number)
Index(None, control_result.c.reference, control_result.c.version, unique=True)

consolidation = Table(
    "consolidation",
    metadata,
    key(),
    text("tracking_number"),
    text("posting_date"),
    text("bill"),
    text("manifest"),
    text("office"),
    number("at"),
)
Index(None, consolidation.c.tracking_number)
Index(None, consolidation.c.bill)

recognition = Table(
    "recognition",
    metadata,
    key(),
    text("side"),
    text("partner"),
    text("agreement"),
    text("tracking_number"),
    text("posting_date"),
    text("reference"),
    small("version"),
    text("office"),
    number("at"),
    text("method"),
    text("stage"),
    text("result"),
    text("chapters"),
    text("decision"),
    text("rule"),
    text("rules"),
    small("draw"),
    number("decided_at"),
    number("inbound"),
    number("record"),
    number("log_index"),
    text("outcome"),
    text("own"),
)
Index(None, recognition.c.tracking_number)
Index(None, recognition.c.side, recognition.c.decided_at)
