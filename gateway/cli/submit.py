# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway submit`: intake from the command line, the same in effect as HTTP, gRPC and folder."""

from pathlib import Path
from typing import Annotated

import typer


def submit(
    files: Annotated[list[Path], typer.Argument(help="Message files.", exists=True, dir_okay=False)],
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    adapter: Annotated[str, typer.Option(help="Adapter; recognised if not given.")] = "",
    receipts: Annotated[str, typer.Option(help="Folder for the receipts.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hand message files to this node's store; works whether or not the node is serving.

    Exit 1 if a message was refused whole.
    """
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import configure_logs, submit_files

    configure_logs()  # to standard error: standard output is for the results
    results = asyncio.run(submit_files(load_config(config), files, adapter))
    if receipts:
        Path(receipts).mkdir(parents=True, exist_ok=True)
        for file, result in results:
            suffix = ".json" if "json" in result.content_type else ".xml"
            (Path(receipts) / f"{file.name}.receipt{suffix}").write_bytes(result.acknowledgement)
    if as_json:
        print_json(
            [
                {
                    "file": str(file),
                    "message": result.id,
                    "outcome": result.outcome,
                    "documents": result.documents,
                    "accepted": result.accepted,
                }
                for file, result in results
            ]
        )
    else:
        for file, result in results:
            typer.echo(
                f"{file}: {result.outcome}, {result.accepted} of {result.documents} documents accepted"
            )
    if any(
        one.outcome == "refused" or (one.outcome == "repeated" and not one.accepted) for _, one in results
    ):
        raise typer.Exit(1)
