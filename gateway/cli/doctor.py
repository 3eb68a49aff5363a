# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway doctor`: is this node well, and if not, what mends it."""

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    *,
    partner: Annotated[str | None, typer.Option("--partner", help="Only the way to this partner.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Call no partner.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for each layer of the way to a partner.")] = 5.0,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine configuration, files, database, keys, agreements and the ways to partners.

    Every layer is OK, WARN or FAIL, with what mends it. Exit 1 if a layer fails.
    """
    from dataclasses import asdict

    from gateway.cli.printing import print_json
    from gateway.clock import system_clock
    from gateway.doctor import Calls, State, examine

    found = []
    for one in examine(config, Calls(timeout, partner, offline), system_clock):
        found.append(one)
        if not as_json:
            typer.echo(f"{one.state:4}  {one.layer:13}  {one.subject}: {one.detail}")
            if one.fix and one.state is not State.OK:
                typer.echo(f"      {'':13}  {one.fix}")
    if as_json:
        print_json([asdict(one) for one in found])
    if any(one.state is State.FAIL for one in found):
        raise typer.Exit(1)
