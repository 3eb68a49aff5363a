# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway channel list|resume`: which channels are stopped and why, and letting them go on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.exchange.channels import Resumed
    from gateway.exchange.log_rows import ConflictRow
    from gateway.exchange.rows import ChannelRow

app = typer.Typer(help="See stopped channels and let them go on.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_stopped(config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False) -> None:
    """Show stopped channels with the code and what it means; exit 1 if there are any."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config

    rows = asyncio.run(_stopped(load_config(config).database.url))
    shown = [_described(channel, conflicts) for channel, conflicts in rows]
    if as_json:
        print_json(shown)
    for one in shown if not as_json else ():
        typer.echo(f"{one['channel']} stopped: {one['code']}")
        typer.echo(f"  {one['meaning']}\n  {one['remedy']}")
        for conflict in one["conflicts"]:
            typer.echo(f"  conflict {conflict['id']} over {conflict['log']} at {conflict['found_at']}")
    if not shown and not as_json:
        typer.echo("no channel is stopped")
    if shown:
        raise typer.Exit(1)


async def _stopped(url: str) -> "list[tuple[ChannelRow, list[ConflictRow]]]":
    """Read the stopped channels from the store of a node, whether or not it is serving."""
    from gateway.exchange.channels import stopped
    from gateway.store import open_store

    store = open_store(url, create=False)
    try:
        return await store.read(stopped)
    finally:
        await store.close()


def _described(channel: "ChannelRow", conflicts: "list[ConflictRow]") -> dict[str, Any]:
    """Return a stopped channel in plain values, with what its code means."""
    from gateway.clock import moment
    from gateway.finding import catalogue

    entry = catalogue().get(channel.stopped)
    return {
        "channel": channel.name,
        "partner": channel.partner,
        "direction": channel.direction,
        "code": channel.stopped,
        "meaning": entry.meaning if entry else "",
        "remedy": entry.remedy if entry else "",
        "conflicts": [
            {
                "id": one.id,
                "log": one.log,
                "code": one.code,
                "found_at": moment(one.found_at).isoformat(),
                "first": one.first.hex(),
                "second": one.second.hex(),
            }
            for one in conflicts
        ],
    }


@app.command()
def resume(
    name: Annotated[str, typer.Argument(help="Name of the channel: <sender>/<recipient>/<record>.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it may go on; it is logged.")],
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Let a stopped channel go on, and log why."""
    import asyncio

    import msgspec

    from gateway.bootstrap import Steps
    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import with_steps

    async def work(steps: Steps) -> "Resumed":
        return await steps.logs.channels.resume(name, reason)

    done = asyncio.run(with_steps(load_config(config), work))
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        typer.echo(f"{name} goes on; it was stopped by {done.code}, {len(done.conflicts)} conflicts settled")
