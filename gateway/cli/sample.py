# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway sample`: invented messages for trials, with the ledger of what must become of them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Invented messages for trials.", no_args_is_help=True)


@app.callback()
def sample() -> None:
    """Keep `generate` a verb of its own although it is the only one."""


@app.command()
def generate(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to; made if absent.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    lists: Annotated[int, typer.Option(help="Number of parcels.")] = 2000,
    fault_rate: Annotated[float, typer.Option(help="Share of parcels with a fault, 0 to 1.")] = 0.0,
    faults: Annotated[str, typer.Option(help="Names of faults, separated by commas; all if empty.")] = "",
    destinations: Annotated[str, typer.Option(help="ISO country codes, separated by commas.")] = "",
    documents_per_message: Annotated[int, typer.Option(help="1 to 100.")] = 100,
    late_rate: Annotated[float, typer.Option(help="Share of supplements that come last, 0 to 1.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write messages of invented parcels, and expectations.json beside them."""
    import json
    from dataclasses import asdict

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.sample import generate as generated

    out.mkdir(parents=True, exist_ok=True)
    ledger = {}
    with progress("Writing messages"):
        for one in generated(
            seed,
            lists,
            fault_rate=fault_rate,
            faults=[name for name in faults.split(",") if name],
            documents_per_message=documents_per_message,
            destinations=[name for name in destinations.split(",") if name],
            late_rate=late_rate,
        ):
            (out / one.name).write_bytes(one.raw)
            ledger[one.name] = {"adapter": one.adapter, **asdict(one.expectation)}
    (out / "expectations.json").write_text(json.dumps(ledger, indent=1), "utf-8")
    refused = sum(len(one["refused"]) for one in ledger.values())
    whole = sum(bool(one["whole"]) for one in ledger.values())
    if as_json:
        print_json({"messages": len(ledger), "refused_documents": refused, "refused_messages": whole})
    else:
        typer.echo(
            f"{len(ledger)} messages in {out}; {refused} documents and {whole} messages must be refused"
        )
