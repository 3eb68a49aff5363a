# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway init`: everything a new node needs, in one folder."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    organisation: Annotated[
        str, typer.Option("--organisation", help="Organisation id, for example customs-xx.")
    ],
    folder: Annotated[Path, typer.Option("--folder", help="Folder to make.")] = Path(),
    grpc: Annotated[str, typer.Option(help="Address of the peer face.")] = "127.0.0.1:7443",
    http: Annotated[str, typer.Option(help="Address of the HTTP face.")] = "127.0.0.1:7480",
    host: Annotated[list[str] | None, typer.Option("--host", help="Further names of this host.")] = None,
) -> None:
    """Make development keys, a configuration and a link for the first administrator; say what comes next."""
    import asyncio

    from gateway.bootstrap.admission import first_link
    from gateway.clock import system_clock
    from gateway.config import load_config
    from gateway.node import CLI_NODE_NUMBER
    from gateway.node_folder import make_node_folder

    config = make_node_folder(
        folder, organisation, system_clock(), grpc=grpc, http=http, hosts=tuple(host or ())
    )
    typer.echo(f"made {config} with development keys of {organisation}; not for production\n")
    typer.echo("next:")
    typer.echo(f"  gateway partner export --config {config} --name NAME --endpoint HOST:PORT")
    typer.echo(f"  gateway partner import --config {config} THEIR.bundle.json")
    typer.echo(
        f"  gateway agreement sign --help   # both sides sign, the file goes to {folder / 'agreements'}"
    )
    typer.echo(f"  gateway serve --config {config}")
    link = asyncio.run(first_link(load_config(config), CLI_NODE_NUMBER))
    typer.echo(
        "\nthe first administrator opens this once, within an hour (gateway access link makes another):"
    )
    typer.echo(f"  http://{http}/console/enter?link={link.secret}")
