# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of the archive: manifests, files, and rows that were taken back out of files."""

from sqlalchemy import Column, Index, Table, Text

from gateway.store.columns import Key, blob, key, metadata, number, small, text

archive_manifest = Table(
    "archive_manifest",
    metadata,
    key(),
    text("day"),
    small("revision"),
    text("state"),
    number("created_at"),
    number("rows"),
    text("partner"),
    blob("envelope"),
    number("log_index"),
)
Index(None, archive_manifest.c.day, archive_manifest.c.revision, unique=True)

archive_part = Table(
    "archive_part",
    metadata,
    key(),
    text("day"),
    text("table"),
    text("file"),
    number("first"),
    number("last"),
    number("rows"),
    text("rows_digest"),
    text("sha256"),
    number("bytes"),
    text("state"),
)
Index(None, archive_part.c.day)

archive_taken = Table(
    "archive_taken",
    metadata,
    Column("table", Text, primary_key=True),
    Column("id", Key, primary_key=True, autoincrement=False),
    text("day"),
)
Index(None, archive_taken.c.day)
