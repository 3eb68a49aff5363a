# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway postal quality`: how complete and how timely the postal data of a partner are."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.trade.postal_quality import Quality

app = typer.Typer(help="What posts send, judged by the month.", no_args_is_help=True)


class Format(enum.StrEnum):
    """How the figures are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


@app.callback()
def postal() -> None:
    """Keep `quality` a verb of its own."""


@app.command()
def quality(
    *,
    partner: Annotated[str, typer.Option("--partner", help="Whose data, or for whom.")],
    month: Annotated[str, typer.Option("--month", help="YYYY-MM, in UTC.")],
    sent: Annotated[bool, typer.Option("--sent", help="Judge what we sent instead of what came.")] = False,
    form: Annotated[Format, typer.Option("--format", help="table, json, csv or html.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; standard output without.")] = None,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Judge a month: coverage, matches, lead time, late data, missing fields, duplicates, referrals."""
    import asyncio

    from gateway.cli import postal_formats as formats
    from gateway.cli.progress import progress
    from gateway.config import load_config

    begin, end = _month(month)
    node = load_config(config)
    with progress("Judging the month"):
        figures = asyncio.run(_figures(node.database.url, partner, begin, end, sent=sent))
    question = {
        "gateway": node.node.organisation,
        "partner": partner,
        "month": month,
        "direction": "sent" if sent else "received",
    }
    write = {
        Format.TABLE: formats.table,
        Format.JSON: formats.as_json,
        Format.CSV: formats.as_csv,
        Format.HTML: formats.as_html,
    }[Format.JSON if as_json else form]
    text = write(question, figures)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")


async def _figures(url: str, partner: str, begin: "datetime", end: "datetime", *, sent: bool) -> "Quality":
    """Read the figures from the store of a node, whether or not it is serving."""
    from gateway.store import open_store
    from gateway.trade.postal_month import quality as judged

    store = open_store(url, create=False)
    try:
        return await judged(store, partner, begin, end, sent=sent)
    finally:
        await store.close()


def _month(text: str) -> "tuple[datetime, datetime]":
    """Return the first moment of a month and of the next."""
    from datetime import UTC, datetime

    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("a month is YYYY-MM", param_hint="--month") from None
    last = begin.month == 12  # noqa: PLR2004 - December
    return begin, begin.replace(year=begin.year + last, month=1 if last else begin.month + 1)
