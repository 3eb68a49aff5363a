# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway query ask`: ask a partner for what an agreement lets us ask for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.wire.v1.envelope_pb2 import QueryAnswer

app = typer.Typer(help="Ask partners for records.", no_args_is_help=True)


@app.callback()
def query() -> None:
    """Keep `ask` a verb of its own."""


@app.command()
def ask(
    *,
    agreement: Annotated[str, typer.Option("--agreement", help="Id of an agreement with trigger query.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the partner logs it.")],
    item: Annotated[list[str] | None, typer.Option("--item", help="Tracking number, repeatable.")] = None,
    ucr: Annotated[list[str] | None, typer.Option("--ucr", help="Unique consignment reference.")] = None,
    mrn: Annotated[list[str] | None, typer.Option("--mrn", help="Movement reference number.")] = None,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask, signed and logged; records follow as batches. Exit 1 if refused or nothing is found."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import with_steps
    from gateway.wire.v1.envelope_pb2 import QueryAnswer

    keys = [("tracking_number", one) for one in item or ()]
    keys += [("ucr", one) for one in ucr or ()] + [("mrn", one) for one in mrn or ()]
    if not keys:
        raise typer.BadParameter("give --item, --ucr or --mrn")

    async def work(steps: "Steps") -> "QueryAnswer":
        return await steps.inquiry.ask(agreement, keys, reason)

    answer = asyncio.run(with_steps(load_config(config), work))
    names = {QueryAnswer.OUTCOME_FOLLOWS: "follows", QueryAnswer.OUTCOME_HELD: "held"}
    said = [names.get(one, "nothing") for one in answer.outcomes]
    codes = [one.code for one in answer.findings]
    if as_json:
        outcomes = [
            {"by": scheme, "value": value, "outcome": outcome}
            for (scheme, value), outcome in zip(keys, said, strict=False)
        ]
        print_json({"query": answer.query_id, "refused": codes, "outcomes": outcomes})
    else:
        for code in codes:
            typer.echo(f"refused: {code}", err=True)
        for (scheme, value), outcome in zip(keys, said, strict=False):
            typer.echo(f"{scheme} {value}: {outcome}")
    if codes or all(one == "nothing" for one in said):
        raise typer.Exit(1)
