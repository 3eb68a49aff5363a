# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway channel resume`: let a stopped channel send again, once its cause is removed.

A channel that stopped sends nothing until somebody decides. Resuming sends the same sealed bytes again; it
neither skips nor changes a batch.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.exchange.ports import Transaction

app = typer.Typer(help="Outgoing channels that have stopped.", no_args_is_help=True)


@app.callback()
def channel() -> None:
    """Keep `resume` a verb of its own although it is the only one."""


@app.command()
def resume(
    name: Annotated[str, typer.Argument(help="Channel as `gateway status` names it.")],
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
) -> None:
    """Let a stopped channel send again, whether or not the node is serving; exit 1 if it was not stopped."""
    import asyncio

    from gateway.config import load_config

    code = asyncio.run(_resume(load_config(config).database.url, name))
    if not code:
        typer.echo(f"gateway: channel {name} is not stopped", err=True)
        raise typer.Exit(1)
    typer.echo(f"{name}: was stopped by {code}, sends again")


async def _resume(url: str, name: str) -> str:
    """Clear the stop of a channel; return the code that stopped it, empty if there was none."""
    import msgspec

    from gateway.store import open_store

    def clear(tx: "Transaction") -> str:
        row = tx.channel(name)
        if row is None or not row.stopped:
            return ""
        tx.put_channel(msgspec.structs.replace(row, stopped=""))
        return row.stopped

    store = open_store(url, create=False)
    try:
        return await store.transact(clear)
    finally:
        await store.close()
