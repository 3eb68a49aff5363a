# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit checkpoints`: the logs of this node and of its partners, and how far each is vouched for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.config import Config


def checkpoints(
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List logs with size, root, what is published, who cosigned which size, what is stamped, and age."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config

    rows = asyncio.run(_read(load_config(config)))
    if as_json:
        print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("log", "size", "published", "root", "cosigned by", "stamped", "age")
    for one in rows:
        cosigned = ", ".join(f"{name} at {size}" for name, size in one["cosigned"].items()) or "-"
        table.add_row(
            one["log"],
            str(one["size"]),
            str(one["published"]),
            one["root"][:16],
            cosigned,
            f"{one['stamped']} at {one['stamped_at'][:19]}" if one["stamped"] else "-",
            f"{one['age_seconds']:.0f} s",
        )
    Console().print(table)


async def _read(config: "Config") -> "list[dict[str, Any]]":
    """Return the logs in plain values; own ones first, then those of partners that are witnessed here."""
    import msgspec

    from gateway.clock import system_clock
    from gateway.exchange.log_view import LogViews
    from gateway.store import open_checkpoints, open_store

    store, published = open_store(config.database.url, create=False), None
    try:
        published = open_checkpoints(config.database.url, Path(config.data), config.database.checkpoints)
        views = LogViews(config.node.organisation, store, system_clock, published, None)
        return [msgspec.to_builtins(one) for one in await views.logs()]
    finally:
        await store.close()
        if published is not None:
            published.close()
