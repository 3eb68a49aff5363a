# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway validate|convert|explain`: the library floors at work, without server or database."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.model import DecodedMessage, Encoded

ADAPTERS = ("gacc_ceb", "supplement")
JSON_OPTION = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FILE = Annotated[Path, typer.Argument(help="A message file.", exists=True, dir_okay=False)]


def _decode(file: Path, adapter: str) -> "DecodedMessage":
    """Read a message file with the named adapter or the one that recognises it."""
    from gateway.errors import ConfigError
    from gateway.registry import load_adapters, recognise
    from gateway.sdk import Limits

    adapters = load_adapters((adapter,) if adapter else ADAPTERS)
    raw = file.read_bytes()
    name = adapter or recognise(adapters, raw)
    if not name:
        raise ConfigError(f"no enabled adapter recognises {file.name}; name one with --from")
    return adapters[name].decode(raw, Limits())


def validate(
    file: FILE,
    source: Annotated[str, typer.Option("--from", help="Adapter; recognised if not given.")] = "",
    as_json: JSON_OPTION = False,
) -> None:
    """Check a message file and print every finding; exit 1 if any document would be refused."""
    from gateway.cli.printing import finding_dict, print_findings, print_json
    from gateway.finding import has_errors

    message = _decode(file, source)
    refused = sum(has_errors(one.findings) for one in message.documents)
    whole = has_errors(message.findings)
    found = [*message.findings, *(one for document in message.documents for one in document.findings)]
    if as_json:
        print_json(
            {
                "message_type": message.message_type,
                "documents": len(message.documents),
                "refused": len(message.documents) if whole else refused,
                "findings": [finding_dict(one) for one in found],
            }
        )
    else:
        typer.echo(
            f"{message.message_type or 'unknown message'}: {len(message.documents)} documents, "
            f"{'all' if whole else refused} refused, {len(found)} findings"
        )
        print_findings(found)
    if whole or refused:
        raise typer.Exit(1)


def convert(
    file: FILE,
    target: Annotated[str, typer.Option("--to", help="Adapter:type, for example gacc_ceb:CEB505, or json.")],
    source: Annotated[str, typer.Option("--from", help="Adapter; recognised if not given.")] = "",
    loss: Annotated[bool, typer.Option("--loss", help="Print what was lost to standard error.")] = False,
) -> None:
    """Convert a message file to another form; each contribution becomes a document of its own."""
    import msgspec

    from gateway.cli.printing import print_findings
    from gateway.registry import load_adapters

    message = _decode(file, source)
    items = [one.item for document in message.documents for one in document.contributions]
    print_findings(message.findings)
    for document in message.documents:
        print_findings(document.findings)
    if target == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(items)) + b"\n")
        return
    name, _, message_type = target.partition(":")
    encoded = load_adapters((name,))[name].encode(message_type, items, datetime.now(UTC))
    sys.stdout.buffer.write(encoded.body + b"\n")
    if loss:
        _print_losses(encoded)


def _print_losses(encoded: "Encoded") -> None:
    """Write the loss report of a conversion for people."""
    for one in encoded.losses:
        typer.echo(f"{one.kind} {one.path} -> {one.outside_path or '-'} {one.rule} {one.detail}", err=True)


def explain(
    path: Annotated[
        str, typer.Argument(help="A canonical path, for example content[].quantity.value; empty for all.")
    ] = "",
    adapter: Annotated[str, typer.Option(help="Adapter whose tables are asked.")] = "gacc_ceb",
    message_type: Annotated[str, typer.Option("--type", help="One message type only.")] = "",
) -> None:
    """Show which outside fields feed a canonical field, by which rule and source; all tables if no path."""
    from gateway.mapping import document_table
    from gateway.mapping import explain as explain_path
    from gateway.registry import load_adapters

    tables = load_adapters((adapter,))[adapter].tables()
    found = False
    for name, table in tables.items():
        if message_type and name != message_type:
            continue
        if not path:
            typer.echo(document_table(table))
            found = True
            continue
        for row in explain_path(table, path):
            typer.echo(f"{name}  {row}")
            found = True
    if not found:
        typer.echo(f"gateway: no table of {adapter} feeds {path or message_type}", err=True)
        raise typer.Exit(1)
