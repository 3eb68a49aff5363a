# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway access key new|list|revoke`: keys for those who come over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.admission import Key
    from gateway.bootstrap import Steps
    from gateway.exchange.access_rows import CredentialRow
    from gateway.exchange.ports import Transaction

app = typer.Typer(help="Say who is let in over HTTP.", no_args_is_help=True)
key = typer.Typer(help="Make, list and revoke keys.", no_args_is_help=True)
app.add_typer(key, name="key")

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT = Path("gateway.toml")
ACTOR = "command line"


@key.command()
def new(
    name: Annotated[str, typer.Argument(help="In whose name the holder comes.")],
    role: Annotated[
        list[str],
        typer.Option("--role", help="submitter, operator, auditor or administrator; again for more."),
    ],
    days: Annotated[int, typer.Option("--days", help="How long it is good.")] = 365,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it; it is shown this once."""
    import msgspec

    from gateway.cli.printing import print_json

    made = _act(config, lambda steps: steps.admission.keys.make(name, role, days, actor=ACTOR))
    if as_json:
        print_json(msgspec.to_builtins(made))
        return
    typer.echo(made.secret)
    typer.echo(f"{_line(made.key)}\nkeep it now: it is not shown again", err=True)


@key.command("list")
def list_keys(config: ConfigOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List the keys, revoked ones too."""
    import msgspec

    from gateway.cli.printing import print_json

    keys = _all(config)
    if as_json:
        print_json(msgspec.to_builtins(keys))
        return
    for one in keys:
        typer.echo(_line(one))


@key.command()
def revoke(
    number: Annotated[str, typer.Argument(help="Number of the key, as listed.")],
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key."""
    import msgspec

    from gateway.cli.printing import print_json

    ended = _act(config, lambda steps: steps.admission.keys.revoke(number, actor=ACTOR))
    if as_json:
        print_json(msgspec.to_builtins(ended))
        return
    typer.echo(_line(ended))


@app.command()
def link(
    name: Annotated[str, typer.Argument(help="In whose name the session is.")],
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="administrator if nothing is said; again for more."),
    ] = None,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Make a link that opens one session at the console, within an hour."""
    import msgspec

    from gateway.cli.printing import print_json
    from gateway.config import load_config

    roles = role or ["administrator"]
    opened = _act(config, lambda steps: steps.admission.sessions.link(name, roles, actor=ACTOR))
    if as_json:
        print_json(msgspec.to_builtins(opened))
        return
    typer.echo(f"http://{load_config(config).http.listen}/console/enter?link={opened.secret}")
    typer.echo("good once, within an hour; behind a proxy put its address in front", err=True)


def _act(config: Path, work: "Callable[[Steps], Awaitable[Any]]") -> Any:
    """Do an act with the steps of a node."""
    import asyncio

    from gateway.config import load_config
    from gateway.node import with_steps

    return asyncio.run(with_steps(load_config(config), work))


def _all(config: Path) -> "Sequence[Key]":
    """Return every key of a node, whether or not it is serving."""
    from gateway.admission.keys import PAGE, shown
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        found: list[Key] = []
        while True:
            after = int(found[-1].number) if found else 0
            rows = store.run_read(partial(_page, after=after))
            found += [shown(row) for row in rows]
            if len(rows) < PAGE:
                return found
    finally:
        store.shut()


def _page(tx: "Transaction", *, after: int) -> "Sequence[CredentialRow]":
    """Return a page of keys."""
    from gateway.admission.keys import KEY, PAGE

    return tx.credentials(KEY, after, PAGE)


def _line(one: "Key") -> str:
    """Return a key as a line."""
    from gateway.clock import moment

    held = f"expires {moment(one.expires_at):%Y-%m-%d}"
    if one.revoked_at:
        held = f"revoked {moment(one.revoked_at):%Y-%m-%d}"
    used = f"used {moment(one.used_at):%Y-%m-%d %H:00}" if one.used_at else "never used"
    return f"{one.number} {one.name}: {', '.join(one.roles)}; {held}; {used}; log entry {one.log_index}"
