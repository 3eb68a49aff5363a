# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway explain`: which rules made a field what it is, for one item to a partner or in general."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.inspection import ConfigOption, JsonOption


def explain(  # noqa: PLR0917 - an option list, always given by name
    subject: Annotated[
        str,
        typer.Argument(
            help="A tracking number with --for, else a canonical path like content[].hs; empty for all."
        ),
    ] = "",
    partner: Annotated[
        str, typer.Option("--for", help="Organisation to which an item went or would go.")
    ] = "",
    partner_format: Annotated[
        str, typer.Option("--format", help="With --for: the adapter in whose format the partner has it.")
    ] = "",
    adapter: Annotated[str, typer.Option(help="Without --for: adapter whose tables are asked.")] = "gacc_ceb",
    message_type: Annotated[str, typer.Option("--type", help="One message type only.")] = "",
    rule: Annotated[
        str, typer.Option("--rule", help="A rule of export lists by its id, as findings name it.")
    ] = "",
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Show source path, canonical path, treatment, what was released and the partner's path, with rule ids.

    Without --for: show which outside fields feed a canonical field, by which rule and source.
    With --rule: show what a finding about an export list rests on: days, limit and source.
    """
    if rule:
        _explain_rule(rule, adapter, config, as_json=as_json)
    elif partner:
        _explain_item(subject, partner, partner_format, message_type, config, as_json=as_json)
    else:
        _explain_tables(subject, adapter, message_type, as_json=as_json)


def _explain_rule(name: str, adapter: str, config: Path, *, as_json: bool) -> None:
    """Print a rule of the node, of the package or of the adapter; exit 1 if none has the id."""
    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.dated_rule import dated_rule, rule_lines
    from gateway.registry import load_adapters

    file = load_config(config).b2b.rules if config.exists() else ""
    found = dated_rule(name, file, load_adapters((adapter,))[adapter])
    if found is None:
        typer.echo(f"gateway: no rule {name} of export lists", err=True)
        raise typer.Exit(1)
    if as_json:
        print_json(found)
    else:
        typer.echo("\n".join(rule_lines(found)))


def _explain_tables(path: str, adapter: str, message_type: str, *, as_json: bool) -> None:
    """Print the rows of an adapter's tables that feed a path, or the tables."""
    from gateway.cli.printing import print_json
    from gateway.mapping import document_table
    from gateway.mapping import explain as explain_path
    from gateway.registry import load_adapters

    tables = {
        name: table
        for name, table in load_adapters((adapter,))[adapter].tables().items()
        if message_type in ("", name)
    }
    rows = [
        (name, row)
        for name, table in tables.items()
        for row in (explain_path(table, path) if path else table.rules.values())
    ]
    if as_json:
        print_json(
            [
                {
                    "message_type": name,
                    "outside_path": f"{row.group}/{row.outside}".strip("/"),
                    "path": row.path,
                    "rule": row.rule,
                    "cite": row.cite,
                }
                for name, row in rows
            ]
        )
    elif path:
        for name, row in rows:
            typer.echo(f"{name}  {row}")
    else:
        for table in tables.values():
            typer.echo(document_table(table))
    if not rows:
        typer.echo(f"gateway: no table of {adapter} feeds {path or message_type}", err=True)
        raise typer.Exit(1)


def _explain_item(
    tracking: str, partner: str, adapter: str, message_type: str, config: Path, *, as_json: bool
) -> None:
    """Print the way of every field of an item to a partner; exit 1 if nothing is known of it."""
    import asyncio

    import msgspec

    from gateway.cli.printing import print_json
    from gateway.config import load_config
    from gateway.explanation import explain_item, lines

    found = asyncio.run(explain_item(load_config(config), tracking, partner, adapter, message_type))
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        for one in found:
            typer.echo("\n".join(lines(one)))
    if not found:
        typer.echo(f"gateway: nothing of {tracking} goes to {partner}", err=True)
        raise typer.Exit(1)
