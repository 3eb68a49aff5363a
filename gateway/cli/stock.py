# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway stock list|show|sold|returned|taken-back`: goods in overseas warehouses, per stocking order."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.trade.stock import Recorded

app = typer.Typer(help="Follow what was shipped under 9810: sold, returned, remaining.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PlatformArgument = Annotated[str, typer.Argument(help="Code of the platform that lists name (ebpCode).")]
OrderArgument = Annotated[str, typer.Argument(help="Number of the stocking order.")]
ReferenceOption = Annotated[str, typer.Option("--reference", help="The reporter's own; used once.")]
LineOption = Annotated[str, typer.Option("--line", help="Item number of the line.")]
QuantityOption = Annotated[str, typer.Option("--quantity", help="How much.")]
UnitOption = Annotated[str, typer.Option("--unit", help="Unit, as `show` prints it.")]
OnOption = Annotated[str, typer.Option("--on", help="Day, YYYY-MM-DD.")]
SourceOption = Annotated[str, typer.Option("--source", help="What this rests on: an invoice, a stock count.")]
DEFAULT = Path("gateway.toml")
ACTOR = "command line"


@app.command()
def sold(
    *,
    platform: PlatformArgument,
    order: OrderArgument,
    reference: ReferenceOption,
    line: LineOption,
    quantity: QuantityOption,
    unit: UnitOption,
    on: OnOption,
    source: SourceOption,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Report goods sold."""
    fields = {"reference": reference, "line": line, "quantity": quantity, "unit": unit, "on": on}
    _report("sold", platform, order, fields | {"source": source}, config, as_json=as_json)


@app.command()
def returned(
    *,
    platform: PlatformArgument,
    order: OrderArgument,
    reference: ReferenceOption,
    line: LineOption,
    quantity: QuantityOption,
    unit: UnitOption,
    on: OnOption,
    source: SourceOption,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Report goods sent back."""
    fields = {"reference": reference, "line": line, "quantity": quantity, "unit": unit, "on": on}
    _report("returned", platform, order, fields | {"source": source}, config, as_json=as_json)


@app.command("taken-back")
def taken_back(
    *,
    platform: PlatformArgument,
    order: OrderArgument,
    reference: ReferenceOption,
    line: LineOption,
    quantity: QuantityOption,
    unit: UnitOption,
    on: OnOption,
    source: SourceOption,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Report goods that were sold and came back, into the stock or with a return."""
    fields = {"reference": reference, "line": line, "quantity": quantity, "unit": unit, "on": on}
    _report("taken-back", platform, order, fields | {"source": source}, config, as_json=as_json)


@app.command()
def show(
    platform: PlatformArgument,
    order: OrderArgument,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Show lines and reports of a stocking order; exit 1 if nothing is known of it."""
    import msgspec

    from gateway.cli.printing import print_json
    from gateway.trade.stock import order_key, stock

    found = _read(config, lambda tx: stock(tx, order_key(platform, order)))
    if as_json:
        print_json(msgspec.to_builtins(found))
    elif found is not None:
        for one in found.lines:
            moved = f"shipped {one.shipped:f}, sold {one.sold:f}, returned {one.returned:f}"
            back = f" ({one.taken_back:f} taken back)" if one.taken_back else ""
            typer.echo(f"{one.line} in {one.unit}: {moved}{back}, remaining {one.remaining:f}")
        for each in found.history:
            report = each.report
            noted = f"{report.source}; log entry {each.log_index}"
            what = f"{report.kind} {report.quantity:f} {report.unit} of {report.line}"
            typer.echo(f"  {report.on} {report.reference}: {what}; {noted}")
    if found is None:
        raise typer.Exit(1)


@app.command("list")
def list_orders(
    after: Annotated[str, typer.Option("--after", help="Go on after this key.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=10_000)] = 1000,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List the stocking orders under which something was shipped or reported.

    Every order in the store is looked at, a page in each transaction.
    """
    from functools import partial

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.store import open_store
    from gateway.trade.stock import stocked

    orders: list[str] = []
    store = open_store(load_config(config).database.url, create=False)
    try:
        while len(orders) < limit:
            page = store.run_read(partial(stocked, after=after))
            orders += page.orders
            after = page.next
            if not after:
                break
    finally:
        store.shut()
    del orders[limit:]
    if as_json:
        print_json(orders)
        return
    for one in orders:
        typer.echo(one)


def _report(
    kind: Literal["sold", "returned", "taken-back"],
    platform: str,
    order: str,
    fields: dict[str, str],
    config: Path,
    *,
    as_json: bool,
) -> None:
    """Record a report with the steps of a node, and print it."""
    import asyncio

    import msgspec

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.node import with_steps
    from gateway.trade.stock import as_report

    report = as_report(fields | {"kind": kind})

    async def work(steps: "Steps") -> "Recorded":
        return await steps.stocks.record(platform, order, report, actor=ACTOR)

    done = asyncio.run(with_steps(load_config(config), work))
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        typer.echo(f"recorded: {kind} {report.quantity:f} {report.unit} of {report.line}")


def _read(config: Path, question: Any) -> Any:
    """Ask the store of a node, whether or not it is serving."""
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        return store.run_read(question)
    finally:
        store.shut()
