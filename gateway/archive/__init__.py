# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Closed days in files: rows as Parquet, a signed manifest over the files. Knows no database and no log."""
