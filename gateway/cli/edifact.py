# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway edifact`: check a file offline, and show what the engine finds in planted faults."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.formats.edifact import Fault, Guides, Interchange, Message
    from gateway.sample.edifact_faults import Planted

app = typer.Typer(help="UN/EDIFACT syntax, offline.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="An interchange.", exists=True, dir_okay=False)],
    *,
    guide: Annotated[
        list[Path] | None,
        typer.Option("--guide", help="Folder of message guides; later ones override.", file_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check an interchange against message guides; exit 1 if anything in it must be refused."""
    import json

    from gateway.cli.printing import finding_dict, print_findings
    from gateway.errors import ConfigError
    from gateway.formats.edifact import Interchange, load_guides, own_guides, read

    try:
        guides = load_guides(guide or [], own_guides())
    except ConfigError as error:
        typer.echo(f"gateway: {error}", err=True)
        raise typer.Exit(2) from error
    refused = False
    for event in read(_pieces(file), guides):
        refused = refused or not event.accepted
        findings = [one.finding() for one in event.faults]
        if as_json:
            said = {**_said(event), "findings": [finding_dict(one) for one in findings]}
            typer.echo(json.dumps(said, ensure_ascii=False))
            continue
        if isinstance(event, Interchange) or findings:
            typer.echo(" ".join(f"{key} {value}" for key, value in _said(event).items() if value != ""))
        print_findings(findings)
    if refused:
        raise typer.Exit(1)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(65_536):
            yield piece


def _said(event: "Message | Interchange") -> dict[str, object]:
    """Return what identifies a message or an interchange, without any name or address."""
    from gateway.formats.edifact import Message

    if isinstance(event, Message):
        return {
            "message": event.number,
            "reference": event.reference,
            "type": str(event.identity),
            "segments": event.count,
            "accepted": event.accepted,
        }
    return {
        "interchange": event.number,
        "reference": event.header.reference if event.header else "",
        "syntax": event.syntax,
        "charset": event.charset,
        "messages": event.message_count,
        "refused": event.rejected_count,
        "accepted": event.accepted,
    }


@app.command()
def faults(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Plant every named fault, run the engine, print what it found; exit 1 if one is missed."""
    from gateway.cli.printing import print_json
    from gateway.formats.edifact import own_guides
    from gateway.sample.edifact_faults import own_faults, ten_faults

    guides = own_guides()
    tables = {
        "The ten faults of the comparison": [_row(one, guides) for one in ten_faults()],
        "Faults of our own naming": [_row(one, guides) for one in own_faults()],
    }
    if as_json:
        print_json([row for rows in tables.values() for row in rows])
    else:
        typer.echo(_markdown(tables))
    if not all(row["caught"] for rows in tables.values() for row in rows):
        raise typer.Exit(1)


def _row(planted: "Planted", guides: "Guides") -> dict[str, object]:
    """Return what the engine says of one planted fault."""
    from gateway.formats.edifact import parse, syntax_error
    from gateway.formats.edifact.fault import Fault

    found: list[Fault] = []
    for interchange in parse(planted.raw, guides).interchanges:
        found += interchange.faults
        for message in interchange.messages:
            found += message.faults
    spoken = next((one for one in found if one.code == planted.code), None)
    return {
        "name": planted.name,
        "fault": planted.what,
        "caught": spoken is not None and any(one.rejects for one in found) == planted.rejects,
        "code": planted.code,
        "contrl": syntax_error(spoken) if spoken and spoken.rejects else "",
        "position": spoken.finding().position if spoken else "",
        "says": _sentence(spoken) if spoken else "",
        "others": sorted({one.code for one in found} - {planted.code}),
    }


def _sentence(fault: "Fault") -> str:
    """Return the meaning of a fault with what was expected and found."""
    from gateway.finding import catalogue

    parts = [catalogue()[fault.code].meaning]
    parts += [f"Expected {fault.expected}."] * bool(fault.expected)
    parts += [f"Found {fault.actual}."] * bool(fault.actual)
    return " ".join(parts).replace("|", "\\|")


def _markdown(tables: dict[str, list[dict[str, object]]]) -> str:
    """Return the page `docs/edifact-faults.md`."""
    lines = [
        "# Planted faults",
        "",
        "Made by `gateway edifact faults`, which plants each fault in a faultless interchange and runs the",
        "engine. The column CONTRL is the code of data element 0085; a fault without one refuses nothing, or",
        "leaves nobody who could be answered.",
    ]
    for title, rows in tables.items():
        caught = sum(bool(row["caught"]) for row in rows)
        lines += ["", f"## {title}: {caught} of {len(rows)} caught", ""]
        lines += ["| Fault | Caught | Code | CONTRL | Position | What it says |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {row['fault']} | {'yes' if row['caught'] else '**no**'} | `{row['code']}` | {row['contrl']} "
            f"| {row['position']} | {row['says']} |"
            for row in rows
        ]
    return "\n".join(lines)
