# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two-way field tables: a message is declared once; reading, writing, loss report and documentation follow.

A table knows names, limits and canonical paths; it knows no syntax. XML, JSON or EDIFACT come and go as
plain "group -> fields -> text" documents.
"""

from gateway.mapping.compiled import CompiledTable, compile_table
from gateway.mapping.converters import CodeMap, Converter, Plain, UnknownCode, code_list_map, code_map
from gateway.mapping.document import document_table, explain, explain_outside
from gateway.mapping.load import load_table
from gateway.mapping.table import Group, Row, Table

__all__ = [
    "CodeMap",
    "CompiledTable",
    "Converter",
    "Group",
    "Plain",
    "Row",
    "Table",
    "UnknownCode",
    "code_list_map",
    "code_map",
    "compile_table",
    "document_table",
    "explain",
    "explain_outside",
    "load_table",
]
