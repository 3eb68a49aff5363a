# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find what an adapter imports of the gateway beside `gateway.sdk`, without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

_ALLOWED = "gateway.sdk"


def foreign_imports(file: Path) -> Iterator[str]:
    """Yield `line 7: gateway.store` for each import of a file that an adapter may not have."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            whole = node.module == "gateway"
            names = [f"gateway.{one.name}" for one in node.names] if whole else [node.module or ""]
        else:
            continue
        for name in names:
            if (name == "gateway" or name.startswith("gateway.")) and name != _ALLOWED:
                yield f"line {node.lineno}: {name}"
