# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Generate `gateway/wire/v1` from the contract; the path of each file mirrors its import path."""

import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Run protoc over every contract file; return its exit code."""
    well_known = resources.files("grpc_tools") / "_proto"
    files = sorted(str(file) for file in (ROOT / "proto").rglob("*.proto"))
    return int(
        protoc.main(
            [
                "protoc",
                f"--proto_path={ROOT / 'proto'}",
                f"--proto_path={well_known}",
                f"--python_out={ROOT}",
                f"--grpc_python_out={ROOT}",
                f"--mypy_out=quiet:{ROOT}",
                *files,
            ]
        )
    )


if __name__ == "__main__":
    sys.exit(main())
