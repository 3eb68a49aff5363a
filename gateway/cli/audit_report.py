# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit report`: what left, to whom, when, under which article, what was withheld; is it proved."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from gateway.clock import milliseconds, system_clock

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.cli.report_formats import Writer
    from gateway.config import Config


class Format(enum.StrEnum):
    """How the report is written."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"


def report(  # noqa: PLR0917 - typer reads parameters as options
    partner: Annotated[str, typer.Option("--partner", help="Whom it left to.")],
    begin: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD, in UTC.")],
    end: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD, in UTC.")],
    form: Annotated[Format, typer.Option("--format", help="csv, json or html.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; standard output without.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="With numbers and names; who asks is logged.")
    ] = False,
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Report every record that left to a partner; exit 1 if a batch is not proved.

    Records are named by their reference. `--personal` is for users that `audit.personal_reports` names.
    """
    import asyncio
    import getpass

    from gateway.cli.report_formats import CsvWriter, HtmlWriter, JsonWriter
    from gateway.config import load_config
    from gateway.errors import ConfigError

    node = load_config(config)
    user = getpass.getuser()
    if personal and user not in node.audit.personal_reports:
        raise ConfigError(f"user {user} is not among audit.personal_reports; leave out --personal")
    first, last = _day(begin, "--from"), _day(end, "--to")
    if last < first:
        raise ConfigError("--to is before --from")
    question = {
        "sender": node.node.organisation,
        "partner": partner,
        "from": begin,
        "to": end,
        "made": system_clock().isoformat(timespec="seconds"),
        "personal": f"yes, asked for by {user}" if personal else "no",
    }
    writer: Writer = CsvWriter(personal=personal)
    if as_json or form is Format.JSON:
        writer = JsonWriter(question)
    elif form is Format.HTML:
        writer = HtmlWriter(question, personal=personal)
    if personal:
        asyncio.run(_log_access(node, partner, f"access:report/{begin}/{end}/{user}"))
    with _target(out) as file:
        unproved = asyncio.run(
            _write(node, partner, (first, last + timedelta(days=1)), writer, file, personal=personal)
        )
    if unproved:
        typer.echo(f"gateway: {unproved} batches are not proved", err=True)
        raise typer.Exit(1)


async def _write(
    node: "Config",
    partner: str,
    span: tuple[datetime, datetime],
    writer: "Writer",
    file: TextIO,
    *,
    personal: bool,
) -> int:
    """Write the report; return how many batches are not proved."""
    from gateway.exchange.report import Report
    from gateway.jobs import load_trust
    from gateway.store import open_store

    _, _, agreements = load_trust(node)
    unproved = 0
    store = open_store(node.database.url, create=False, archive=node.archive.folder)
    try:
        file.write(writer.begin())
        async for line in Report(node.node.organisation, store, agreements).lines(
            partner, *span, personal=personal
        ):
            unproved += not line.proved
            file.write(writer.batch(line))
        file.write(writer.end())
    finally:
        await store.close()
    return unproved


async def _log_access(node: "Config", partner: str, subject: str) -> None:
    """Log that somebody asked for personal data, before any is shown."""
    from gateway.audit.entry import Event
    from gateway.exchange.ports import Transaction
    from gateway.node import with_steps

    async def work(steps: "Steps") -> None:
        def record(tx: Transaction) -> None:
            steps.logs.journal.record_event(
                tx,
                partner,
                Event.ACCESS,
                statement=subject.encode(),
                subject=subject,
                now=milliseconds(system_clock()),
            )

        await steps.store.transact(record)

    await with_steps(node, work)


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    """Open the file, closed to others, or give standard output."""
    import os
    import sys

    if out is None:
        yield sys.stdout
        return
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - the mode must hold from the first byte
        yield file


def _day(text: str, option: str) -> datetime:
    """Return the beginning of a day in UTC.

    Raises:
        ConfigError: it is not a day.
    """
    from gateway.errors import ConfigError

    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from error
