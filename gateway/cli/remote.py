# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway remote`: ask a running gateway over HTTP, from this machine or another."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.remote_lines import (
    board_lines,
    field_lines,
    found_lines,
    letter_lines,
    moment_lines,
    partner_lines,
)

if TYPE_CHECKING:
    from gateway.client.gateway import Gateway

app = typer.Typer(help="Ask a running gateway over HTTP.", no_args_is_help=True)

UrlOption = Annotated[
    str, typer.Option("--url", envvar="GATEWAY_URL", help="Address; without: http.listen of --config.")
]
TokenOption = Annotated[
    Path | None, typer.Option("--token-file", envvar="GATEWAY_TOKEN_FILE", help="File that holds the token.")
]
ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file, for its address.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NumberArgument = Annotated[str, typer.Argument(help="Tracking number.")]
PartnerArgument = Annotated[str, typer.Argument(help="Organisation id of the partner.")]
CONFIG = Path("gateway.toml")
FAIL = "fail"


@app.callback()
def remote(
    context: typer.Context,
    url: UrlOption = "",
    token_file: TokenOption = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Ask a running gateway over HTTP; `gateway remote --url … VERB`."""
    context.obj = (url, token_file, config)


@app.command()
def board(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Show how it stands with every partner; exit 1 if the health of one is fail."""
    found = _gateway(context).board()
    _print(found, board_lines(found), as_json=as_json)
    _end(all(one["health"] != FAIL for one in found["partners"]))


@app.command()
def waiting(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Show what waits, grouped by what is missing."""
    found = _gateway(context).waiting()
    told = (
        f"{one['count']}{'+' if one['more'] else ''} on {one['channel']} lack {', '.join(one['missing'])}"
        for one in found
    )
    _print(found, told, as_json=as_json)


@app.command()
def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="Number of an item, list, message, receptacle; USCC.")],
    as_json: JsonOption = False,
) -> None:
    """Find what bears the words; exit 1 if nothing does."""
    found = list(_gateway(context).search(words))
    _print(found, found_lines(found), as_json=as_json)
    _end(bool(found))


@app.command()
def timeline(
    context: typer.Context,
    number: NumberArgument,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to an item, in one order of time, persons masked; exit 1 if nobody has named it."""
    found = _gateway(context).timeline(number)
    if found is None:
        typer.echo(f"gateway: nobody has named {number}", err=True)
        raise typer.Exit(1)
    _print(found, moment_lines(found), as_json=as_json)


@app.command()
def reveal(
    context: typer.Context,
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why you must see the persons; it is logged.")],
    as_json: JsonOption = False,
) -> None:
    """Show every field of an item as it is, with its persons; who asks and why is logged."""
    found = _gateway(context).reveal(number, reason)
    _print(found, field_lines(found), as_json=as_json)


@app.command()
def bundle(
    context: typer.Context,
    number: NumberArgument,
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    record: Annotated[int, typer.Option("--record", help="Which record; 0: the newest.", min=0)] = 0,
) -> None:
    """Fetch the evidence bundle of one record of an item; it holds the record itself, so that is logged."""
    out.write_bytes(_gateway(context).bundle(number, record))
    typer.echo(str(out))


@app.command("dead-letters")
def dead_letters(
    context: typer.Context,
    kind: Annotated[
        str, typer.Option("--kind", help="List channel, record, message or envelope; without: groups.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show what stopped on its way; exit 1 if there is anything that can be replayed."""
    there = _gateway(context)
    found = list(there.dead_letter_items(kind)) if kind else there.dead_letters()
    _print(found, letter_lines(found), as_json=as_json)
    _end(not any(one.get("replay") for one in found))


@app.command()
def replay(
    context: typer.Context,
    letter: Annotated[str, typer.Argument(help="Id of the dead letter.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is tried again; it is logged.")],
    as_json: JsonOption = False,
) -> None:
    """Try again what a dead letter is about."""
    done = _gateway(context).replay(letter, reason)
    _print(done, [f"{done['what']}: {done['channel']}, stopped by {done['code']}"], as_json=as_json)


@app.command()
def partners(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Show agreements, certificates and logs of every partner."""
    found = _gateway(context).partners()
    _print(found, partner_lines(found), as_json=as_json)


@app.command("test")
def try_way(
    context: typer.Context,
    partner: PartnerArgument,
    as_json: JsonOption = False,
) -> None:
    """Have the gateway test its way to a partner; exit 1 if a layer fails."""
    done = _gateway(context).test_partner(partner)
    told = (f"{one['name']:12} {one['state']:8} {one['detail']}" for one in done["layers"])
    _print(done, told, as_json=as_json)
    _end(done["good"])


@app.command()
def logs(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Show how every log stands."""
    found = _gateway(context).logs()
    told = (
        f"{one['log']}: {one['size']} entries, {one['published']} published, cosigned "
        + (", ".join(f"by {name} at {size}" for name, size in one["cosigned"].items()) or "by nobody")
        for one in found
    )
    _print(found, told, as_json=as_json)


@app.command("verify-log")
def verify_log(
    context: typer.Context,
    partner: Annotated[str, typer.Argument(help="Whom the log is about; `anchor` for that of checkpoints.")],
    as_json: JsonOption = False,
) -> None:
    """Have a log held against every signed state of it; exit 1 if one does not fit, or there is no log."""
    found = _gateway(context).verify_log(partner)
    if found is None:
        typer.echo(f"gateway: there is no log about {partner}", err=True)
        raise typer.Exit(1)
    told = (f"{one['state']:7} {one['name']}: {one['says']}" for one in found["checks"])
    _print(found, told, as_json=as_json)
    _end(found["good"])


@app.command()
def watch(
    context: typer.Context,
) -> None:
    """Print a line of JSON whenever something has changed, until the gateway or you end it."""
    import json

    for change in _gateway(context).changes():
        typer.echo(json.dumps(change))


def _gateway(context: typer.Context) -> "Gateway":
    """Return the way to the gateway."""
    from gateway.client.gateway import Gateway
    from gateway.config import load_config
    from gateway.envelope.keys import read_private_file

    url, token_file, config = context.obj
    token = read_private_file(token_file).decode().strip() if token_file is not None else ""
    address = url or f"http://{load_config(config).http.listen}"
    return Gateway(address, token=token.rpartition(" ")[2])


def _print(found: Any, told: "Iterator[str] | list[str]", *, as_json: bool) -> None:
    """Print an answer, for machines or for people."""
    if as_json:
        from gateway.cli.printing import print_json

        print_json(found)
        return
    for line in told:
        typer.echo(line)


def _end(good: bool) -> None:
    """End with 1 unless all is good."""
    if not good:
        raise typer.Exit(1)
