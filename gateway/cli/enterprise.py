# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway enterprise register|change|show|list|withdraw|import`: the register of enterprises."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.bootstrap import Steps
    from gateway.exchange.ports import Transaction
    from gateway.trade.enterprise import Version

app = typer.Typer(help="Register enterprises once, for all flows and offices.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
UsccArgument = Annotated[str, typer.Argument(help="Unified social credit code.")]
FromOption = Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")]
SourceOption = Annotated[str, typer.Option("--source", help="What this rests on: a filing, a decision.")]
CreditOption = Annotated[
    list[str] | None,
    typer.Option("--credit", help="<level>@<from> or <level>@<from>..<until>; again for more."),
]
AreaOption = Annotated[list[str] | None, typer.Option("--area", help="Zone or pilot area; again for more.")]
DEFAULT = Path("gateway.toml")
ACTOR = "command line"


@app.command()
def register(
    *,
    uscc: UsccArgument,
    customs_code: Annotated[str, typer.Option("--customs-code", help="Customs registration code.")],
    name: Annotated[str, typer.Option("--name", help="Registered name.")],
    role: Annotated[list[str], typer.Option("--role", help="Role; again for more.")],
    begin: FromOption,
    source: SourceOption,
    credit: CreditOption = None,
    area: AreaOption = None,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Register an enterprise."""
    from gateway.trade.enterprise_file import as_registration, credit_period

    one = as_registration(
        {
            "uscc": uscc,
            "customs_code": customs_code,
            "name": name,
            "roles": role,
            "valid_from": begin,
            "source": source,
            "credit": [credit_period(each) for each in credit or ()],
            "areas": area or [],
        }
    )

    async def work(steps: "Steps") -> "list[Version]":
        return [await steps.enterprises.register(one, actor=ACTOR)]

    _act(config, work, as_json=as_json)


@app.command()
def change(
    *,
    uscc: UsccArgument,
    begin: FromOption,
    source: SourceOption,
    customs_code: Annotated[str | None, typer.Option("--customs-code", help="New code.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="New name.")] = None,
    role: Annotated[list[str] | None, typer.Option("--role", help="All roles from then on.")] = None,
    credit: CreditOption = None,
    area: AreaOption = None,
    no_area: Annotated[bool, typer.Option("--no-area", help="No zone or pilot area from then on.")] = False,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Add a version that differs from a day on; credit periods are added to the history."""
    from gateway.trade.enterprise_file import as_amendment, credit_period

    given = {"customs_code": customs_code, "name": name, "roles": role, "areas": [] if no_area else area}
    fields: dict[str, Any] = {
        key: value for key, value in given.items() if value or (key == "areas" and no_area)
    }
    periods = [credit_period(each) for each in credit or ()]
    amendment = as_amendment(fields | {"valid_from": begin, "source": source, "credit": periods})

    async def work(steps: "Steps") -> "list[Version]":
        return [await steps.enterprises.change(uscc, amendment, actor=ACTOR)]

    _act(config, work, as_json=as_json)


@app.command()
def withdraw(
    uscc: UsccArgument,
    begin: FromOption,
    source: SourceOption,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """End a registration from a day on."""
    from gateway.trade.enterprise_file import as_day

    day = as_day(begin)

    async def work(steps: "Steps") -> "list[Version]":
        return [await steps.enterprises.withdraw(uscc, day, source, actor=ACTOR)]

    _act(config, work, as_json=as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or JSON, by its suffix.", exists=True, dir_okay=False)],
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Register every enterprise of a file, or none."""
    from gateway.trade.enterprise_file import read_enterprises

    form = file.suffix.lower().removeprefix(".")
    if form not in {"csv", "json"}:
        raise typer.BadParameter("a file .csv or .json", param_hint="FILE")
    rows = read_enterprises(file.read_bytes(), form)

    async def work(steps: "Steps") -> "list[Version]":
        return await steps.enterprises.load(rows, actor=ACTOR)

    _act(config, work, as_json=as_json)


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(help="USCC or customs code.")],
    on: Annotated[str, typer.Option("--on", help="Only what holds on this day.")] = "",
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Show every version of an enterprise; exit 1 if there is none."""
    from gateway.trade.enterprise_file import as_day
    from gateway.trade.enterprises import history, in_force

    versions = _read(config, lambda tx: history(tx, identifier))
    if on:
        versions = in_force(versions, as_day(on, "on"))
    _print(versions, as_json=as_json)
    if not versions:
        raise typer.Exit(1)


@app.command("list")
def list_enterprises(
    after: Annotated[str, typer.Option("--after", help="Go on after the enterprise with this USCC.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=10_000)] = 1000,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List the newest version of each enterprise, in order of USCC."""
    from gateway.trade.enterprises import page

    _print(_read(config, lambda tx: page(tx, after, limit)), as_json=as_json)


def _act(config: Path, work: "Callable[[Steps], Awaitable[list[Version]]]", *, as_json: bool) -> None:
    """Do an act with the steps of a node, and print what it made."""
    import asyncio

    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.node import with_steps

    with progress("Registering"):
        made = asyncio.run(with_steps(load_config(config), work))
    _print(made, as_json=as_json)


def _read(config: Path, question: "Callable[[Transaction], list[Version]]") -> "list[Version]":
    """Ask the store of a node, whether or not it is serving."""
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        return store.run_read(question)
    finally:
        store.shut()


def _print(versions: "Sequence[Version]", *, as_json: bool) -> None:
    """Print versions, a block each or as JSON."""
    import msgspec

    from gateway.cli.printing import print_json

    if as_json:
        print_json(msgspec.to_builtins(list(versions)))
        return
    for one in versions:
        held = f"{one.state} from {one.valid_from}, version {one.version}"
        typer.echo(f"{one.uscc} {one.customs_code} {one.name}: {held}")
        credit = ", ".join(
            f"{each.level} from {each.first}" + (f" until {each.until}" if each.until else "")
            for each in one.credit
        )
        areas = ", ".join(one.areas)
        typer.echo(f"  roles {', '.join(one.roles)}; credit {credit or 'none'}; areas {areas or 'none'}")
        typer.echo(f"  source {one.source}; by {one.actor}, log entry {one.log_index}")
