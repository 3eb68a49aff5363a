# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway adapter new|check|list`: make an adapter, ask the conformance kit about one, see what there is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.sdk.kit import Report

app = typer.Typer(help="Adapters of outside formats.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NAME = Annotated[str, typer.Argument(help="Name of an adapter.")]


@app.command()
def new(
    name: NAME,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to make it; the name if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the folder of a new adapter that passes its own tests, to be changed step by step."""
    from gateway.cli.printing import print_json
    from gateway.sdk.scaffold import make_adapter

    place = folder or Path(name)
    made = make_adapter(name, place)
    if as_json:
        print_json({"folder": str(place), "files": [str(one) for one in made]})
        return
    typer.echo(f"made {place} with {len(made)} files")
    typer.echo(f"next: pip install --editable {place}; gateway adapter check {name}")


@app.command()
def check(
    name: NAME,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Folder with samples/; that of the adapter if not given.")
    ] = None,
    write_expected: Annotated[
        bool, typer.Option("--write-expected", help="First write the expected JSON that is absent.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the conformance kit about an installed adapter; exit 1 if anything does not hold."""
    from gateway.cli.printing import print_json
    from gateway.registry import load_adapters
    from gateway.sdk import kit

    adapter = load_adapters((name,))[name]
    if write_expected:
        for file in kit.write_expected(adapter, folder):
            typer.echo(f"wrote {file}; read it before you trust it", err=True)
    report = kit.check_adapter(adapter, folder)
    if as_json:
        print_json(_report_dict(report))
    else:
        typer.echo("\n".join(report.lines()))
        typer.echo(f"{name}: {'good' if report.good else f'{len(report.faults)} faults'}")
    if not report.good:
        raise typer.Exit(1)


@app.command("list")
def list_adapters(
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Show which adapters are installed, from where, and which of them this node has enabled."""
    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.registry import installed

    enabled = load_config(config).adapters if config.exists() else ()
    found = installed()
    rows = [
        {
            "name": one.name,
            "distribution": one.distribution,
            "enabled": one.name in enabled,
            "message_types": list(one.message_types),
            "problem": one.problem,
        }
        for one in found
    ]
    known = {one.name for one in found}
    absent = [name for name in enabled if name not in known]
    if as_json:
        print_json({"adapters": rows, "enabled_but_absent": absent})
    else:
        for one in found:
            state = one.problem or ("enabled" if one.name in enabled else "installed")
            types = ", ".join(one.message_types)
            typer.echo(f"{one.name:14} {state:10} {one.distribution:20} {types}".rstrip())
        for name in absent:
            typer.echo(f"{name:14} enabled, but not installed", err=True)
    if absent:
        raise typer.Exit(1)


def _report_dict(report: "Report") -> dict[str, object]:
    """Return a report as JSON holds it."""
    from dataclasses import asdict

    return {"good": report.good, **asdict(report)}
