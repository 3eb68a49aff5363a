# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway mock stage|customs|post`: partners to test against, over the real wire."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.mock.switches import Switches

app = typer.Typer(
    help="Play a partner: a real gateway that answers, and misbehaves as told.",
    no_args_is_help=True,
)

ASKS = ("rfi", "rfs", "dnl", "amend")
FAULTS = ("duplicate", "reorder", "wrong-count", "bad-signature")

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration of the mock's own node.")]
FaultOption = Annotated[
    list[str] | None,
    typer.Option("--fault", help=f"NAME=PER_CENT of batches, repeatable: {', '.join(FAULTS)}."),
]
SilenceOption = Annotated[float, typer.Option("--silence", min=0, max=100, help="Keep silent, % of items.")]
DelayOption = Annotated[float, typer.Option("--delay", min=0, help="Seconds before each answer.")]
SeedOption = Annotated[int, typer.Option("--seed", help="The same seed decides the same.")]
ReadyOption = Annotated[str, typer.Option("--ready-file", help="Write the bound addresses here once ready.")]


@app.command()
def stage(folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Make two posts and a customs: node folders, keys, bundles and signed agreements among them."""
    from gateway.clock import system_clock
    from gateway.mock.run import make_postal_parties

    for party in make_postal_parties(folder, system_clock()):
        typer.echo(f"{party.organisation}: {party.config} gRPC {party.grpc} HTTP {party.url}")


@app.command()
def customs(
    *,
    config: ConfigOption = Path("gateway.toml"),
    ask: Annotated[
        list[str] | None,
        typer.Option("--ask", help=f"OUTCOME=PER_CENT of items, repeatable: {', '.join(ASKS)}."),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=20, help="Ask at most so often.")] = 1,
    fault: FaultOption = None,
    silence: SilenceOption = 0.0,
    delay: DelayOption = 0.0,
    seed: SeedOption = 1,
    ready_file: ReadyOption = "",
) -> None:
    """Assess every item that partners send, and ask again as told."""
    switches = _switches(ask, fault, rounds=rounds, silence=silence, delay=delay, seed=seed)
    _run("customs", config, switches, ready_file)


@app.command()
def post(
    *,
    config: ConfigOption = Path("gateway.toml"),
    fault: FaultOption = None,
    silence: SilenceOption = 0.0,
    delay: DelayOption = 0.0,
    seed: SeedOption = 1,
    ready_file: ReadyOption = "",
) -> None:
    """Answer every referral that partners send."""
    switches = _switches(None, fault, rounds=1, silence=silence, delay=delay, seed=seed)
    _run("post", config, switches, ready_file)


def _run(role: str, config: Path, switches: "Switches", ready_file: str) -> None:
    """Run the mock until it is told to stop."""
    from gateway.config import load_config
    from gateway.mock.run import run_mock

    run_mock(load_config(config), role, switches, Path(ready_file) if ready_file else None)


def _switches(
    ask: list[str] | None,
    fault: list[str] | None,
    *,
    rounds: int,
    silence: float,
    delay: float,
    seed: int,
) -> "Switches":
    """Return the switches that options set."""
    from gateway.mock.switches import Switches

    shares = {**_shares("--ask", ask, ASKS), **_shares("--fault", fault, FAULTS)}
    return Switches(seed=seed, rounds=rounds, silence=silence, delay=delay, **shares)


def _shares(option: str, given: list[str] | None, names: tuple[str, ...]) -> dict[str, float]:
    """Read NAME=PER_CENT settings."""
    shares = {}
    for one in given or ():
        name, _, per_cent = one.partition("=")
        number = per_cent.replace(".", "", 1)
        if name not in names or not (number.isascii() and number.isdigit()) or not float(per_cent) <= 100:  # noqa: PLR2004 - per cent
            raise typer.BadParameter(f"NAME=PER_CENT with one of {', '.join(names)}", param_hint=option)
        shares[name.replace("-", "_")] = float(per_cent)
    return shares
