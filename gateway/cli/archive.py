# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway archive`: bring closed days to Parquet, list and check them, restore one into a database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.bootstrap import Steps
    from gateway.config import Config
    from gateway.exchange.archive import DayReport

app = typer.Typer(help="Closed days as Parquet with a signed manifest.", invoke_without_command=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT = Path("gateway.toml")


@app.callback()
def archive(
    context: typer.Context,
    before: Annotated[
        str, typer.Option("--before", help="Archive the days before this one, YYYY-MM-DD, in UTC.")
    ] = "",
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Archive closed days, serving or not; days with open work stay, and the reason is printed."""
    if context.invoked_subcommand is not None:
        return
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.node import with_steps

    node = _configured(load_config(config))
    end = _before(before, node.archive.after_days)

    async def work(steps: "Steps") -> "list[DayReport]":
        archiver = steps.archiving.archiver
        return [] if archiver is None else await archiver.run(end)

    with progress("Archiving days"):
        reports = asyncio.run(with_steps(node, work))
    if as_json:
        print_json([_plain(one) for one in reports])
        return
    for one in reports:
        if one.held:
            reasons = ", ".join(f"{count} {name}" for name, count in one.held.items())
            typer.echo(f"{one.day}  stays: {reasons}")
        else:
            left = "; rows that changed meanwhile stay until the next run" if one.left else ""
            if one.bad:
                typer.echo(f"{one.day}: files did not hold and were written anew; look at the disk", err=True)
            typer.echo(
                f"{one.day}  archived: {one.rows} rows now, {one.files} files, {one.bytes} bytes,"
                f" revision {one.revision}{left}"
            )
    if not reports:
        typer.echo("nothing to archive")


@app.command("list")
def list_(config: ConfigOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List archived days."""
    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        manifests, parts = store.run_read(lambda tx: (tx.manifests(), tx.parts()))
    finally:
        store.shut()
    days = []
    for row in manifests:
        mine = [one for one in parts if one.day == row.day]
        days.append(
            {
                "day": row.day,
                "revision": row.revision,
                "state": row.state,
                "rows": sum(one.rows for one in mine),
                "files": len(mine),
                "bytes": sum(one.bytes for one in mine),
                "log_index": row.log_index,
            }
        )
    if as_json:
        print_json(days)
        return
    for one in days:
        typer.echo(
            f"{one['day']}  {one['state']:8} revision {one['revision']}, {one['rows']} rows in"
            f" {one['files']} files, {one['bytes']} bytes, anchor log {one['log_index']}"
        )


@app.command()
def verify(
    day: Annotated[str, typer.Argument(help="One day, YYYY-MM-DD; without it every day.")] = "",
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Check signature, log entry and every file of archived days; exit 1 if one does not hold."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.node import with_steps

    node = _configured(load_config(config))
    with progress("Checking files"):
        found = asyncio.run(with_steps(node, lambda steps: _verify(steps, day)))
    if as_json:
        print_json([{"day": one, "good": True, "rows": rows} for one, rows in found.items()])
        return
    for one, rows in found.items():
        typer.echo(f"{one}  good: {rows} rows")


@app.command()
def restore(
    day: Annotated[str, typer.Argument(help="The day, YYYY-MM-DD.")],
    into: Annotated[str, typer.Option("--into", help="Address of an empty database, or of none yet.")],
    without_log: Annotated[
        bool, typer.Option("--without-log", help="The node's own database is lost: check the seal only.")
    ] = False,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Put an archived day into an empty database, each file checked before its rows."""
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.node import with_steps

    node = _configured(load_config(config))
    with progress("Restoring a day"):
        if not without_log:
            asyncio.run(with_steps(node, lambda steps: _verify(steps, day)))
        restored = asyncio.run(_restore(node, day, into))
    if as_json:
        print_json(restored)
        return
    for table, rows in restored.items():
        typer.echo(f"{table}: {rows} rows")


async def _verify(steps: "Steps", day: str) -> dict[str, int]:
    """Check one day or all; return the rows of each."""
    from gateway.errors import InputError
    from gateway.finding import finding

    check = steps.archiving.check
    rows = await steps.store.read(lambda tx: tx.manifests())
    found = {}
    for row in rows:
        if check is not None and day in ("", row.day):
            manifest = await check.manifest(row)
            found[row.day] = sum(len(check.file(manifest, one.file)) for one in manifest.parts)
    if day and not found:
        raise InputError("no such day", (finding("ARCHIVE-DAY", actual=day),))
    return found


async def _restore(node: "Config", day: str, into: str) -> dict[str, int]:
    """Restore a day into a database, which is made if it is not there."""
    from gateway.archive.folder import ArchiveFolder
    from gateway.exchange.archive_restore import Restorer
    from gateway.jobs import load_trust
    from gateway.store import NEWEST, open_store

    keyring = load_trust(node)[1]
    store = open_store(into)
    try:
        folder = ArchiveFolder(Path(node.archive.folder), node.node.organisation)
        restorer = Restorer(node.node.organisation, keyring=keyring, folder=folder, schema=NEWEST)
        return await restorer.restore(day, store)
    finally:
        await store.close()


def _configured(config: "Config") -> "Config":
    """Return a configuration that has an archive.

    Raises:
        ConfigError: it has none.
    """
    from gateway.errors import ConfigError

    if not config.archive.folder:
        raise ConfigError("no archive is configured; set archive.folder")
    return config


def _before(text: str, after_days: int) -> int:
    """Return the moment before which days must have ended.

    Raises:
        ConfigError: no day is given, or none that can be read.
        InputError: days after it would still have to wait.
    """
    from gateway.clock import milliseconds, system_clock
    from gateway.errors import ConfigError, InputError
    from gateway.finding import finding

    if not text:
        raise ConfigError("name a day: --before YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--before: {error}") from error
    latest = (system_clock() - timedelta(days=after_days)).date()
    if day > latest:
        raise InputError(
            "days must wait longer",
            (finding("ARCHIVE-BEFORE", expected=f"{latest} or earlier", actual=text),),
        )
    return milliseconds(datetime.combine(day, datetime.min.time(), UTC))


def _plain(one: "DayReport") -> dict[str, Any]:
    """Return a report as plain values."""
    return {
        "day": one.day,
        "held": dict(one.held),
        "revision": one.revision,
        "rows": one.rows,
        "files": one.files,
        "bytes": one.bytes,
        "left": one.left,
        "changed": one.changed,
        "bad": one.bad,
    }
