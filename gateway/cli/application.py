# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All nouns and verbs in one application."""

from typing import Annotated

import typer

from gateway.cli import (
    access,
    adapter,
    agreement,
    archive,
    audit,
    channel,
    completion,
    conformance,
    control,
    conversion,
    demo,
    doctor,
    edifact,
    enterprise,
    errors,
    explain,
    init,
    inspection,
    keys,
    mock,
    partner,
    pki,
    postal,
    query,
    referral,
    remote,
    replay,
    returns,
    sample,
    serve,
    stats,
    stock,
    submit,
)

application = typer.Typer(
    name="gateway",
    help="Turn domestic customs declarations into signed, receipted, logged advance data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gateway {version('ead-gateway')}")
        raise typer.Exit


@application.callback()
def gateway(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Turn domestic customs declarations into signed, receipted, logged advance data."""


for noun, module in (
    ("access", access),
    ("adapter", adapter),
    ("agreement", agreement),
    ("archive", archive),
    ("audit", audit),
    ("channel", channel),
    ("conformance", conformance),
    ("control", control),
    ("edifact", edifact),
    ("enterprise", enterprise),
    ("keys", keys),
    ("mock", mock),
    ("partner", partner),
    ("pki", pki),
    ("postal", postal),
    ("query", query),
    ("referral", referral),
    ("remote", remote),
    ("return", returns),
    ("sample", sample),
    ("stock", stock),
):
    application.add_typer(module.app, name=noun)
application.command("init")(init.init)
application.command("serve")(serve.serve)
application.command("submit")(submit.submit)
application.command("status")(inspection.status)
application.command("trace")(inspection.trace)
application.command("received")(inspection.received)
application.command("validate")(conversion.validate)
application.command("convert")(conversion.convert)
application.command("explain")(explain.explain)
application.command("replay")(replay.replay)
application.command("completion")(completion.completion)
application.command("errors")(errors.errors)
application.add_typer(stats.app, name="stats")
application.command("demo")(demo.demo)
application.command("doctor")(doctor.doctor)
