# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway conformance`: play the contract against another gateway, whoever wrote it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.conformance.case import Result

app = typer.Typer(help="Test any implementation of the wire contract from outside.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--case", help="Only this case; repeatable.")]
FamilyOption = Annotated[list[str] | None, typer.Option("--family", help="Only this family; repeatable.")]


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder for the kit.")],
    *,
    target: Annotated[
        Path,
        typer.Option("--target-bundle", help="Bundle of the gateway to test.", exists=True, dir_okay=False),
    ],
    organisation: Annotated[str, typer.Option("--organisation", help="Id of the kit's parties.")] = "kit",
    as_json: JsonOption = False,
) -> None:
    """Make a kit: keys of three invented parties, their bundles, and agreements for the target to sign."""
    from gateway.cli.printing import print_json
    from gateway.clock import system_clock
    from gateway.conformance.kit import FILE, make_kit
    from gateway.envelope.bundle import fingerprint

    made = make_kit(folder, organisation, target.read_bytes(), system_clock())
    prints = {str(one): fingerprint(one.read_bytes()) for one in made if one.name.endswith(".bundle.json")}
    if as_json:
        print_json({"kit": str(folder / FILE), "send": [str(one) for one in made], "fingerprints": prints})
        return
    typer.echo(f"{folder / FILE}")
    for one in made:
        typer.echo(f"  {one}" + (f"  fingerprint {prints[str(one)]}" if str(one) in prints else ""))
    typer.echo("let the operator of the target load these files and restart, then run the kit", err=True)


@app.command("list")
def list_(case: OnlyOption = None, family: FamilyOption = None, *, as_json: JsonOption = False) -> None:
    """List the cases: what must hold, and where it is written."""
    from gateway.cli.printing import print_json
    from gateway.conformance.catalogue import chosen

    cases = chosen(case or (), family or ())
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "family": one.family,
                    "sentence": one.sentence,
                    "clause": one.clause,
                    "sent": one.sends,
                    "expected": one.expects,
                }
                for one in cases
            ]
        )
        return
    for one in cases:
        typer.echo(f"{one.family:10} {one.id:32} {one.sentence}")


@app.command("run")
def run(
    *,
    bundle: Annotated[
        Path, typer.Option("--bundle", help="The kit.json of a kit.", exists=True, dir_okay=False)
    ],
    target: Annotated[str, typer.Option("--target", help="host:port; else as in the target's bundle.")] = "",
    case: OnlyOption = None,
    family: FamilyOption = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Play the cases against a target.

    Exit 0 if every case is green, 1 if one is not, 2 if the target was not ready to be tested.
    """
    import asyncio

    from gateway.cli.printing import print_json
    from gateway.clock import system_clock
    from gateway.conformance import report
    from gateway.conformance.catalogue import chosen
    from gateway.conformance.kit import load_kit
    from gateway.conformance.run import run as play
    from gateway.envelope.whole_file import write_file

    cases, kit = chosen(case or (), family or ()), load_kit(bundle, system_clock())
    told = (lambda _: None) if as_json else _print
    results = asyncio.run(play(kit, target, cases, system_clock, told))
    name, endpoint, at = kit.target.organisation, target or kit.target.endpoint, system_clock()
    if junit is not None:
        write_file(junit, report.as_junit(results, name, at))
    if html is not None:
        write_file(html, report.as_page(results, name, endpoint, at).encode())
    if as_json:
        print_json(report.as_data(results, name, endpoint, at))
    else:
        typer.echo(report.summary(results))
    if not report.is_green(results):
        raise typer.Exit(1)


def _print(one: "Result") -> None:
    """Print a line of the table as the case ends, and more if it is not green."""
    typer.echo(f"{one.outcome:6} {one.case.family:10} {one.case.id:32} {one.came}")
    if one.outcome != "green":
        typer.echo(
            f"       {one.case.sentence}\n       sent {one.case.sends}\n       expected {one.case.expects}"
        )
