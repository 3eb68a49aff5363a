# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway validate|convert`: the library floors at work, without server or database."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.conversion import Change
    from gateway.model import DecodedMessage
    from gateway.sdk import Adapter

JSON_OPTION = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FILE = Annotated[Path, typer.Argument(help="A message file.", exists=True, dir_okay=False)]


def _reader(file: Path, raw: bytes, name: str) -> "Adapter":
    """Return the named adapter, or the one of all installed that recognises the bytes.

    Raises:
        ConfigError: none does, or more than one.
    """
    from gateway.errors import ConfigError
    from gateway.registry import installed, load_adapters

    if name:
        return load_adapters((name,))[name]
    found = [one.adapter for one in installed() if one.adapter is not None and one.adapter.recognises(raw)]
    if len(found) != 1:
        names = ", ".join(one.name for one in found)
        problem = f"{names} all recognise {file.name}" if found else f"no adapter recognises {file.name}"
        raise ConfigError(f"{problem}; name one with --from")
    return found[0]


def _decode(file: Path, adapter: str) -> "DecodedMessage":
    """Read a message file with the named adapter or the one that recognises it."""
    from gateway.sdk import Limits

    raw = file.read_bytes()
    return _reader(file, raw, adapter).decode(raw, Limits())


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


def convert(  # noqa: PLR0917 - an option list, always given by name
    file: FILE,
    target: Annotated[str, typer.Option("--to", help="Adapter, for example uk_cds; or json for records.")],
    source: Annotated[str, typer.Option("--from", help="Adapter; recognised if not given.")] = "",
    message_type: Annotated[
        str, typer.Option("--type", help="Message type; the one that loses least if not given.")
    ] = "",
    loss: Annotated[
        bool, typer.Option("--loss", help="Print what was lost, and by which rule, to standard error.")
    ] = False,
    as_json: JSON_OPTION = False,
) -> None:
    """Print a message in another format; exit 1 with findings if it cannot be written."""
    import msgspec

    from gateway.cli.printing import finding_dict, print_findings, print_json
    from gateway.conversion import convert as converted
    from gateway.conversion import unmapped, untaken
    from gateway.registry import load_adapters
    from gateway.sdk import Limits

    raw = file.read_bytes()
    reader = _reader(file, raw, source)
    message = reader.decode(raw, Limits())
    contributions = [one for document in message.documents for one in document.contributions]
    items, kinds = [one.item for one in contributions], frozenset(one.kind.value for one in contributions)
    found = [*message.findings, *(one for document in message.documents for one in document.findings)]
    if not as_json:
        print_findings(found)
    if target == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(items)) + b"\n")
        return
    name, _, colon = target.partition(":")
    done = converted(load_adapters((name,))[name], message_type or colon, items, kinds, datetime.now(UTC))
    tables = reader.tables()
    table = tables.get(message.message_type)
    seen = list(unmapped(raw, table)) if table else []
    told = {one.rule for one in seen} - {""}
    seen += [one for one in untaken(found, tables, message.message_type) if one.rule not in told]
    changes = [*seen, *done.changes]
    if as_json:
        print_json(
            {
                "message_type": done.message_type,
                "content_type": done.content_type,
                "documents": [one.decode("utf-8", "replace") for one in done.documents],
                "losses": [_change_dict(one) for one in changes],
                "findings": [finding_dict(one) for one in (*found, *done.findings)],
            }
        )
        return
    print_findings(done.findings)
    if not (message_type or colon):
        typer.echo(f"written as {done.message_type}", err=True)
    sys.stdout.buffer.write(b"\n".join(done.documents) + b"\n")
    if loss:
        _print_changes(changes)


def _change_dict(one: "Change") -> dict[str, str]:
    from dataclasses import asdict

    return asdict(one)


def _print_changes(changes: Iterable["Change"]) -> None:
    """Write the loss report of a conversion for people."""
    count = 0
    for one in changes:
        count += 1
        where = f"{one.path or '-'} -> {one.outside_path or '-'}"
        typer.echo(f"{one.kind:9}  {where}  [{one.rule or 'no rule'}; {one.cite or 'no citation'}]", err=True)
        if one.detail:
            typer.echo(f"           {one.detail}", err=True)
    typer.echo(f"{count} changes" if count else "nothing was lost", err=True)
