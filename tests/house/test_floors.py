# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every arrow points down: the import contracts of pyproject.toml hold and bite."""

import shutil
import subprocess
import sys
from pathlib import Path

# One planted file per contract: where it goes, what it imports.
PLANTED = {
    "Every arrow points down": ("gateway/model/planted.py", "import gateway.exchange.rows"),
    "Server, web and console never touch store or client": ("gateway/web/planted.py", "import gateway.store"),
    "Adapters know gateway.sdk and nothing else of the gateway": (
        "adapters/planted/__init__.py",
        "import gateway.finding",
    ),
    "Adapters are found by name, never imported": ("gateway/workers_planted.py", "import adapters.planted"),
    "gRPC stops at server, client and wire": ("gateway/audit/planted.py", "import grpc"),
    "SQLAlchemy stops at store": ("gateway/exchange/planted.py", "import sqlalchemy"),
    "DuckDB stops at store": ("gateway/exchange/planted_duck.py", "import duckdb"),
    "aiohttp stops at web, the console and the clients of time stamps and webhooks": (
        "gateway/server/planted.py",
        "import aiohttp",
    ),
    "Keys and signatures stop at envelope and the key commands": (
        "gateway/agreement/planted.py",
        "import cryptography",
    ),
}
UNPLACED = ("gateway/unplaced.py", "")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import linter on the house that stands in a folder."""
    command = "import sys; from importlinter.cli import lint_imports_command as lint; lint()"
    arguments = ["--no-cache", "--no-logo", "--config", "pyproject.toml"]
    return subprocess.run(
        [sys.executable, "-c", command, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def copy(root: Path, folder: Path) -> None:
    """Copy what the linter reads."""
    for name in ("gateway", "adapters"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "samples"))
    shutil.copy(root / "pyproject.toml", folder)


def plant(folder: Path, where: str, text: str) -> None:
    """Write a file of one line."""
    (folder / where).parent.mkdir(exist_ok=True)
    (folder / where).write_text(text + "\n")


def test_every_contract_is_kept(root: Path) -> None:
    """The import linter finds no arrow that points up or sideways."""
    result = lint(root)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(PLANTED)} kept, 0 broken." in result.stdout


def test_planted_violations_are_caught(root: Path, tmp_path: Path) -> None:
    """A forbidden import planted for each contract breaks that contract."""
    copy(root, tmp_path)
    for where, text in PLANTED.values():
        plant(tmp_path, where, text)
    result = lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert [name for name in PLANTED if f"{name} BROKEN" not in result.stdout] == []


def test_room_without_floor_is_caught(root: Path, tmp_path: Path) -> None:
    """A new room that has no floor in pyproject.toml breaks the floors."""
    copy(root, tmp_path)
    plant(tmp_path, *UNPLACED)
    result = lint(tmp_path)
    assert result.returncode == 1
    assert "gateway.unplaced" in result.stdout
