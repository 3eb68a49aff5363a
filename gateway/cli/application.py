# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All nouns and verbs in one application."""

import typer

from gateway.cli import (
    adapter,
    agreement,
    audit,
    channel,
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
    mock,
    partner,
    pki,
    postal,
    query,
    referral,
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
    add_completion=True,
)
for noun, module in (
    ("adapter", adapter),
    ("agreement", agreement),
    ("audit", audit),
    ("channel", channel),
    ("conformance", conformance),
    ("control", control),
    ("edifact", edifact),
    ("enterprise", enterprise),
    ("mock", mock),
    ("partner", partner),
    ("pki", pki),
    ("postal", postal),
    ("query", query),
    ("referral", referral),
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
application.command("errors")(errors.errors)
application.add_typer(stats.app, name="stats")
application.command("demo")(demo.demo)
application.command("doctor")(doctor.doctor)
