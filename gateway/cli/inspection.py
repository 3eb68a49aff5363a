# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway status|trace|received`: what happened, from the node's store, whether or not it is serving."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.exchange.query import Balance, Query, Status

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TRACKING = Annotated[str, typer.Argument(help="Tracking number.")]


def status(config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False) -> None:
    """Show channels and counts; exit 1 if a channel is stopped or the counts do not agree."""
    import asyncio

    import msgspec

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import ask

    async def questions(query: "Query", _: object) -> tuple["Status", "Balance"]:
        return await query.status(), await query.ledger()

    found, balance = asyncio.run(ask(load_config(config), questions))
    if as_json:
        print_json({"status": msgspec.to_builtins(found), "faults": list(balance.faults)})
    else:
        _print_status(found)
        for fault in balance.faults:
            typer.echo(f"does not hold: {fault}", err=True)
    if balance.faults or any(one.stopped for one in found.channels):
        raise typer.Exit(1)


def _print_status(found: "Status") -> None:
    """Print channels and counts for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table("channel", "way", "sealed", "confirmed", "pending", "stopped")
    for one in found.channels:
        table.add_row(
            one.name,
            one.direction,
            str(one.sequence),
            str(one.confirmed),
            str(one.pending),
            one.stopped or "-",
        )
    console = Console()
    console.print(table)
    counts = found.ledger
    console.print(f"messages {counts.messages}, documents {counts.documents}, accepted {counts.accepted}")
    for name, states in (("items", counts.items), ("shares", counts.shares), ("batches", counts.batches)):
        console.print(
            f"{name}: " + (", ".join(f"{key} {value}" for key, value in sorted(states.items())) or "none")
        )
    received = ", ".join(f"{key} {value}" for key, value in sorted(counts.inbound_records.items()))
    console.print(
        f"received: {counts.inbound} batches; records: {received or 'none'}; refusals {counts.refusals}"
    )


def trace(
    tracking: TRACKING, config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False
) -> None:
    """Follow one item from its source messages to the receipts; exit 1 if nothing is known of it."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import ask

    found = asyncio.run(ask(load_config(config), lambda query, _: query.trace(tracking)))
    if found is None:
        typer.echo(f"gateway: no message has named {tracking}", err=True)
        raise typer.Exit(1)
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(found))
        return
    from gateway.trace_text import trace_lines

    typer.echo("\n".join(trace_lines(found)))


def received(
    tracking: TRACKING, config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False
) -> None:
    """Show what partners sent about a tracking number; exit 1 if nothing."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import ask
    from gateway.trace_text import received_lines

    records = asyncio.run(ask(load_config(config), lambda query, _: query.received(tracking)))
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(records))
    else:
        for one in records:
            typer.echo("\n".join(received_lines(one)))
    if not records:
        typer.echo(f"gateway: no partner has sent {tracking}", err=True)
        raise typer.Exit(1)
