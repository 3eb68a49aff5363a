# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway replay`: prove that stored input and pinned versions give the same bytes again."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.inspection import ConfigOption, JsonOption


def replay(
    item: Annotated[str, typer.Argument(help="Tracking number; every batch if neither is given.")] = "",
    batch: Annotated[str, typer.Option("--batch", help="Id of a batch that was sent.")] = "",
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Make records, releases and payloads again; exit 0 same bytes, 1 other bytes, 2 unproved."""
    import asyncio
    from dataclasses import asdict

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.replay import replay as replayed

    with progress("Making bytes again"):
        found = asyncio.run(replayed(load_config(config), item=item, batch=batch))
    verdict = ("the same bytes", "something differs", "cannot be proved")[found.code]
    if as_json:
        print_json({"verdict": verdict, "steps": [asdict(one) for one in found.steps]})
    else:
        for one in found.steps:
            typer.echo(f"{one.verdict:8}  {one.subject}  {one.what}: {one.detail}")
        typer.echo(f"{verdict}: {len(found.steps)} comparisons")
    if found.code:
        raise typer.Exit(found.code)
