# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway referral show|list`: what authorities ask about items, and how far it has come."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.exchange.postal_rows import ReferralRow

app = typer.Typer(
    help="See what authorities ask about items before they may be loaded.", no_args_is_help=True
)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
STATES = ("open", "answered", "released", "blocked", "erased")


@app.command()
def show(
    tracking: Annotated[str, typer.Argument(help="Tracking number.")],
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Show the referrals of an item; exit 1 if it must not be loaded now."""
    import asyncio

    from gateway.config import load_config
    from gateway.node import ask

    rows = asyncio.run(ask(load_config(config), lambda query, _: query.referrals(tracking)))
    _print(rows, as_json=as_json)
    if not rows and not as_json:
        typer.echo(f"nobody asks about {tracking}")
    if any(one.state != "released" for one in rows):
        raise typer.Exit(1)


@app.command("list")
def list_referrals(
    state: Annotated[str, typer.Option("--state", help=f"One of {', '.join(STATES)}.")] = "open",
    after: Annotated[int, typer.Option("--after", help="Go on after the referral with this id.")] = 0,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=10_000)] = 1000,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """List the referrals in a state, oldest first; exit 1 if one is overdue."""
    import asyncio

    from gateway.config import load_config
    from gateway.node import ask

    if state not in STATES:
        raise typer.BadParameter(f"one of {', '.join(STATES)}", param_hint="--state")
    rows = asyncio.run(ask(load_config(config), lambda query, _: query.referrals_in(state, after, limit)))
    _print(rows, as_json=as_json)
    if not rows and not as_json:
        typer.echo(f"no referral is {state}")
    if any(one.escalated_at and one.state == "open" for one in rows):
        raise typer.Exit(1)


def _print(rows: "Sequence[ReferralRow]", *, as_json: bool) -> None:
    """Print referrals, a line each or as JSON."""
    import msgspec

    from gateway.cli.printing import print_json
    from gateway.clock import moment

    if as_json:
        print_json(msgspec.to_builtins(rows))
        return
    for one in rows:
        posted = f" posted {one.posting_date}" if one.posting_date else ""
        typer.echo(
            f"{one.tracking_number}{posted}  {one.kind} {one.referral} of {one.authority}: {one.state}"
        )
        times = {
            "raised": one.raised_at,
            "answer by": one.answer_by,
            "answered": one.answered_at,
            "overdue since": one.escalated_at,
            "settled": one.settled_at,
            "reported as loaded": one.loaded_at,
        }
        said = [f"{name} {moment(at).isoformat()}" for name, at in times.items() if at]
        typer.echo(f"  {'; '.join(said)}; {one.answers} answers")
