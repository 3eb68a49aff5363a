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


async def _read(config: "Config") -> list[dict[str, Any]]:
    """Return the logs in plain values; own ones first, then those of partners that are witnessed here."""
    from gateway.clock import milliseconds, moment, system_clock
    from gateway.store import open_checkpoints, open_store

    store, published = open_store(config.database.url, create=False), None
    try:
        states, cosigned, witnessed = await store.read(
            lambda tx: (tx.log_states(), tx.cosigned(), tx.all_witnessed())
        )
        database = config.database
        published = open_checkpoints(database.url, Path(config.data), database.checkpoints)
        newest = {one.origin: one for one in published.all_newest()}
        stamps = {one: stamp for one in newest if (stamp := published.newest_stamp(one)) is not None}
    finally:
        await store.close()
        if published is not None:
            published.close()
    now = milliseconds(system_clock())
    rows: list[dict[str, Any]] = []
    for state in states:
        out, stamp = newest.get(state.name), stamps.get(state.name)
        rows.append(
            {
                "log": state.name,
                "size": state.size,
                "published": out.size if out else 0,
                "root": out.root.hex() if out else "",
                "cosigned": {one.witness: one.size for one in cosigned if one.log == state.name},
                "stamped": stamp.size if stamp else 0,
                "stamped_at": moment(stamp.stamped_at).isoformat() if stamp else "",
                "age_seconds": (now - out.published_at) / 1000 if out else 0.0,
            }
        )
    rows.extend(
        {
            "log": seen.log,
            "size": seen.size,
            "published": seen.size,
            "root": seen.root.hex(),
            "cosigned": {config.node.organisation: seen.size} if seen.note else {},
            "stamped": 0,
            "stamped_at": "",
            "age_seconds": (now - seen.cosigned_at) / 1000,
        }
        for seen in witnessed
    )
    return rows
