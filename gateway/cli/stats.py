# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway stats`: the cross-border e-commerce statistics, from the roll-ups of the store."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.config import Config
    from gateway.trade.recount import Recounted
    from gateway.trade.statistics import Answer
    from gateway.trade.statistics_question import Question


class Format(enum.StrEnum):
    """How the figures are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    HTML = "html"


app = typer.Typer(help="The cross-border e-commerce statistics.")


@app.callback(invoke_without_command=True)
def stats(
    context: typer.Context,
    *,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="day or month, direction, mode, currency, one of country, office, chapter, band.",
        ),
    ] = "month,direction,mode",
    begin: Annotated[
        str, typer.Option("--from", help="YYYY, YYYY-MM or YYYY-MM-DD; without: the year of the end.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="As --from, that day included; without: today.")] = "",
    direction: Annotated[str, typer.Option("--direction", help="import or export alone.")] = "",
    mode: Annotated[str, typer.Option("--mode", help="One mode alone: 9610, export-returns, ...")] = "",
    form: Annotated[
        Format, typer.Option("--format", help="table, csv, json, parquet or html.")
    ] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; standard output without.")] = None,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Count imports, exports and returns: items, value, mass, and growth against the year before."""
    if context.invoked_subcommand is not None:
        return
    import asyncio
    from datetime import timedelta

    from gateway.cli import stats_formats as formats
    from gateway.cli.progress import progress
    from gateway.clock import system_clock
    from gateway.config import load_config
    from gateway.trade.statistics_question import QuestionError, ask
    from gateway.trade.statistics_tables import modes

    form = Format.JSON if as_json else form
    today = (system_clock() + timedelta(hours=modes().zone_hours)).date()
    try:
        question = ask(by, begin, end, today=today, direction=direction, mode=mode)
    except QuestionError as error:
        raise typer.BadParameter(str(error)) from None
    node = load_config(config)
    questions = [question]
    if form is Format.HTML:
        from gateway.cli import stats_page

        questions += stats_page.questions(question)
    with progress("Counting"):
        answers = asyncio.run(_answers(node, questions))
    if form is Format.HTML:
        written = stats_page.page(node.node.organisation, *answers).encode()
    else:
        write = {
            Format.TABLE: formats.table,
            Format.CSV: formats.as_csv,
            Format.JSON: formats.as_json,
            Format.PARQUET: formats.as_parquet,
        }[form]
        written = write(answers[0])
    if out is None:
        typer.echo(written, nl=False)
    else:
        out.write_bytes(written)


@app.command()
def check(
    *,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the stored records again and compare the roll-ups with that; exit 1 if they differ."""
    _recount(config, as_json=as_json, rebuild=False)


@app.command()
def rebuild(
    *,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the roll-ups anew from the stored records where they differ, and log it."""
    _recount(config, as_json=as_json, rebuild=True)


def _recount(config: Path, *, as_json: bool, rebuild: bool) -> None:
    """Check or rebuild, and say what was found."""
    import asyncio

    import msgspec

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.node import with_steps

    async def work(steps: "Steps") -> "Recounted":
        return await (steps.recount.rebuild() if rebuild else steps.recount.check())

    with progress("Counting every record again"):
        found = asyncio.run(with_steps(load_config(config), work))
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        for one in found.differences:
            typer.echo(f"{' '.join(map(str, one.cell))}: kept {one.kept}, counted {one.counted}")
        done = "made anew" if found.rebuilt else f"{found.different} different"
        typer.echo(f"{found.records} records counted, {found.erased} erased, {found.cells} cells, {done}")
    raise typer.Exit(1 if found.different and not found.rebuilt else 0)


async def _answers(node: "Config", questions: "list[Question]") -> "list[Answer]":
    """Read the figures from the store of a node, whether or not it is serving."""
    from gateway.store import open_store
    from gateway.trade.exchange_rates import load_rates
    from gateway.trade.statistics import Statistics

    rates = load_rates(node.statistics.rates)
    store = open_store(node.database.url, create=False, archive=node.archive.folder)
    try:
        statistics = Statistics(store, rates)
        return [await statistics.answer(one) for one in questions]
    finally:
        await store.close()
