# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway serve`: run one node until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    ready_file: Annotated[
        str, typer.Option("--ready-file", help="Write the bound addresses here as JSON once ready.")
    ] = "",
) -> None:
    """Run the gateway in the foreground; SIGTERM and SIGINT drain it."""
    from gateway.config import load_config
    from gateway.node import run_node

    run_node(load_config(config), Path(ready_file) if ready_file else None)
