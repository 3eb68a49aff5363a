# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway demo`: two gateways, invented traffic, a full account."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    lists: Annotated[int, typer.Option(min=20, help="How many declaration lists are sent in.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the invented data.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave both gateways running.")] = False,
    folder: Annotated[str, typer.Option(help="Folder of the demonstration; a temporary one if empty.")] = "",
) -> None:
    """Run the demonstration; exit 1 if one item is unaccounted for."""
    from gateway.demo.run import run_demo

    if not run_demo(lists=lists, seed=seed, keep=keep, folder=Path(folder) if folder else None):
        raise typer.Exit(1)
